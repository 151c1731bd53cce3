import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import rules
from contracts.register import load_yaml
from scenarios.reports import document
from scenarios.verdict import Accepted, Report, RuleResult, Side
from tests.scenarios.conftest import KEPT


def closed(schema: Any) -> Any:
    """The schema with no room for a member that it does not describe."""
    if isinstance(schema, dict):
        made = {name: closed(part) for name, part in schema.items()}
        return {**made, "additionalProperties": False} if "properties" in schema else made
    return schema


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = load_yaml("report.schema.yaml")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(closed(schema))


@pytest.mark.parametrize("name", ["report", "green", "empty"])
def test_every_written_report_is_what_its_schema_describes(
    name: str, validator: Draft202012Validator, request: pytest.FixtureRequest
) -> None:
    written = document.render(request.getfixturevalue(name)).encode("utf-8", "backslashreplace")
    validator.validate(json.loads(written))


def test_every_rule_of_the_register_fits_into_the_schema(validator: Draft202012Validator, empty: Report) -> None:
    results = tuple(RuleResult(rule, Side(1), Side(1), Side(2, 1)) for rule in rules().values())
    validator.validate(document.as_json(Report(0, (), results, empty.fates, ())))


def test_a_side_that_nobody_tried_is_null(report: Report) -> None:
    kept, broken, untried, *_ = document.as_json(report)["rules"]
    assert (kept["below"]["cases"], kept["below"]["broken"], kept["below"]["verdict"]) == (2, 0, "kept")
    assert (broken["above"]["cases"], broken["above"]["broken"], broken["above"]["verdict"]) == (3, 1, "broken")
    assert untried["below"] is untried["at"] is untried["above"] is None
    assert (kept["lacks"], untried["lacks"]) == ("", "no case at or above")


def test_a_side_has_the_case_that_proves_it_and_a_command_that_repeats_it(report: Report) -> None:
    result = RuleResult(KEPT, at=Side(3, 0, 2, "ten/it's"))
    made = document.as_json(replace(report, rules=(result,), arguments=("--seed", "7", "--assume", "a=b c")))
    assert made["rules"][0]["at"] == {
        "cases": 3,
        "broken": 0,
        "named": 2,
        "verdict": "kept",
        "proof": "ten/it's",
        "repeat": "sessionm-harness run --case 'ten/it'\"'\"'s' --seed 7 --assume 'a=b c'",
    }


def test_a_baseline_is_told_entry_by_entry_and_fits_into_the_schema(
    report: Report, validator: Draft202012Validator
) -> None:
    assert document.as_json(report)["baseline"] is None
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "because", "Ada", date(2026, 12, 31))
    made = document.as_json(replace(report, accepted={entry.key: entry}, gone=(entry,), baseline="b.json"))
    validator.validate(made)
    row = {"fingerprint": finding.fingerprint, "rule": finding.rule, "reason": "because", "owner": "Ada"}
    row["expires"] = "2026-12-31"
    assert made["baseline"] == {"file": "b.json", "accepted": [row], "expired": [], "gone": [row]}
    assert [one["accepted"] for one in made["scenarios"][1]["findings"]] == [True, True]
    assert (made["verdict"], made["counts"]["accepted"]) == ("kept", 2)


def test_fates_are_rows_of_rule_name_fate_and_count(report: Report) -> None:
    assert {"rule": "sessionm.at-most-ten", "name": "size", "fate": "sent", "count": 12} in document.as_json(report)[
        "fates"
    ]


def test_a_scenario_that_only_warns_is_broken_where_warnings_count(report: Report) -> None:
    def verdict(fail_on: Any) -> str:
        made = document.as_json(
            Report(1, report.scenarios[2:3], report.rules, report.fates, report.assumptions, fail_on=fail_on)
        )
        (scenario,) = made["scenarios"]
        return f"{scenario['verdict']} {made['verdict']}"

    assert verdict("error") == "kept kept"
    assert verdict("warn") == "broken broken"


def test_a_lone_surrogate_survives_as_its_json_escape(report: Report) -> None:
    written = document.render(report).encode("utf-8", "backslashreplace")
    read = json.loads(written)["scenarios"][1]["findings"][0]
    assert read["pointer"] == report.scenarios[1].findings[0].pointer
