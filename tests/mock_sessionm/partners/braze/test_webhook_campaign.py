from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contracts.settings import SettingsError
from mock_sessionm.partners.braze.message import Person
from mock_sessionm.partners.braze.webhook import Webhook
from mock_sessionm.partners.braze.webhook_campaign import Audience, Schedule, WebhookCampaign, read_campaign

ROOT = Path(__file__).parents[4]


def written(folder: Path, text: str, name: str = "message.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_of_the_docs_is_a_message() -> None:
    made = read_campaign(ROOT / "docs/examples/webhook.toml")
    assert made.webhook.method == "POST"
    assert made.webhook.headers["Authorization"].startswith(" Basic ")
    assert made.schedule.at is not None
    assert made.audience.segment is not None


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    toml = written(tmp_path, '[webhook]\nurl = "u"\nbody = "b"\n[schedule]\nat = 2026-01-01T00:00:00Z\n')
    json = written(
        tmp_path,
        '\ufeff{"webhook": {"url": "u", "body": "b"}, "schedule": {"at": "2026-01-01T00:00:00Z"}}',
        "message.json",
    )
    assert read_campaign(toml) == read_campaign(json)
    assert read_campaign(toml) == WebhookCampaign(Webhook("u", body="b"), Schedule(1_767_225_600.0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing required setting webhook"),
        ("[webhook]\n", "missing required setting webhook.url"),
        ("[webhook]\nurl = ''\n", "webhook.url must not be empty"),
        ("[webhook]\nurl = 5\n", "webhook.url must be text"),
        ("[webhook]\nurl = 'u'\nmethode = 'GET'\n", "did you mean 'method'?"),
        ("[webhook]\nurl = 'u'\n[schedule]\nevery = '1d'\n", "schedule"),
        ("[webhook]\nurl = 'u'\n[schedule]\nevery = '1 day'\ntimes = 2\n", "schedule.every"),
        ("[webhook]\nurl = 'u'\n[schedule]\nevery = '1d'\ntimes = 100_000_000\n", "lower schedule.every"),
        ("[webhook]\nurl = 'u'\n[schedule]\nat = 9999-01-02T00:00:00Z\n", "goes on after the year 9998"),
        ("[webhook]\nurl = 'u'\n[schedule]\nat = 'soon'\n", "schedule.at is a time such as"),
        ("[webhook]\nurl = 'u'\n[audience]\nuser_ids = 'a'\n", "audience.user_ids must be a list"),
        ("[webhook]\nurl = 'u'\n[audience.segment]\nNOT = []\n", "audience.segment.NOT is not a setting"),
        (
            "[webhook]\nurl='u'\n[audience.segment.custom_attribute]\ncustom_attribute_name='a'\ncomparison='like'\n",
            "audience.segment.custom_attribute: a comparison that there is not; known: after",
        ),
        ("url: u", "is not TOML"),
        ("{", "is not JSON"),
        ("{}", "missing required setting webhook"),
    ],
)
def test_a_wrong_message_is_one_line_with_the_file(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as found:
        read_campaign(path)
    assert str(found.value).startswith(str(path))
    assert says in str(found.value)
    assert "\n" not in str(found.value)


def test_a_message_may_be_sent_until_the_end_of_the_year_9998(tmp_path: Path) -> None:
    last = "[webhook]\nurl = 'u'\n[schedule]\nat = 9998-12-30T23:59:59Z\nevery = '1d'\ntimes = "
    assert read_campaign(written(tmp_path, last + "2")).schedule.times_sent == 2
    with pytest.raises(SettingsError, match="goes on after the year 9998"):
        read_campaign(written(tmp_path, last + "3"))


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_campaign(tmp_path / "none.toml")
    path = tmp_path / "latin.toml"
    path.write_bytes(b"name = '\xe9'")
    with pytest.raises(SettingsError, match="not UTF-8 at byte 8"):
        read_campaign(path)


def test_a_secret_may_stand_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_TEST_KEY", "Basic x")
    path = written(tmp_path, '[webhook]\nurl = "u"\n[webhook.headers]\nAuthorization = { env = "HARNESS_TEST_KEY" }\n')
    assert read_campaign(path).webhook.headers == {"Authorization": "Basic x"}


@pytest.mark.parametrize(
    ("schedule", "times"),
    [
        (Schedule(), [50.0]),
        (Schedule(at=100.0), [100.0]),
        (Schedule(every=10.0, times_sent=3), [50.0, 60.0, 70.0]),
        (Schedule(at=100.0, every=10.0, times_sent=2), [100.0, 110.0]),
    ],
)
def test_a_schedule_gives_its_moments(schedule: Schedule, times: list[float]) -> None:
    assert list(schedule.times(50.0)) == times


def leaf(comparison: str, value: Any = None, name: str = "a") -> dict[str, Any]:
    return {"custom_attribute": {"custom_attribute_name": name, "comparison": comparison, "value": value}}


@pytest.mark.parametrize(
    ("segment", "attributes", "inside"),
    [
        (leaf("equals", "x"), {"a": "x"}, True),
        (leaf("equals", "x"), {}, False),
        (leaf("greater_than", 5), {"a": 6}, True),
        (leaf("greater_than", 5), {"a": "6"}, False),
        (leaf("exists"), {"a": 0}, True),
        (leaf("does_not_exist"), {}, True),
        ({"AND": [leaf("exists"), leaf("equals", 1, "b")]}, {"a": 1, "b": 1}, True),
        ({"AND": [leaf("exists"), leaf("equals", 1, "b")]}, {"a": 1, "b": 2}, False),
        ({"OR": [leaf("exists"), leaf("equals", 1, "b")]}, {"b": 1}, True),
        ({"OR": [leaf("exists"), leaf("equals", 1, "b")]}, {}, False),
    ],
)
def test_a_segment_is_a_filter_over_custom_attributes(
    segment: dict[str, Any], attributes: dict[str, Any], inside: bool
) -> None:
    assert Audience(segment=segment).takes(Person({"user_id": "u"}, attributes), 0.0) is inside


def test_membership_is_found_out_at_the_moment_that_is_asked_about() -> None:
    audience = Audience(segment=leaf("less_than_x_days_ago", 2))
    person = Person({"user_id": "u"}, {"a": "1970-01-01T00:00:00Z"})
    assert audience.takes(person, 86_400.0)
    assert not audience.takes(person, 3 * 86_400.0)


def test_a_message_can_have_its_texts_changed() -> None:
    made = WebhookCampaign(Webhook("u", "PUT", {"h": "v"}, "b"), Schedule(5.0)).replaced(str.upper)
    assert made == WebhookCampaign(Webhook("U", "PUT", {"h": "V"}, "B"), Schedule(5.0))
