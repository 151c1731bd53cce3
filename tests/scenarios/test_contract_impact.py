"""Recorded traffic held against two contracts: what was good and is not, what is good now, and what nobody can tell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import Request, Response, rules
from contracts.difference import differences
from contracts.interaction import Interaction
from contracts.register import openapi
from contracts.revision import Contract, load
from forwarder import Batch, Connection
from scenarios.contract_impact import Impact, impact
from scenarios.recordings.opening import read_recording
from scenarios.recordings.recorded import Recorded, RecordedBatch, Recording
from tests.contracts.difference.laws import Spot, contract, edited

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs/examples"
TAGS = "/priv/v1/apps/{api_key}/users/1001/tags"
LIMIT = rules()["sessionm.event-attributes-max"].limit or 0
ATTRIBUTES = Spot("sessionm", ("components", "schemas", "EventAttributes", "maxProperties"))


def recording(*pairs: tuple[Request, Response | None], missing: frozenset[Any] = frozenset()) -> Recording:
    made = [
        Recorded(f"it entry {number}", Interaction(number, 0, "", "", "", request, response), "http://x", missing)
        for number, (request, response) in enumerate(pairs, start=1)
    ]
    return Recording("it", "interactions", interactions=tuple(made))


def tags(body: Any, status: int = 200, answer: Any = None) -> tuple[Request, Response]:
    request = Request("POST", TAGS, {"content-type": "application/json"}, orjson.dumps(body))
    return request, Response(status, {"content-type": "application/json"}, orjson.dumps(answer) if answer else b"")


def examples(version: int) -> Contract:
    return load(f"docs/examples/contract/tags_v{version}.yaml", ROOT)


def told(made: Impact) -> list[tuple[str, str, list[str]]]:
    return [(one.place, one.what, [breach.pointer for breach in one.breaches]) for one in made.broken]


@pytest.fixture
def connection() -> Connection:
    return Connection.default({}, "sessionm")


def test_the_broken_ones_are_named_with_place_rule_and_sizes_and_the_others_are_counted(connection: Connection) -> None:
    made = impact(examples(1), examples(2), [read_recording(EXAMPLES / "contract/traffic.har")], connection)
    har = f"{EXAMPLES}/contract/traffic.har"
    assert told(made) == [
        (f"{har} entry 2", "request", ["/tags"]),
        (f"{har} entry 3", "request", ["/tags/0"]),
        (f"{har} entry 3", "answer", ["/tags/summer-promotion-2026-east"]),
    ]
    (breach,) = made.requests.broken[0].breaches
    assert (breach.got, breach.allowed) == ("5 items", "4")
    assert (made.requests.recorded, made.requests.unknown, made.requests.good) == (5, 1, 2)
    assert (made.answers.recorded, made.answers.unknown, made.answers.good) == (5, 1, 3)


def test_looked_at_from_the_other_side_what_was_broken_is_good_now(connection: Connection) -> None:
    read = [read_recording(EXAMPLES / "contract/traffic.har")]
    there, back = impact(examples(1), examples(2), read, connection), impact(examples(2), examples(1), read, connection)
    assert [one.place for one in back.requests.mended] == [one.place for one in there.requests.broken]
    assert [one.place for one in back.answers.mended] == [one.place for one in there.answers.broken]
    assert back.broken == []


def test_a_contract_breaks_nothing_against_itself(connection: Connection) -> None:
    read = read_recording(EXAMPLES / "contract/traffic.har")
    made = impact(examples(1), examples(1), [read], connection)
    assert (made.broken, made.requests.mended, made.requests.bad) == ([], [], 0)


def test_a_batch_of_which_nothing_is_sent_is_counted(connection: Connection) -> None:
    nobody = Batch.from_json({"mpid": None, "events": []})
    read = Recording("it", "batches", batches=(RecordedBatch("it:1", nobody),))
    made = impact(examples(1), examples(2), [read], connection)
    assert (made.unplanned, made.requests.recorded) == (1, 0)


def test_the_batch_of_the_examples_has_one_event_with_all_attributes_that_go(connection: Connection) -> None:
    read = read_recording(EXAMPLES / "batch.json")
    old, new = contract(sessionm=openapi("sessionm")), edited(ATTRIBUTES, LIMIT - 1)
    made = impact(old, new, [read], connection)
    assert told(made) == [(f"{EXAMPLES}/batch.json:1", "request", ["/events/Add To Cart/context"])]
    (breach,) = made.broken[0].breaches
    assert breach.rule == "sessionm.event-attributes-max"
    assert made.broken[0].operation == "postEventsByExternalId"


def test_a_path_that_is_gone_breaks_what_was_sent_there(connection: Connection) -> None:
    read = recording(tags({"tags": ["a"]}))
    old = examples(1)
    document = {**old.documents["tags_v1"], "paths": {}}
    made = impact(old, contract(tags_v1=document), [read], connection)
    assert told(made) == [("it entry 1", "request", [""])]
    assert made.broken[0].breaches[0].message == "NEW has no operation for this POST path"
    back = impact(contract(tags_v1=document), old, [read], connection)
    assert (len(back.requests.mended), back.broken) == (1, [])


def test_a_status_that_is_gone_breaks_the_answers_that_had_it(connection: Connection) -> None:
    read = recording(tags({"tags": ["a"]}, 409))
    made = impact(examples(1), examples(1), [read], connection)
    assert made.answers.bad == 1
    new = json.loads(json.dumps(examples(1).documents["tags_v1"]))
    operation = new["paths"]["/priv/v1/apps/{api_key}/users/{user_id}/tags"]["post"]
    operation["responses"]["409"] = {"description": "no"}
    assert told(impact(contract(v=new), examples(1), [read], connection)) == [("it entry 1", "answer", ["status"])]


def test_a_body_that_the_recording_left_out_is_counted_and_not_judged(connection: Connection) -> None:
    read = recording((Request("POST", TAGS), None), missing=frozenset({"request body"}))
    made = impact(examples(1), examples(2), [read], connection)
    assert (made.requests.bodiless, made.broken, made.requests.good) == (1, [], 1)


def test_no_number_that_somebody_sent_is_in_what_is_told(connection: Connection) -> None:
    old = examples(1)
    new = json.loads(json.dumps(old.documents["tags_v1"]))
    post = new["paths"]["/priv/v1/apps/{api_key}/users/{user_id}/tags"]["post"]
    post["requestBody"]["content"]["application/json"]["schema"]["properties"]["ttl"]["maximum"] = 5
    made = impact(old, contract(v=new), [recording(tags({"tags": ["a"], "ttl": 4155550199}))], connection)
    (breach,) = made.broken[0].breaches
    assert (breach.pointer, breach.got, breach.allowed) == ("/ttl", "a number", "5")
    assert "4155550199" not in json.dumps(made.to_json())


def test_every_request_that_breaks_has_a_finding_that_says_why(connection: Connection) -> None:
    read = read_recording(EXAMPLES / "batch.json")
    old, new = contract(sessionm=openapi("sessionm")), edited(ATTRIBUTES, LIMIT - 1)
    findings = differences(old, new)
    for one in impact(old, new, [read], connection).broken:
        assert any(one.operation in finding.operations and finding.severity == "error" for finding in findings)
