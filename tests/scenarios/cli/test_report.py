import json

import pytest
from jsonschema import Draft202012Validator

from contracts.register import load_yaml
from scenarios.cli import main
from scenarios.cli.report import SCHEMAS


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed == load_yaml("report.schema.yaml")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_printed_by_its_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "schema", name]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed["title"] == f"sessionm-harness.{name}/1"


def test_an_unknown_schema_is_told_which_ones_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "schema", "baselin"]) == 2
    assert "baseline" in capsys.readouterr().err
