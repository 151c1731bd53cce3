"""Paths, methods, parameters, bodies, statuses, headers and security: what comes, what goes, what becomes required."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from contracts.difference import Finding, differences
from tests.contracts.difference.laws import contract, shuffled

Edit = Callable[[dict[str, Any]], Any]
JSON = "application/json"
TEXT = {"type": "string"}


def document() -> dict[str, Any]:
    body = {"required": True, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    answer = {
        "description": "done",
        "headers": {"X-Left": {"schema": {"type": "integer", "maximum": 9}}},
        "content": {JSON: {"schema": {"$ref": "#/components/schemas/Thing"}}},
    }
    thing = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "maxLength": 9}, "parent": {"$ref": "#/components/schemas/Thing"}},
    }
    it = {
        "openapi": "3.1.0",
        "servers": [{"url": "/"}],
        "security": [{"basic": []}],
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "put": {
                    "operationId": "putThing",
                    "parameters": [
                        {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                        {"$ref": "#/components/parameters/Trace"},
                    ],
                    "requestBody": body,
                    "responses": {"200": answer, "409": {"description": "no"}},
                },
                "get": {"operationId": "getThing", "responses": {"200": answer}},
            },
            "/all": {"get": {"operationId": "listThings", "responses": {"200": {"description": "done"}}}},
        },
        "components": {
            "schemas": {"Thing": thing, "Lonely": {"maxItems": 5}},
            "parameters": {"Trace": {"name": "X-Trace", "in": "header", "schema": TEXT}},
            "securitySchemes": {name: {"type": "http", "scheme": name} for name in ("basic", "key")},
        },
    }  # fmt: skip
    return json.loads(json.dumps(it))  # type: ignore[no-any-return]  # nothing in it is one thing at two places


def put(it: dict[str, Any]) -> Any:
    return it["paths"]["/things/{id}"]["put"]


def after(edit: Edit) -> tuple[Finding, ...]:
    """What is found between the document and the same with an edit."""
    new = document()
    edit(new)
    return differences(contract(vendor=document()), contract(vendor=new))


def undone(edit: Edit) -> tuple[Finding, ...]:
    old = document()
    edit(old)
    return differences(contract(vendor=old), contract(vendor=document()))


def without(*path: str | int) -> Edit:
    def edit(it: Any) -> None:
        for part in path[:-1]:
            it = it[part]
        del it[path[-1]]

    return edit


PUT = ("paths", "/things/{id}", "put")
GONE_AND_COME: list[tuple[Edit, str, str, str, str]] = [
    # what is taken away, its kind, what that is, and what putting it there is
    (without("paths", "/all"), "path", "/all", "error consumer", "info none"),
    (without("paths", "/things/{id}", "get"), "operation", "GET /things/{id}", "error consumer", "info none"),
    (without(*PUT, "parameters", 0), "parameter", "query:page", "error consumer", "info none"),
    (without(*PUT, "requestBody"), "body", "", "error consumer", "error consumer"),
    (without(*PUT, "responses", "200"), "status", "200", "error both", "warn consumer"),
    (without(*PUT, "responses", "409"), "status", "409", "error provider", "warn consumer"),
    (without(*PUT, "responses", "200", "headers", "X-Left"), "header", "x-left", "error consumer", "info none"),
    (without(*PUT, "requestBody", "content", JSON), "media-type", JSON, "error consumer", "info none"),
    (without(*PUT, "responses", "200", "content", JSON), "media-type", JSON, "error consumer", "warn consumer"),
    (without("components", "schemas", "Thing", "properties", "id"), "field", "id", "error consumer", "info none"),
    (without("components", "schemas", "Lonely"), "schema", "Lonely", "error both", "info none"),
]


@pytest.mark.parametrize(("edit", "kind", "subject", "gone", "come"), GONE_AND_COME)
def test_what_goes_breaks_and_what_comes_is_a_feature_unless_it_is_demanded(
    edit: Edit, kind: str, subject: str, gone: str, come: str
) -> None:
    for found, change, wanted in ((after(edit), "removed", gone), (undone(edit), "added", come)):
        (one,) = found
        assert (one.kind, one.change, one.subject) == (kind, change, subject)
        assert f"{one.severity} {one.breaks}" == wanted


def test_a_parameter_that_is_demanded_breaks_the_consumer() -> None:
    wanted = {"name": "who", "in": "query", "required": True, "schema": TEXT}
    (one,) = after(lambda it: put(it)["parameters"].append(wanted))
    assert (one.kind, one.subject, one.severity, one.breaks) == ("parameter", "query:who", "error", "consumer")


REQUIRED: list[tuple[Edit, str]] = [
    (lambda it: put(it)["parameters"][0].update(required=True), "query:page"),
    (lambda it: it["components"]["parameters"]["Trace"].update(required=True), "header:X-Trace"),
]


@pytest.mark.parametrize(("edit", "subject"), REQUIRED)
def test_what_becomes_required_is_tightened(edit: Edit, subject: str) -> None:
    (one,), (other,) = after(edit), undone(edit)
    assert (one.keyword, one.subject, one.change, one.severity, one.breaks) == (
        "required", subject, "tightened", "error", "consumer"
    )  # fmt: skip
    assert (other.change, other.severity, other.breaks) == ("loosened", "warn", "provider")


def test_a_body_that_need_not_come_any_more_is_loosened() -> None:
    (one,) = after(lambda it: put(it)["requestBody"].update(required=False))
    assert (one.subject, one.change, one.operations) == ("body", "loosened", ("putThing",))


def test_a_schema_that_several_operations_use_is_one_finding_with_all_of_them_and_both_directions() -> None:
    def edit(it: dict[str, Any]) -> None:
        it["components"]["schemas"]["Thing"]["properties"]["id"]["maxLength"] = 8

    (one,) = after(edit)
    assert one.operations == ("getThing", "putThing")
    assert one.directions == ("request", "answer")
    assert (one.pointer, one.breaks) == ("/components/schemas/Thing/properties/id/maxLength", "both")


def test_the_limits_of_parameters_and_of_headers_are_found() -> None:
    def edit(it: dict[str, Any]) -> None:
        put(it)["parameters"][0]["schema"]["maximum"] = 8
        put(it)["responses"]["200"]["headers"]["X-Left"]["schema"]["maximum"] = 8

    assert {(one.directions, one.breaks) for one in after(edit)} == {
        (("request",), "consumer"), (("answer",), "provider")
    }  # fmt: skip


def test_a_field_that_an_answer_need_not_bring_any_more_breaks_the_consumer() -> None:
    def edit(it: dict[str, Any]) -> None:
        it["components"]["schemas"]["Thing"]["required"] = []

    (one,) = after(edit)
    assert (one.subject, one.change, one.severity, one.breaks) == ("id", "loosened", "error", "both")


def test_a_new_field_in_an_answer_that_was_closed_is_a_warning() -> None:
    closed = {"type": "object", "additionalProperties": False, "properties": {}}

    def there(fields: dict[str, Any]) -> dict[str, Any]:
        it = document()
        put(it)["responses"]["200"]["content"][JSON]["schema"] = {**closed, "properties": fields}
        return it

    (one,) = differences(contract(vendor=there({})), contract(vendor=there({"a": TEXT})))
    assert (one.kind, one.change, one.severity, one.breaks) == ("field", "added", "warn", "consumer")


def test_a_limit_of_a_schema_that_no_operation_uses_counts_both_ways() -> None:
    (one,) = after(lambda it: it["components"]["schemas"]["Lonely"].update(maxItems=4))
    assert (one.operations, one.directions, one.severity, one.breaks) == ((), (), "error", "both")


def test_another_name_for_a_part_of_a_path_is_no_change() -> None:
    def edit(it: dict[str, Any]) -> None:
        it["paths"]["/things/{name}"] = item = it["paths"].pop("/things/{id}")
        item["parameters"][0]["name"] = "name"

    assert after(edit) == ()


def test_the_case_of_a_header_does_not_matter() -> None:
    assert after(lambda it: it["components"]["parameters"]["Trace"].update(name="x-trace")) == ()
    found = after(lambda it: put(it)["parameters"][0].update(name="Page"))
    assert {one.kind for one in found} == {"parameter"}


def test_an_operation_that_moved_is_told_where_to() -> None:
    def edit(it: dict[str, Any]) -> None:
        it["paths"]["/everything"] = it["paths"].pop("/all")

    gone, come = after(edit)
    assert (gone.change, gone.message) == ("removed", "path /all is gone; listThings is GET /everything now")
    assert (come.change, come.severity) == ("added", "info")


SECURITY: list[tuple[Any, list[tuple[str, str, str, str]]]] = [
    ([{"basic": []}, {"key": []}], [("added", "key", "warn", "provider")]),
    ([{"key": []}], [("removed", "basic", "error", "consumer"), ("added", "key", "warn", "provider")]),
    ([], [("removed", "basic", "error", "provider"), ("added", "anybody", "warn", "provider")]),
]


@pytest.mark.parametrize(("ways", "wanted"), SECURITY)
def test_ways_to_be_let_in_that_go_are_breaking(ways: Any, wanted: Any) -> None:
    found = after(lambda it: it["paths"]["/all"]["get"].update(security=ways))
    assert [(one.change, one.subject, one.severity, one.breaks) for one in found] == wanted


def test_a_scheme_that_is_another_one_is_breaking() -> None:
    (one,) = after(lambda it: it["components"]["securitySchemes"]["basic"].update(scheme="digest"))
    assert (one.kind, one.subject, one.severity, one.breaks) == ("security", "basic", "error", "consumer")


def test_how_a_parameter_is_written_is_breaking() -> None:
    (one,) = after(lambda it: put(it)["parameters"][0].update(explode=False))
    assert (one.keyword, one.severity, one.breaks) == ("explode", "error", "consumer")


def test_names_and_addresses_of_a_document_are_told_and_break_nothing() -> None:
    (name,) = after(lambda it: put(it).update(operationId="changeThing"))
    assert (name.keyword, name.severity, name.operations) == ("operationId", "info", ("changeThing",))
    (servers,) = after(lambda it: it.update(servers=[{"url": "/v2"}]))
    assert (servers.keyword, servers.severity, servers.breaks) == ("servers", "warn", "consumer")
    assert after(lambda it: it.update(info={"title": "another"}, tags=[])) == ()


def test_a_reference_in_place_of_what_it_leads_to_is_no_change() -> None:
    def edit(it: dict[str, Any]) -> None:
        it["components"]["requestBodies"] = {"Put": put(it)["requestBody"]}
        it["components"]["responses"] = {"Done": put(it)["responses"]["200"]}
        put(it)["requestBody"] = {"$ref": "#/components/requestBodies/Put"}
        put(it)["responses"]["200"] = {"$ref": "#/components/responses/Done"}

    assert after(edit) == ()
    assert undone(edit) == ()


def test_a_limit_that_moves_behind_a_reference_is_no_change_and_a_tighter_one_beside_it_is() -> None:
    def edit(size: int) -> Edit:
        def make(it: dict[str, Any]) -> None:
            it["components"]["schemas"]["Id"] = {"type": "string", "maxLength": 9}
            it["components"]["schemas"]["Thing"]["properties"]["id"] = {
                "$ref": "#/components/schemas/Id",
                "maxLength": size,
            }

        return make

    assert after(edit(9)) == ()
    (one,) = after(edit(8))
    assert (one.keyword, one.change, one.old, one.new) == ("maxLength", "tightened", 9, 8)


def test_a_fingerprint_stays_while_the_change_does() -> None:
    def edit(size: int, *, more: bool = False) -> Edit:
        def make(it: dict[str, Any]) -> None:
            put(it)["parameters"][0]["schema"]["maximum"] = size
            if more:
                put(it)["parameters"].insert(0, {"name": "first", "in": "query", "schema": TEXT})

        return make

    (one,) = after(edit(8))
    (other,) = after(edit(7))
    (moved,) = [found for found in after(edit(8, more=True)) if found.kind == "limit"]
    (back,) = after(edit(10))
    assert one.fingerprint == other.fingerprint == moved.fingerprint != back.fingerprint


def test_the_order_of_names_does_not_matter() -> None:
    new = document()
    without("paths", "/all")(new)
    new["components"]["schemas"]["Thing"]["properties"]["id"]["maxLength"] = 8
    wanted = differences(contract(vendor=document()), contract(vendor=copy.deepcopy(new)))
    assert len(wanted) == 2
    for seed in range(5):
        old, mixed = shuffled(document(), random.Random(seed)), shuffled(new, random.Random(seed + 100))
        assert differences(contract(vendor=old), contract(vendor=mixed)) == wanted


def test_a_whole_document_that_goes_is_breaking() -> None:
    both, one = contract(vendor=document(), other=document()), contract(vendor=document())
    (gone,), (come,) = differences(both, one), differences(one, both)
    assert (gone.kind, gone.vendor, gone.severity, gone.breaks) == ("document", "other", "error", "consumer")
    assert (come.change, come.severity) == ("added", "info")
