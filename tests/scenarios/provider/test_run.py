"""The gate can fail: fakes with one thing wrong, each found, at its operation and under the right rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import pytest

from contracts import rules
from contracts.transport import Wire, asked, environ
from contracts.validation import operations
from mock_sessionm import GATE, create_app
from scenarios.provider import VENDORS, Target, provide
from scenarios.provider.documents import document_of, linked_in
from scenarios.provider.exchange import leaves
from scenarios.verdict import ScenarioResult

KEY = re.compile("apps/[0-9a-f]{32}")
"""A tenant's key in a path; a path of another form has none."""
Answer = tuple[int, list[tuple[str, str]], bytes]
Change = Callable[["Between", dict[str, Any], Answer], Answer]


class Between:
    """Somebody who stands between the fake and whoever asks it, and changes one thing."""

    def __init__(self, change: Change, *, method: str = "", path: str = "", gate: Any = GATE) -> None:
        self.app = create_app(gate=gate)
        self.change, self.method, self.path = change, method, path

    def __call__(self, environment: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raw = environment["wsgi.input"].getvalue()
        answer = asked(self.app, environment)
        target = environment["RAW_URI"].partition("?")[0]
        here = environment["REQUEST_METHOD"] == self.method and target.endswith(self.path) and "__admin" not in target
        if here:
            answer = self.change(self, {**environment, "raw": raw}, answer)
        start_response(f"{answer[0]} Changed", answer[1])
        return [answer[2]]

    def again(self, environment: dict[str, Any], method: str, target: str, body: Any) -> Answer:
        """One more request, with the credentials of the first."""
        headers = {"Authorization": environment.get("HTTP_AUTHORIZATION", ""), "Content-Type": "application/json"}
        return asked(self.app, environ(method, target, headers, orjson.dumps(body), Wire()))


def tried(app: Any, vendor: str, *operations: str, seed: int = 1) -> dict[str, ScenarioResult]:
    found = provide(Target.embedded(app), seed=seed, examples=2, vendors=[vendor], operations=operations)
    return {result.id.rpartition("/")[2]: result for result in found}


def blamed(result: ScenarioResult) -> set[str]:
    return {finding.rule for finding in result.findings}


def body_changed(change: Callable[[Any], Any]) -> Change:
    def changed(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
        status, headers, body = answer
        said = orjson.loads(body)
        if said.get("status") != "ok":
            return answer
        return status, headers, orjson.dumps(change(said))

    return changed


def without(name: str) -> Callable[[Any], Any]:
    def change(said: Any) -> Any:
        said["user"].pop(name, None)
        return said

    return change


def shouted(said: Any) -> Any:
    said["user"]["first_name"] = str(said["user"].get("first_name", "x")) + "!"
    return said


def status_of(status: int) -> Change:
    def changed(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
        return (status, answer[1], answer[2]) if answer[0] == 200 else answer

    return changed


def html(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
    return answer[0], [("Content-Type", "text/html"), *answer[1][1:]], answer[2]


def unnamed(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
    return answer[0], [(name, value) for name, value in answer[1] if name != "X-Harness-Rule"], answer[2]


def misnamed(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
    kept = [(name, value) for name, value in answer[1] if name != "X-Harness-Rule"]
    named = len(kept) < len(answer[1])
    return answer[0], [*kept, ("X-Harness-Rule", "sessionm.tag-ttl-positive")] if named else kept, answer[2]


def breaks_on_odd(_between: Between, environment: dict[str, Any], answer: Answer) -> Answer:
    return (500, answer[1], answer[2]) if b"\\u" in environment["raw"] else answer


def stored_anyway(between: Between, environment: dict[str, Any], answer: Answer) -> Answer:
    if answer[0] == 400:
        between.again(environment, "POST", environment["RAW_URI"], {"user": {"external_id": "smuggled"}})
    return answer


def counts_reads(between: Between, environment: dict[str, Any], answer: Answer) -> Answer:
    between.again(environment, "POST", environment["RAW_URI"], {"tags": ["read"]})
    return answer


def leaks(_between: Between, environment: dict[str, Any], answer: Answer) -> Answer:
    return answer[0], [*answer[1], ("X-Seen", environment.get("HTTP_AUTHORIZATION", "none"))], answer[2]


def open_to_all(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
    return (200, answer[1], b'{"status":"ok","tags":{}}') if answer[0] == 401 else answer


def repeats_values(_between: Between, environment: dict[str, Any], answer: Answer) -> Answer:
    if answer[0] != 400 or not environment["raw"].startswith(b"{"):
        return answer
    said = orjson.loads(answer[2])
    said["errors"]["message"] += "".join(leaves(orjson.loads(environment["raw"] or b"null")))
    return answer[0], answer[1], orjson.dumps(said)


def other_status(_between: Between, _environment: dict[str, Any], answer: Answer) -> Answer:
    return (422, answer[1], answer[2]) if answer[0] == 400 else answer


USERS, TAGS = "/users", "/tags"
MUTANTS: dict[str, tuple[Change, str, str, str, str]] = {
    "a required field is missing": (
        body_changed(without("id")),
        "POST",
        USERS,
        "createUser",
        "harness.answers-in-contract",
    ),
    "the status is another": (status_of(201), "POST", USERS, "createUser", "harness.answers-in-contract"),
    "the content type is another": (html, "POST", USERS, "createUser", "harness.answers-in-contract"),
    "it fails on odd input": (breaks_on_odd, "POST", USERS, "createUser", "harness.answers-in-contract"),
    "a field is forgotten": (
        body_changed(without("email")),
        "POST",
        USERS,
        "createUser",
        "harness.fields-answered",
    ),
    "a field is mangled": (body_changed(shouted), "POST", USERS, "createUser", "harness.answers-true"),
    "a refusal names no rule": (unnamed, "POST", USERS, "createUser", "harness.refusals-named"),
    "a refusal names another rule": (misnamed, "POST", TAGS, "postTags", "harness.refusals-named"),
    "a refused write is stored": (stored_anyway, "POST", USERS, "createUser", "harness.refusals-change-nothing"),
    "a read changes something": (counts_reads, "GET", TAGS, "getTags", "harness.reads-change-nothing"),
    "an answer has the credentials": (leaks, "GET", TAGS, "getTags", "harness.nothing-secret-told"),
    "a refusal repeats what came": (repeats_values, "POST", USERS, "createUser", "harness.nothing-secret-told"),
    "the door is open": (open_to_all, "GET", TAGS, "getTags", "harness.door-is-shut"),
    "bad input has another status": (other_status, "POST", TAGS, "postTags", "harness.status-as-chosen"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_one_thing_wrong_between_gate_and_answer_is_found(name: str) -> None:
    change, method, path, operation, rule = MUTANTS[name]
    found = tried(Between(change, method=method, path=path), "sessionm", operation)
    assert rule in blamed(found[operation])
    for finding in found[operation].findings:
        assert finding.pointer.startswith(method)
        assert "\n" not in finding.message
        assert KEY.search(finding.reproduce) is None


@pytest.mark.parametrize(
    ("rule", "vendor", "operation"),
    [
        ("sessionm.tag-ttl-positive", "sessionm", "postTags"),
        ("sessionm.event-values-are-strings", "sessionm", "postEvents"),
        ("braze.recipients-max", "braze", "triggerCampaign"),
        ("customerio.event-name-required", "customerio", "trackEvent"),
        ("mparticle.bulk-batches-max", "mparticle", "postBatches"),
    ],
)
def test_a_limit_that_the_gate_lost_is_missed_under_its_own_name(rule: str, vendor: str, operation: str) -> None:
    app = create_app(gate=tuple(check for check in GATE if check.rule != rule))
    assert rule in blamed(tried(app, vendor, operation)[operation])


def test_a_fake_as_it_is_has_nothing_wrong() -> None:
    found = tried(create_app(), "sessionm", "createUser", "postTags", "getTags")
    assert [result.findings for result in found.values()] == [(), (), ()]
    assert {result.verdict for result in found.values()} == {"kept"}
    assert all(result.requests > 20 and result.cases for result in found.values())


def test_an_operation_that_never_succeeds_is_untried_and_says_so() -> None:
    def refuse(_between: Between, _environment: dict[str, Any], _answer: Answer) -> Answer:
        body = b'{"status":"error","errors":{"code":"not_found","message":"no"}}'
        return 404, [("Content-Type", "application/json"), ("X-Harness-Rule", "sessionm.user-exists")], body

    result = tried(Between(refuse, method="GET", path=TAGS), "sessionm", "getTags")["getTags"]
    assert "harness.journal-true" in blamed(result)  # the fake behind knows better
    assert not any(case.rule == "harness.reads-change-nothing" and case.side == "at" for case in result.cases)


@pytest.mark.parametrize("vendor", [one for one in VENDORS if one not in {"sessionm", "admin"}])  # the gate tries those
def test_every_contract_holds_and_every_operation_succeeds_alone_and_where_links_lead(vendor: str) -> None:
    found = provide(Target.embedded(create_app()), seed=3, vendors=[vendor])
    assert [(result.id, finding.message) for result in found for finding in result.findings] == []
    assert {result.id: result.untried for result in found if result.untried} == {}
    tried = {result.id.removeprefix(f"provider/{vendor}/") for result in found}
    assert set(operations(vendor)) <= tried
    assert {f"sequences/{one}" for one in linked_in(document_of(vendor))} <= tried


def test_every_rule_of_the_provider_side_is_tried_on_both_sides() -> None:
    found = provide(Target.embedded(create_app()), seed=1, vendors=["sessionm"], operations=["updateUser", "getTags"])
    sides = {(case.rule, case.side) for result in found for case in result.cases}
    ours = {name for name, rule in rules().items() if rule.source == "harness#provider"}
    once = {"harness.made-is-there", "harness.fields-answered"}
    assert {(rule, side) for rule in ours - once for side in ("at", "above")} <= sides
