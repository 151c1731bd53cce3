import json

import pytest
from jsonschema import Draft202012Validator

from contracts.register import load_yaml
from scenarios.cli import main


def test_the_schema_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed == load_yaml("report.schema.yaml")
