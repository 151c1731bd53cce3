"""References within a document: where they lead, and which of them lead nowhere."""

from typing import Any

import pytest

from contracts.references import BrokenReference, at, canonical, check_references, references
from contracts.register import SCHEMA_FILES, openapi

DOCUMENT: dict[str, Any] = {"a/b": {"c~d": [1, {200: "two"}]}}


@pytest.mark.parametrize(
    ("place", "found"),
    [("", DOCUMENT), ("/a~1b/c~0d/0", 1), ("/a~1b/c~0d/1/200", "two")],
)
def test_a_pointer_leads_to_its_place(place: str, found: Any) -> None:
    assert at(DOCUMENT, place) == found


@pytest.mark.parametrize("place", ["/b", "/a~1b/c~0d/2", "/a~1b/c~0d/x", "/a~1b/c~0d/0/1", "/a~1b/200"])
def test_a_pointer_that_leads_nowhere_is_a_lookup_error(place: str) -> None:
    with pytest.raises(LookupError):
        at(DOCUMENT, place)


def test_percent_encoding_is_taken_out_of_a_reference() -> None:
    assert canonical("#/paths/~1a~1%7Bid%7D") == "/paths/~1a~1{id}"


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_every_reference_of_the_real_contracts_leads_somewhere(name: str) -> None:
    assert name == "admin" or len(list(references(openapi(name)))) > 0
    check_references(openapi(name))


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("#/nowhere", "nothing stands there"),
        ("#name", "only places of the same file are read"),
        ("other.yaml#/a", "only places of the same file are read"),
        ("https://example.com/a", "only places of the same file are read"),
        ("#/x/y", "goes round in a circle"),
        (7, "a reference is a text"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_place(reference: Any, why: str) -> None:
    with pytest.raises(BrokenReference, match=why) as caught:
        check_references({"x": {"y": {"$ref": reference}}})
    assert caught.value.place == "/x/y/$ref"


def test_a_reference_in_a_value_is_none() -> None:
    value = {"$ref": "#/nowhere"}
    inside = dict.fromkeys(("example", "default", "const", "x-anything"), value)
    check_references({**inside, "enum": [value], "examples": [value]})
    with pytest.raises(BrokenReference):
        check_references({"properties": inside})
