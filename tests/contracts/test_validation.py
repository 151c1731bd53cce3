from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts import rules, validate
from contracts.register import VENDORS, openapi
from contracts.validation import check, compiled, held, holds, operations, request_schema, response_schema

USER = {"external_id": "e-1"}
LIMIT = rules()["sessionm.event-attributes-max"].limit or 0
NAMES = st.sampled_from(
    ["user", "events", "tags", "ttl", "user_profile", "context", "email", "external_id", "first_name"]
)
SCALARS = st.none() | st.booleans() | st.integers(-5, 300) | st.floats(allow_nan=False) | st.text(max_size=8)
ANY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=4), inner, max_size=5)
)
WITH_BODY = [
    (vendor, operation)
    for vendor in VENDORS
    for operation, (method, path) in operations(vendor).items()
    if "requestBody" in openapi(vendor)["paths"][path][method.lower()]
]


def attributes(count: int) -> dict[str, str]:
    return {f"attribute{index}": "x" for index in range(count)}


def rule_ids(operation: str, body: Any) -> list[str]:
    return [violation.rule for violation in validate("sessionm", operation, body)]


@pytest.mark.parametrize(("vendor", "operation"), WITH_BODY)
@given(body=ANY)
def test_both_validators_say_the_same_of_any_json(vendor: str, operation: str, body: Any) -> None:
    schema = request_schema(vendor, operation)
    plain = Draft202012Validator(
        {**openapi(vendor), "$ref": schema}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert compiled(vendor, schema).is_valid(body) is plain.is_valid(body)
    assert bool(check(vendor, schema, body)) is not plain.is_valid(body)


@given(user=st.fixed_dictionaries({"external_id": st.text()}, optional={"email": ANY, "user_profile": ANY, "dob": ANY}))
def test_both_validators_say_the_same_of_a_user(user: dict[str, Any]) -> None:
    schema = request_schema("sessionm", "createUser")
    plain = Draft202012Validator(
        {**openapi("sessionm"), "$ref": schema}, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert compiled("sessionm", schema).is_valid({"user": user}) is plain.is_valid({"user": user})
    assert bool(validate("sessionm", "createUser", {"user": user})) is not plain.is_valid({"user": user})


@pytest.mark.parametrize(("vendor", "operation"), WITH_BODY)
@given(body=ANY)
def test_a_violation_names_a_rule_of_the_register(vendor: str, operation: str, body: Any) -> None:
    assert {violation.rule for violation in validate(vendor, operation, body)} <= set(rules())


@pytest.mark.parametrize("count", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 50 * LIMIT])
def test_a_number_is_held_through_a_reference_and_named_by_its_rule(count: int) -> None:
    found = validate("sessionm", "postEvents", {"events": {"visit": {"context": attributes(count)}}})
    assert [violation.rule for violation in found] == ["sessionm.event-attributes-max"] * (count > LIMIT)
    for violation in found:
        assert (violation.pointer, violation.got, violation.allowed) == (
            "/events/visit/context",
            f"{count} names",
            f"{LIMIT}",
        )


def test_each_broken_rule_is_told_with_its_own_place() -> None:
    body = {"events": {"a/b": {"context": {"list": [1]}}, "visit": {"context": attributes(LIMIT + 1)}}}
    found = [(violation.rule, violation.pointer) for violation in validate("sessionm", "postEvents", body)]
    assert found == [
        ("sessionm.event-context-flat", "/events/a~1b/context/list"),
        ("sessionm.event-values-are-strings", "/events/a~1b/context/list"),
        ("sessionm.event-attributes-max", "/events/visit/context"),
    ]


def test_a_choice_of_shapes_that_carries_a_mark_is_one_violation() -> None:
    assert rule_ids("createUser", {"user": {}}) == ["sessionm.identity-required"]
    assert rule_ids("createUser", {"user": USER}) == []


@pytest.mark.parametrize(
    ("body", "pointer", "sentence"),
    [
        ([], "", "array, must be object"),
        ({}, "", "missing user"),
        ({"user": {**USER, "opted_in": "yes"}}, "/user/opted_in", 'must be one of [true, false, "true", "false"]'),
    ],
)
def test_a_breach_without_a_mark_belongs_to_the_contract_and_says_what_was_wanted(
    body: Any, pointer: str, sentence: str
) -> None:
    (violation,) = validate("sessionm", "createUser", body)
    assert (violation.rule, violation.pointer) == ("sessionm.contract", pointer)
    assert violation.message == f"{pointer or 'the body'}: {sentence}"


def test_a_violation_never_quotes_a_persons_value() -> None:
    secret = "ada.lovelace@example.com"
    body = {"user": {"external_id": secret, "email": [secret], "dob": secret, "user_profile": {"a": {"b": secret}}}}
    found = validate("sessionm", "createUser", body)
    assert found
    assert not any(secret in f"{one.message}{one.got}{one.allowed}" for one in found)


def test_an_unknown_operation_is_a_programmers_mistake() -> None:
    with pytest.raises(KeyError):
        validate("sessionm", "makeCoffee", {})


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_described_answer_has_a_schema_that_compiles(vendor: str) -> None:
    for operation, (method, path) in operations(vendor).items():
        for status in openapi(vendor)["paths"][path][method.lower()]["responses"]:
            schema = response_schema(vendor, operation, int(status))
            assert schema is None or compiled(vendor, schema) is not None
        assert response_schema(vendor, operation, 799) is None


def test_violations_come_in_the_order_of_the_body_in_every_process() -> None:
    names = [f"event {index}" for index in range(50)]
    found = validate("sessionm", "postEvents", {"events": {name: {"context": attributes(LIMIT + 1)} for name in names}})
    assert [violation.pointer for violation in found] == [f"/events/{name}/context" for name in names]


def test_a_body_of_a_hundred_thousand_names_is_told_by_its_real_size_and_not_name_by_name() -> None:
    body = {"user": {"external_id": "1", "user_profile": {f"a-{index}": "x" for index in range(100_000)}}}
    found = validate("sessionm", "createUser", body)
    assert found[0].got == "100000 names"
    assert len(found) < 5_000


def test_what_is_wrong_far_behind_in_a_long_list_is_found_all_the_same() -> None:
    events = [{"event_type": "custom_event"}] * 5_000 + [{"event_type": 7}]
    found = check("mparticle", "#/components/schemas/RecordedBatch", {"events": events})
    assert [violation.pointer for violation in found] == ["/events/5000/event_type"]


def test_a_text_that_was_found_right_is_known_again_and_one_that_was_not_is_not() -> None:
    right, wrong = b'{"user":{"external_id":"known-again"}}', b'{"user":{"external_id":7}}'
    assert not held("sessionm", "createUser", right)
    assert holds("sessionm", "createUser", right, {"user": {"external_id": "known-again"}})
    assert held("sessionm", "createUser", right)
    assert not held("sessionm", "postEvents", right)
    assert not holds("sessionm", "createUser", wrong, {"user": {"external_id": 7}})
    assert not held("sessionm", "createUser", wrong)


def test_what_holds_under_the_numbers_of_an_experiment_is_not_known_under_the_registers_own() -> None:
    body = {"events": {"e": {"context": attributes(LIMIT + 1)}}}
    numbers = (("sessionm.event-attributes-max", LIMIT + 1),)
    raw = orjson.dumps(body)
    assert holds("sessionm", "postEvents", raw, body, numbers)
    assert not held("sessionm", "postEvents", raw)
    assert not holds("sessionm", "postEvents", raw, body)
