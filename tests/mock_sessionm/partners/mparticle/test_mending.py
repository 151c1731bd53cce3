from contracts import Violation
from contracts.interaction import pointer
from mock_sessionm.partners.mparticle import limits
from mock_sessionm.partners.mparticle.mending import ACTS, mend


def found(rule: str, *parts: str | int) -> Violation:
    return Violation(rule, pointer(*parts), "")


def test_names_with_signs_of_a_pointer_are_found() -> None:
    body = {"user_attributes": {"a/b": 1, "c~d": 2, "a": 3}}
    mend(body, [found(limits.USER_NAME, "user_attributes", name) for name in ("a/b", "c~d")])
    assert body == {"user_attributes": {"a": 3}}


def test_a_shorter_name_keeps_its_place_and_the_others_their_order() -> None:
    names = ["first", "n" * 300, "last"]
    body = {"x": dict.fromkeys(names, 1)}
    mend(body, [found(limits.ATTRIBUTE_NAME, "x", "n" * 300)])
    assert list(body["x"]) == ["first", "n" * 256, "last"]


def test_events_that_are_left_out_do_not_move_those_after_them_too_early() -> None:
    body = {"events": list(range(6))}
    mend(body, [found(limits.AGE, "events", index) for index in (0, 2, 3, 5)])
    assert body == {"events": [1, 4]}


def test_what_was_left_out_already_is_left_alone() -> None:
    body = {
        "events": [{"data": {"screen_name": "n" * 300, "custom_attributes": {"a": 1}}}],
        "user_attributes": {"u": 1},
    }
    mend(
        body,
        [
            found(limits.AGE, "events", 0),
            found(limits.EVENT_NAME, "events", 0, "data", "screen_name"),
            found(limits.ATTRIBUTES, "events", 0, "data", "custom_attributes"),
            found(limits.USER_NAME, "user_attributes", "u"),
            found(limits.USER_VALUE, "user_attributes", "u"),
        ],
    )
    assert body == {"events": [], "user_attributes": {}}


def test_attributes_that_are_too_many_leave_nothing_for_their_long_names_to_do() -> None:
    body = {"x": {"n" * 300: "v"}}
    mend(body, [found(limits.ATTRIBUTES, "x"), found(limits.ATTRIBUTE_NAME, "x", "n" * 300)])
    assert body == {"x": {}}


def test_rules_that_ask_for_no_act_change_nothing() -> None:
    body = {"a": 1}
    mend(body, [found("mparticle.rate"), found("mparticle.contract", "a")])
    assert body == {"a": 1}
    assert "mparticle.contract" not in ACTS
