from __future__ import annotations

import pytest

from forwarder import Fate, Plan
from scenarios.fates import FateCount, name_of


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("/mpid", "mpid"),
        ("/events/0", "event"),
        ("/events/12/data/custom_attributes/a~1b", "event attribute a/b"),
        ("/user_attributes/a~0b", "user attribute a~b"),
        ("/user_identities/email", "user identity email"),
        ("/user_identities/0", "user identity"),
        ("/deleted_user_attributes/3", "deleted attribute"),
        ("/user_attributes/", "user attribute "),
        ("/user_attributes/7", "user attribute 7"),
    ],
)
def test_a_point_is_counted_under_its_name_and_not_its_place(point: str, name: str) -> None:
    assert name_of(point) == name


def test_fates_of_many_batches_are_counted_by_name_and_events_by_their_own() -> None:
    fates = (
        Fate("/user_attributes/tier", "filtered", "r"),
        Fate("/events/0", "sent", "s"),
        Fate("/events/1", "dropped", "t"),
        Fate("/events/0/data/custom_attributes/a~1b", "sent", "s"),
    )
    visit = {"event_type": "custom_event", "data": {"event_name": "visit", "custom_event_type": "search"}}
    home = {"event_type": "screen_view", "data": {"screen_name": "Home"}}
    count = FateCount()
    for _ in range(2):
        count.add(Plan((), fates), {"events": [visit, home]})
    assert count.total == 8
    assert count.named() == {
        ("r", "user attribute tier", "filtered"): 2,
        ("s", "event search/visit", "sent"): 2,
        ("t", "screen Home", "dropped"): 2,
        ("s", "event attribute a/b", "sent"): 2,
    }
