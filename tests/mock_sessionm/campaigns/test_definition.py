from typing import Any

import pytest

from contracts.settings import SettingsError
from mock_sessionm.campaigns.definition import Campaign, campaigns_of, messages_of, variants_of
from tests.mock_sessionm.campaigning import tenant_file

VISIT = {"event": "visit"}


def one(**parts: Any) -> Campaign:
    return campaigns_of({"campaigns": [{"id": "c", "trigger": VISIT, **parts}]})[0]


def test_what_a_file_leaves_out_is_the_plainest() -> None:
    made = one()
    assert (made.name, made.goal, made.repeats, made.starts, made.ends, made.conditions) == (
        "c",
        1,
        None,
        None,
        None,
        (),
    )


def test_times_are_read_with_their_zone_and_as_utc_without_one() -> None:
    made = one(starts="2026-06-15T12:00:00Z", ends="2026-06-15T14:00:00+02:00")
    assert made.starts == made.ends == 1_781_524_800.0


def test_a_schedule_has_its_times_and_ends_with_the_campaign() -> None:
    daily = one(trigger={"first": "1970-01-02T00:00:00Z", "every": "1d"}, ends="1970-01-04T00:00:00Z")
    assert [daily.time(number) for number in range(3)] == [86_400.0, 172_800.0, None]
    once = one(trigger={"at": "1970-01-02T00:00:00Z"})
    assert [once.time(number) for number in range(2)] == [86_400.0, None]
    assert one().time(0) is None


@pytest.mark.parametrize(("now", "passed"), [(0, 0), (86_399, 0), (86_400, 1), (172_799, 1), (172_800, 2)])
def test_a_time_has_passed_at_its_own_second(now: float, passed: int) -> None:
    assert one(trigger={"first": "1970-01-02T00:00:00Z", "every": "1d"}).passed(now) == passed
    assert one(trigger={"at": "1970-01-02T00:00:00Z"}).passed(now) == min(passed, 1)
    assert one().passed(now) == 0


def test_messages_on_the_way_come_before_those_at_the_goal() -> None:
    made = one(outcomes=[{"tag": "a"}, {"message": "done"}], progress_outcomes=[{"message": "underway"}])
    assert [each["message"] for each in messages_of(made)] == ["underway", "done"]


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (
            {"campaigns": [{"id": "c", "trigger": VISIT}, {"id": "c", "trigger": VISIT}]},
            "campaigns.1.id stands there twice",
        ),
        ({"message_variants": [{"name": "v"}, {"name": "v"}]}, "message_variants.1.name stands there twice"),
        (
            {"campaigns": [{"id": "c", "trigger": VISIT, "starts": "2026-02-30T00:00:00Z"}]},
            "campaigns.0.starts has no time",
        ),
        ({"campaigns": [{"id": "c", "trigger": {"at": "2026-02-30T00:00:00Z"}}]}, "campaigns.0.trigger has no time"),
        (
            {"campaigns": [{"id": "c", "trigger": {"first": "2026-02-01T00:00:00Z", "every": "0s"}}]},
            "trigger.every is less than a second",
        ),
        (
            {"campaigns": [{"id": "c", "trigger": {"event": "visit", "at": "2026-02-01T00:00:00Z"}}]},
            "campaigns.0.trigger",
        ),
        ({"campaigns": [{"id": "c", "trigger": VISIT, "goal": 0}]}, "campaigns.0.goal"),
        ({"campaigns": [{"id": "c", "trigger": VISIT, "outcomes": [{"tag": "a", "points": 1}]}]}, "outcomes.0"),
        ({"campaigns": [{"id": "c", "trigger": VISIT, "conditions": [{"tag": "a", "tier": "b"}]}]}, "conditions.0"),
        ({"campaigns": [{"id": "c", "trigger": VISIT, "condition": []}]}, "did you mean 'conditions'"),
        ({"message_variants": [{"name": "v", "endpoint": "rest.braze.com"}]}, "message_variants.0.endpoint"),
        ({"feed": {"endpoint": "http://h/v2/events"}}, "feed.endpoint"),
    ],
)
def test_a_bad_table_is_one_line_that_names_its_place(tables: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        tenant_file(**tables)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_variants_are_known_by_their_names() -> None:
    made = variants_of({"message_variants": [{"name": "v", "groups": ["offer"]}]})
    assert made["v"].groups == ("offer",)
    assert (made["v"].target, made["v"].email, made["v"].canvas_properties) == (None, None, None)
