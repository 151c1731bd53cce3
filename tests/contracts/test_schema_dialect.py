"""Schemas of OpenAPI 3.0 say the same in the keywords of 3.1."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.schema_dialect import upgraded


def schema(part: dict[str, Any], version: str = "3.0.3") -> Any:
    return upgraded({"openapi": version, "components": {"schemas": {"A": part}}})["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "nullable": False}, {"type": "string"}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"properties": {"nullable": {"type": "boolean"}}}, {"properties": {"nullable": {"type": "boolean"}}}),
        (
            {"minimum": 1, "exclusiveMinimum": True, "x-rules": {"minimum": "v.a-rule"}},
            {"exclusiveMinimum": 1, "x-rules": {"exclusiveMinimum": "v.a-rule"}},
        ),
    ],
)
def test_what_3_0_says_in_words_of_its_own_is_put_into_those_of_3_1(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert schema(old) == new
    Draft202012Validator.check_schema(schema(old))


def test_a_document_of_3_1_comes_back_as_it_is() -> None:
    document = {"openapi": "3.1.0", "paths": {}}
    assert upgraded(document) is document
    assert schema({"nullable": True}, "3.1.0") == {"nullable": True}


def test_one_thing_under_two_names_stays_one_thing() -> None:
    shared = {"type": "string", "nullable": True}
    made = schema({"properties": {"a": shared, "b": shared}})
    assert made["properties"]["a"] is made["properties"]["b"]
