from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from forwarder.points import places, points
from scenarios.reading import all_points
from tests.forwarder.recorded import LAW, batches, names


def test_the_points_of_a_batch_are_those_that_were_decided_in_the_order_of_the_batch() -> None:
    body = {
        "events": [
            {
                "event_type": "custom_event",
                "data": {"event_name": "x", "custom_attributes": {"a/b": [1], "c~": {"d": 1}}},
            },
            {"event_type": "session_start"},
        ],
        "unknown": {"a": 1},
        "user_attributes": {"": 1, "b": [1, 2]},
        "user_identities": {"customerid": "c", "email": None},
        "deleted_user_attributes": ["x", "x"],
        "mpid": None,
    }
    assert list(points(body)) == [
        "/mpid",
        "/user_identities/customerid",
        "/user_identities/email",
        "/user_attributes/",
        "/user_attributes/b",
        "/deleted_user_attributes/0",
        "/deleted_user_attributes/1",
        "/events/0",
        "/events/0/data/custom_attributes/a~1b",
        "/events/0/data/custom_attributes/c~0",
        "/events/1",
    ]


def test_an_identity_in_an_array_has_its_index_as_name() -> None:
    body = {"user_identities": [{"identity_type": "email"}, {"identity_type": "email"}]}
    assert list(points(body)) == ["/user_identities/0", "/user_identities/1"]


def test_nothing_has_no_points() -> None:
    assert list(points({})) == []
    assert (
        list(points(dict.fromkeys(["events", "user_attributes", "user_identities", "deleted_user_attributes"]))) == []
    )


@LAW
@given(batches)
def test_every_point_has_a_pointer_of_its_own_that_leads_to_it(body: dict[str, Any]) -> None:
    found = list(points(body))
    assert len(set(found)) == len(found)
    for place in found:
        part: Any = body
        for name in place.split("/")[1:]:
            key = name.replace("~1", "/").replace("~0", "~")
            part = part[int(key)] if isinstance(part, list) else part[key]


@LAW
@given(batches)
def test_two_readings_of_what_a_point_is_agree(body: dict[str, Any]) -> None:
    assert list(points(body)) == all_points(body)


@LAW
@given(st.lists(names, max_size=4))
def test_names_side_by_side_survive_as_parts_of_pointers(found: list[str]) -> None:
    made = places("/user_attributes/", found)
    parts = [place.removeprefix("/user_attributes/") for place in made]
    assert not any("/" in part for part in parts)
    assert [part.replace("~1", "/").replace("~0", "~") for part in parts] == found
