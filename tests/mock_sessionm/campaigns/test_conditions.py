from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.campaigns.conditions import all_hold
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.campaigning import ADA, campaigning

FAKE = campaigning(tiers=[{"name": "Silver", "points": 10}])


def holds(*conditions: dict[str, Any], fake: Asker = FAKE) -> bool:
    customer = fake.tenant.customers.by_id(ADA)
    assert customer is not None
    return all_hold(fake.tenant, customer, conditions)


@pytest.fixture
def ada() -> Asker:
    fake = campaigning(tiers=[{"name": "Silver", "points": 10}])
    fake.core("POST", "/external/users/ada/tags", {"tags": ["twice"]})
    fake.core("POST", "/external/users/ada/tags", {"tags": ["twice"]})
    fake.core("POST", "/external/users/ada/tags", {"tags": ["short"], "ttl": 60})
    fake.core("PUT", "/external/users/ada", {"user": {"city": "Boston", "user_profile": {"FavoriteStore": "Lyon"}}})
    fake.tenant.books.deposit(ADA, 10)
    return fake


@pytest.mark.parametrize(
    ("condition", "holding"),
    [
        ({"tag": "short"}, True),
        ({"tag": "long"}, False),
        ({"tag": "twice", "count_at_least": 2}, True),
        ({"tag": "twice", "count_at_least": 3}, False),
        ({"tag": "short", "count_at_least": 3}, True),
        ({"attribute": "FavoriteStore"}, True),
        ({"attribute": "favoritestore"}, False),
        ({"attribute": "FavoriteStore", "is": "Lyon"}, True),
        ({"attribute": "FavoriteStore", "is": "Boston"}, False),
        ({"field": "city"}, True),
        ({"field": "zip"}, False),
        ({"field": "city", "is": "Boston"}, True),
        ({"field": "city", "is": "Lyon"}, False),
        ({"tier": "Silver"}, True),
        ({"tier": "Gold"}, False),
        ({"points_at_least": 10}, True),
        ({"points_at_least": 11}, False),
        ({"not": {"tag": "long"}}, True),
        ({"not": {"tag": "short"}}, False),
        ({"any_of": [{"tag": "long"}, {"tag": "short"}]}, True),
        ({"any_of": [{"tag": "long"}, {"field": "zip"}]}, False),
        ({"all_of": [{"tag": "twice"}, {"tag": "short"}]}, True),
        ({"all_of": [{"tag": "twice"}, {"tag": "long"}]}, False),
    ],
)
def test_each_kind_of_condition_is_held_against_the_customer(
    ada: Asker, condition: dict[str, Any], *, holding: bool
) -> None:
    assert holds(condition, fake=ada) is holding


def test_a_tag_holds_until_its_last_second_is_over(ada: Asker) -> None:
    ada.tenant.clock.advance(59)
    assert holds({"tag": "short"}, fake=ada)
    ada.tenant.clock.advance(1)
    assert not holds({"tag": "short"}, fake=ada)


def test_somebody_of_whom_nothing_is_known_fulfils_no_condition_but_a_denial() -> None:
    for one in ({"tag": "a"}, {"attribute": "a"}, {"field": "zip"}, {"tier": "Silver"}, {"points_at_least": 1}):
        assert not holds(one)
        assert holds({"not": one})


leaves = st.sampled_from([{"tag": "none"}, {"field": "email"}, {"field": "zip"}, {"field": "first_name", "is": "Ada"}])


@given(st.lists(leaves, min_size=1, max_size=4))
def test_all_any_and_not_keep_their_law(parts: list[dict[str, Any]]) -> None:
    nots = [{"not": one} for one in parts]
    assert holds({"all_of": parts}) == holds(*parts)
    assert holds({"any_of": parts}) == (not holds({"all_of": nots}))
