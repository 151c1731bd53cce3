import pytest

from contracts import Interaction, Request, Violation
from scenarios.arrivals import Arrival, Arrivals, arrival

EVENTS = b'{"events": {"purchase": {"context": {"who": "customer-12", "size": 7, "new": true}}, "visit": 1}}'
UNDEFINED = Violation("sessionm.undefined-event", "/events/visit", "not defined", "visit", "a defined name")
TOO_MANY = Violation("sessionm.event-attributes-max", "/events/purchase", "11", "11", "10")


def heard(target: str, body: bytes, *violations: Violation) -> Interaction:
    return Interaction(1, 0.0, "", "sessionm", "", Request("POST", target, {}, body), None, violations)


def came(target: str, body: bytes, *violations: Violation) -> Arrival:
    return arrival(heard(target, body, *violations))


def arrived(target: str) -> Arrivals:
    return Arrivals([heard(target, EVENTS)])


@pytest.mark.parametrize("id_", ["a/b", "customer-12", "7", "who?"])
def test_a_request_speaks_of_every_whole_text_or_number_in_path_query_and_body(id_: str) -> None:
    assert arrived("/external/users/a%2Fb/events?id=who%3F").about([id_])


@pytest.mark.parametrize("id_", ["customer-1", "ustomer-12", "12", "True", "purchase", ""])
def test_a_request_does_not_speak_of_a_part_of_an_id_or_of_a_name(id_: str) -> None:
    assert not arrived("users/a%2Fb/events").about([id_])


def test_what_speaks_of_several_ids_comes_once_and_in_its_order() -> None:
    several = Arrivals([heard("/users/b", b""), heard("/users/a", b'{"who": "b"}'), heard("/users/c", b"")])
    assert [one.heard.request.path for one in several.about(["a", "b"])] == ["/users/b", "/users/a"]


def test_a_body_that_is_no_json_says_nothing() -> None:
    assert came("/users", b'{"customer-12"').names == {"", "users"}
    assert came("/users", b"").names == {"", "users"}


def test_events_are_spoilt_by_an_undefined_one_in_their_call_and_by_nothing_else() -> None:
    assert came("/events", EVENTS, UNDEFINED).spoilt == {"purchase", "visit"}
    assert came("/events", EVENTS, TOO_MANY).spoilt == set()
    assert came("/events", b'{"events": ["purchase"]}', UNDEFINED).spoilt == set()


def test_only_calls_to_the_path_of_events_count_as_tries_of_an_event() -> None:
    assert came("/users/1/events?x=1", b"").posts_events
    assert not came("/users/events/1", b"").posts_events
