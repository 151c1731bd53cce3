"""Batches in as many requests as they need, and no more."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder import Batch, Connection, Plan, plan
from forwarder.destinations.mparticle_batch import LARGEST, shares
from tests.forwarder.planning import bodies, custom, fates
from tests.forwarder.recorded import LAW


def planned(body: dict[str, Any], **choices: str) -> Plan:
    named = {name.replace("_", "-"): choice for name, choice in choices.items()}
    whole = {"mpid": 7, "source_request_id": "r", **body}
    return plan(Batch.from_json(whole), Connection.from_settings({}, named, destination="mparticle"))


def flagged(name: str, letters: int) -> dict[str, Any]:
    event = custom(name)
    event["data"]["custom_flags"] = {"flag": "x" * letters}
    return event


def filled(events: int, size: int) -> dict[str, Any]:
    """A batch of so many events whose one request would have exactly so many bytes."""
    batch = {"events": [flagged(f"e{index}", 1) for index in range(events)]}
    missing = size - len(planned(batch).requests[0].body)
    batch["events"][-1] = flagged(f"e{events - 1}", 1 + missing)
    return batch


@pytest.mark.parametrize("events", [1, 2, 5])
def test_a_batch_that_just_fits_goes_in_one_request(events: int) -> None:
    made = planned(filled(events, LARGEST))
    assert [len(request.body) for request in made.requests] == [LARGEST]
    assert bodies(made)[0]["source_request_id"] == "r"
    assert len(planned(filled(events, LARGEST), madconnect_oversized="refused").requests) == 1


def test_a_byte_more_makes_two_requests_with_ids_of_their_own() -> None:
    made = planned(filled(3, LARGEST + 1))
    assert [body["source_request_id"] for body in bodies(made)] == ["r.1", "r.2"]
    assert [len(body["events"]) for body in bodies(made)] == [2, 1]
    assert [request.key for request in made.requests] == ["7.r.batch.1", "7.r.batch.2"]
    assert planned(filled(3, LARGEST + 1), madconnect_oversized="refused").requests == ()


def test_each_event_has_the_request_that_carries_it_in_its_fate() -> None:
    made = planned({"events": [flagged(f"e{index}", 100_000) for index in range(5)]})
    told = {fate.point: fate.request for fate in made.fates}
    assert [told[f"/events/{index}"] for index in range(5)] == [f"7.r.batch.{number}" for number in (1, 1, 2, 2, 3)]
    assert all(len(request.body) <= LARGEST for request in made.requests)


def test_every_part_says_whose_it_is_and_the_first_alone_what_is_new_of_the_user() -> None:
    batch = {
        "user_identities": {"email": "a@example.com"},
        "user_attributes": {"Tier": "gold"},
        "deleted_user_attributes": ["City"],
        "environment": "production",
        "events": [flagged("a", 200_000), flagged("b", 200_000)],
    }
    first, second = bodies(planned(batch))
    assert (first.pop("user_attributes"), first.pop("deleted_user_attributes")) == ({"Tier": "gold"}, ["City"])
    for part in (first, second):
        part.pop("events")
        part.pop("source_request_id")
    assert first == second == {"environment": "production", "mpid": 7, "user_identities": {"email": "a@example.com"}}


def test_attributes_that_leave_no_room_go_before_the_first_event() -> None:
    wide = {f"a{index}": "x" * 4_000 for index in range(60)}
    made = planned({"user_attributes": wide, "events": [flagged("a", 100_000)]})
    assert [(len(body.get("user_attributes", {})), len(body["events"])) for body in bodies(made)] == [(60, 0), (0, 1)]


def test_an_event_that_is_refused_alone_leaves_the_batch_its_own_id() -> None:
    made = planned({"events": [flagged("vast", LARGEST), custom("small")]})
    assert [body["source_request_id"] for body in bodies(made)] == ["r"]
    assert fates(made)["/events/0"] == ("refused", "madconnect.split")
    assert "bytes, at most" in made.fates[0].detail


@pytest.mark.parametrize(("more", "fate"), [(0, "sent"), (1, "refused")])
def test_in_parts_an_event_may_fill_a_request_to_the_byte(more: int, fate: str) -> None:
    around = len(planned({"source_request_id": "r.3", "events": []}).requests[0].body)
    event = flagged("wide", LARGEST - around - len(orjson.dumps(flagged("wide", 0))) + more)
    made = planned({"events": [custom("small"), event]})
    assert fates(made)["/events/1"][0] == fate
    assert [len(body["events"]) for body in bodies(made)] == ([1, 1] if fate == "sent" else [1])


def test_without_ids_no_part_has_one() -> None:
    made = planned({"source_request_id": None, "events": [flagged("a", 200_000)] * 2}, madconnect_request_id="none")
    assert [body.get("source_request_id") for body in bodies(made)] == [None, None]


def test_what_every_request_must_hold_and_none_can_stops_the_batch() -> None:
    made = planned({"application_info": {"application_name": "x" * LARGEST}, "events": [custom("a", b=1)]})
    assert made.requests == ()
    assert {fate.fate for fate in made.fates} == {"refused"}


@LAW
@given(st.lists(st.integers(1, 50), max_size=30), st.integers(0, 60))
def test_shares_keep_the_order_fit_and_are_no_more_than_needed(sizes: list[int], first: int) -> None:
    room = 60
    found = shares(sizes, first, room)
    assert [size for part in found for size in sizes[part]] == sizes
    rooms = [first, *([room] * (len(found) - 1))]
    for part, most in zip(found, rooms, strict=True):
        within = sizes[part]
        assert sum(within) + max(0, len(within) - 1) <= most
    for (before, after), most in zip(pairwise(found), rooms, strict=False):
        within = sizes[before]
        assert sum(within) + len(within) + sizes[after][0] > most
    assert all(sizes[part] for part in found[1:])


def test_a_request_of_a_batch_without_an_mpid_has_an_id_of_the_batch_alone_and_always_the_same() -> None:
    nobody = {"mpid": None, "source_request_id": None, "user_identities": {"email": "ada@example.com"}}
    one, same = (planned({**nobody, "events": [custom("visit")]}) for _ in range(2))
    other = planned({**nobody, "events": [custom("purchase")]})
    ids = [bodies(made)[0]["source_request_id"] for made in (one, same, other)]
    assert ids[0] == ids[1] != ids[2]
    assert all("None" not in id_ for id_ in ids)
    assert planned({**nobody, "source_request_id": "r"}).requests[0].key == "r.batch.1"
