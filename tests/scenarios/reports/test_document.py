import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts import rules
from contracts.register import load_yaml
from scenarios.reports import document
from scenarios.verdict import Report, RuleResult, Side


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
    assert kept["below"] == {"cases": 2, "broken": 0, "verdict": "kept"}
    assert broken["above"] == {"cases": 3, "broken": 1, "verdict": "broken"}
    assert untried["below"] is untried["at"] is untried["above"] is None


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
