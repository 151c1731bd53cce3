import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import rules
from scenarios.reports import sarif
from scenarios.verdict import Accepted, Finding, Report, ScenarioResult
from tests.scenarios.conftest import BROKEN

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": TEXT, "markdown": TEXT}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def table(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


PHYSICAL = table(
    ["artifactLocation"],
    artifactLocation=table(["uri"], uri={"type": "string", "pattern": r"^[^\s\\]+$"}),
    region=table(["startLine"], startLine={"type": "integer", "minimum": 1}),
)
LOCATION = {
    **table(
        [],
        physicalLocation=PHYSICAL,
        logicalLocations={
            "type": "array",
            "minItems": 1,
            "items": table(["fullyQualifiedName"], fullyQualifiedName=TEXT, kind=TEXT),
        },
        message=MESSAGE,
    ),
    "minProperties": 1,
}
RULE = table(
    ["id"],
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    helpUri={"type": "string", "pattern": "^https://"},
    defaultConfiguration=table(["level"], level=LEVEL),
    properties={"type": "object"},
)
RESULT = table(
    ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations={"type": "array", "minItems": 1, "items": LOCATION},
    relatedLocations={"type": "array", "items": LOCATION},
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{16}$"}},
    occurrenceCount={"type": "integer", "minimum": 1},
    properties={"type": "object"},
)
NOTE = table(["message"], level=LEVEL, message=MESSAGE, locations={"type": "array", "items": LOCATION})
INVOCATION = table(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    toolExecutionNotifications={"type": "array", "items": NOTE},
)
RUN = table(
    ["tool", "results"],
    tool=table(["driver"], driver=table(["name"], name=TEXT, version=TEXT, rules={"type": "array", "items": RULE})),
    automationDetails=table(["id"], id=TEXT),
    columnKind={"const": "utf16CodeUnits"},
    invocations={"type": "array", "items": INVOCATION},
    results={"type": "array", "items": RESULT},
    properties={"type": "object"},
)
SHAPE = Draft202012Validator(
    table(["version", "runs"], **{"$schema": TEXT}, version={"const": "2.1.0"}, runs={"type": "array", "items": RUN})
)
"""What SARIF 2.1.0 asks of the members that we write, and no other members. What we write was held against the
published schema by hand; no package has that schema."""


def run_of(report: Report) -> dict[str, Any]:
    made = json.loads(sarif.render(report).encode("utf-8", "backslashreplace"))
    SHAPE.validate(made)
    (run,) = made["runs"]
    return run  # type: ignore[no-any-return]  # JSON


def accepted(finding: Finding) -> dict[Any, Accepted]:
    key = (finding.fingerprint, finding.rule)
    return {key: Accepted(*key, "because", "Ada", date(2026, 12, 31))}


@pytest.mark.parametrize("name", ["report", "green", "empty"])
def test_the_document_has_the_shape_of_sarif(name: str, request: pytest.FixtureRequest) -> None:
    run_of(request.getfixturevalue(name))


def test_every_rule_of_the_register_can_be_one_of_a_result(empty: Report) -> None:
    found = tuple(Finding(rule.id, "wrong", "/x", severity=rule.severity) for rule in rules().values())
    run = run_of(replace(empty, scenarios=(ScenarioResult("one", "One", "journeys", found),)))
    described = run["tool"]["driver"]["rules"]
    # Errors come first.
    every = sorted(rules().values(), key=lambda rule: rule.severity != "error")
    assert [rule["id"] for rule in described] == [rule.id for rule in every]
    for result, rule, known in zip(run["results"], described, every, strict=True):
        assert described[result["ruleIndex"]]["id"] == result["ruleId"] == known.id
        assert rule.get("helpUri") == known.url
        assert result["level"] == {"error": "error", "warn": "warning"}[known.severity]


def test_a_mistake_is_one_result_with_its_fingerprint_and_a_command_that_repeats_it(report: Report) -> None:
    first, second = run_of(replace(report, arguments=("--seed", "42")))["results"]
    assert first["occurrenceCount"] == 2
    assert list(first["partialFingerprints"].values()) == [report.scenarios[1].findings[0].fingerprint]
    assert "sessionm-harness run --case 201 --seed 42" in first["message"]["text"]
    assert (first["level"], second["level"]) == ("error", "warning")


def test_what_is_accepted_is_left_out_and_what_has_expired_leads_to_the_baseline(report: Report) -> None:
    finding = report.scenarios[1].findings[0]
    run = run_of(replace(report, accepted=accepted(finding), baseline="b.json"))
    assert [result["ruleId"] for result in run["results"]] == ["sessionm.first-stays"]
    run = run_of(replace(report, expired=accepted(finding), baseline="my b.json"))
    (related,) = run["results"][0]["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "my%20b.json"
    assert "It was accepted until 2026-12-31 by Ada: because." in run["results"][0]["message"]["text"]


def test_a_result_stands_in_the_file_that_is_meant_else_in_the_settings_of_the_run(report: Report) -> None:
    def uri(**more: Any) -> str | None:
        finding = Finding(BROKEN.id, "m", "/x", **more)
        made = replace(report, scenarios=(ScenarioResult("one", "One", "settings", (finding,)),))
        (location,) = run_of(made)["results"][0]["locations"]
        assert location["logicalLocations"][0]["fullyQualifiedName"] == "settings/one#/x"
        found: str | None = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri")
        return found

    assert uri() is None
    assert uri(file="tenant.toml", line=3) == "tenant.toml"
    report = replace(report, arguments=("--seed", "1", "--tenant", "t.toml", "--connection", "/etc/c.toml"))
    assert uri() == "file:///etc/c.toml"


def test_what_is_gone_from_a_baseline_is_a_note_of_the_tool(green: Report) -> None:
    made = replace(green, gone=tuple(accepted(Finding(BROKEN.id, "m")).values()), baseline="b.json")
    (note,) = run_of(made)["invocations"][0]["toolExecutionNotifications"]
    assert "no longer occurs" in note["message"]["text"]


def test_a_run_that_tested_nothing_was_no_success(empty: Report, report: Report) -> None:
    assert run_of(empty)["invocations"] == [{"executionSuccessful": False, "exitCode": 3}]
    assert run_of(report)["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
