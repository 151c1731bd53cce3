import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mock_sessionm.asking import Asker, asker

PATH = "/external/users/e/tags"
SHARED = asker()


@pytest.mark.parametrize(
    ("choice", "tags"), [("by-name", {"gold": {"count": 1}}), ("list", [{"tag": "gold", "count": 1}])]
)
def test_the_answer_has_the_form_of_the_choice(choice: str, tags: object) -> None:
    fake = asker(assume={"tag-answer": choice})
    fake.create(external_id="e")
    assert fake.core("POST", PATH, {"tags": ["gold"]}).body["tags"] == tags
    assert fake.core("GET", PATH).body["tags"] == tags
    assert fake.tenant.used["tag-answer"] == 2


def test_an_expiring_tag_shows_what_is_left_and_when_it_ends(fake: Asker) -> None:
    fake.create(external_id="e")
    fake.core("POST", PATH, {"tags": ["gold"], "ttl": 60})
    fake.tenant.clock.advance(10.5)
    assert fake.core("GET", PATH).body["tags"] == {"gold": {"ttl": 50, "expires_at": "2026-06-15 12:01:00"}}


@given(st.integers(1, 10**9), st.floats(0, 2e9))
def test_a_tag_is_there_exactly_until_its_time_is_over(ttl: int, later: float) -> None:
    fake = SHARED.afresh()
    fake.create(external_id="e")
    fake.core("POST", PATH, {"tags": ["gold"], "ttl": ttl})
    start = fake.tenant.clock.now()
    fake.tenant.clock.set(start + later)
    assert ("gold" in fake.core("GET", PATH).body["tags"]) is (fake.tenant.clock.now() < start + ttl)


@pytest.mark.parametrize("ttl", [0, -5])
def test_a_ttl_that_is_over_ends_a_tag_where_that_is_the_choice(ttl: int) -> None:
    fake = asker(assume={"tag-ttl-zero": "expires-now"})
    fake.create(external_id="e")
    fake.core("POST", PATH, {"tags": ["gold", "new"], "ttl": 60})
    answer = fake.core("POST", PATH, {"tags": ["gold"], "ttl": ttl})
    assert set(answer.body["tags"]) == {"new"}
    assert answer.rules == []


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1), min_size=1, max_size=8))
def test_a_counter_counts_the_calls_that_named_it(calls: list[list[str]]) -> None:
    fake = SHARED.afresh()
    fake.create(external_id="e")
    for tags in calls:
        fake.core("POST", PATH, {"tags": tags})
    shown = fake.core("GET", PATH).body["tags"]
    assert {name: tag["count"] for name, tag in shown.items()} == {
        name: sum(name in tags for tags in calls) for name in {name for tags in calls for name in tags}
    }
