import orjson
import pytest

from contracts import Choices, Interaction, Request, Response
from scenarios.in_contract import ANSWERS, REQUESTS, wrong_answers, wrong_requests

JSON = {"content-type": "application/json"}
GOOD = {"user": {"external_id": "1"}}


def heard(
    body: bytes = orjson.dumps(GOOD),
    answer: Response | None = None,
    *,
    operation: str = "createUser",
    headers: dict[str, str] = JSON,
) -> list[Interaction]:
    request = Request("POST", "/priv/v1/apps/{api_key}/users", headers, body)
    return [Interaction(1, 0.0, "t", "sessionm", operation, request, answer)]


def asked(interactions: list[Interaction], **assume: str) -> list[str]:
    chosen = {name.replace("_", "-"): choice for name, choice in assume.items()}
    return [finding.rule for finding in wrong_requests(interactions, Choices(chosen))]


def test_a_request_as_the_contract_has_it_is_no_finding() -> None:
    assert asked(heard()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        heard(b"{"),
        heard(headers={"content-type": "text/plain"}),
        heard(headers={}),
        heard(operation=""),
    ],
)
def test_a_request_that_the_contract_does_not_know_is_one(wrong: list[Interaction]) -> None:
    assert asked(wrong) == [REQUESTS]


def test_a_body_of_another_shape_is_found_under_the_vendors_contract() -> None:
    assert asked(heard(orjson.dumps({"user": []}))) == ["sessionm.contract"]


def test_what_a_rule_forbids_is_found_under_that_rule_whatever_the_fake_noticed() -> None:
    many = {"events": {"visit": {"context": {f"a{index}": "b" for index in range(11)}}}}
    assert asked(heard(orjson.dumps(many), operation="postEventsByExternalId")) == ["sessionm.event-attributes-max"]


def test_what_a_choice_has_a_sender_do_is_no_finding_under_it() -> None:
    number = heard(orjson.dumps({"events": {"visit": {"context": {"a": 1}}}}), operation="postEventsByExternalId")
    assert asked(number) == ["sessionm.event-values-are-strings"]
    assert asked(number, event_attribute_values="as-is") == []


def test_an_answer_as_the_contract_has_it_is_no_finding() -> None:
    refused = {"status": "error", "errors": {"code": "validation", "message": "x"}}
    assert list(wrong_answers(heard(answer=Response(200, JSON, orjson.dumps(refused))))) == []
    assert list(wrong_answers(heard(answer=None))) == []
    assert list(wrong_answers(heard(answer=Response(503, {"x-harness-fault": "status"}, b"down")))) == []


@pytest.mark.parametrize(
    ("answer", "got"),
    [
        (Response(418, JSON, b"{}"), "HTTP 418"),
        (Response(200, {"content-type": "text/html"}, b"<html>"), "content type text/html"),
        (Response(200, {}, b"{}"), "content type none"),
        (Response(200, JSON, b"{"), "a body that is no JSON"),
        (Response(200, JSON, b'{"status": "ok", "user": 7}'), "integer"),
    ],
)
def test_an_answer_of_another_status_kind_or_shape_is_one(answer: Response, got: str) -> None:
    (finding,) = wrong_answers(heard(answer=answer))
    assert (finding.rule, finding.got) == (ANSWERS, got)
    assert finding.pointer.startswith("POST createUser ")
