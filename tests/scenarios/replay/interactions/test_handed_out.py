"""Ids that servers hand out: each of the recording's is one of the fake's, and the other way round."""

from hypothesis import given
from hypothesis import strategies as st

from contracts import Request
from scenarios.replay.interactions.handed_out import HandedOut

ONE, OTHER, THIRD = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "abc")


def bound() -> HandedOut:
    made = HandedOut()
    assert made.bind(ONE, OTHER)
    return made


def test_an_id_has_one_counterpart() -> None:
    ids = bound()
    assert ids.bind(ONE, OTHER)
    assert not ids.bind(ONE, THIRD)
    assert not ids.bind(THIRD, OTHER)


def test_an_id_is_replaced_wherever_it_stands_and_all_else_stays_byte_by_byte() -> None:
    body = f'{{ "a": "{ONE}", "b": 1.0, "c": "\\u0041{ONE}", "d": 9007199254740993 }}'.encode()
    sent = bound().request(Request("POST", f"/x/{ONE}/y?user_ids[]={ONE},{THIRD}&z=1", {}, body))
    assert sent.target == f"/x/{OTHER}/y?user_ids[]={OTHER},{THIRD}&z=1"
    assert sent.body == body.replace(f'"{ONE}"'.encode(), f'"{OTHER}"'.encode())


def test_capitals_stay_capitals() -> None:
    assert bound().own(ONE.upper()) == OTHER.upper()


def test_a_text_is_the_same_only_letter_by_letter() -> None:
    assert not HandedOut().same("A@example.com", "a@example.com")


def test_what_is_tried_is_bound_nowhere_else() -> None:
    ids = HandedOut()
    trial = ids.trial()
    assert trial.bind(ONE, OTHER)
    assert ids.strange(ONE, OTHER)


def test_what_is_forgotten_is_free() -> None:
    ids = bound()
    ids.forget(OTHER)
    assert ids.bind(ONE, THIRD)


@given(st.binary(max_size=200), st.text(st.characters(codec="ascii"), max_size=30))
def test_whatever_comes_is_sent_on(body: bytes, path: str) -> None:
    request = Request("POST", f"/{path}", {}, body)
    assert HandedOut().request(request) is request
    assert bound().request(request) == request
