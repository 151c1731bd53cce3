"""The event data node of MadConnect's page: an event made into one, and held against the contract."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from contracts import Choices, rules
from contracts.register import openapi
from contracts.validation import check, compiled
from forwarder.batch import INT64
from forwarder.draft import Draft, EventDraft

VENDOR = "madconnect"
NODE = "#/components/schemas/EventDataNode"
NODE_WITH_UUIDS = "#/components/schemas/EventDataNodeWithUuids"
_NODE = openapi(VENDOR)["components"]["schemas"]["EventDataNode"]["properties"]
PROPERTIES: dict[str, Any] = _NODE["data"]["properties"]
"""The properties of the page, in its order."""
INTEGERS = frozenset(name for name, schema in PROPERTIES.items() if schema["type"] == "integer")
ATTRIBUTES = "custom_attributes"
OUTPUT_ALONE: frozenset[str] = frozenset(rules()["madconnect.input-form"].table["never-of-events"])
"""What mParticle's outputs say of an event, and its inputs do not know."""


def make_nodes(draft: Draft) -> None:
    """Every event becomes a node of the properties that travel; one that breaks the contract is refused by itself."""
    selected = draft.connection.settings.get(VENDOR, {}).get("parameters", PROPERTIES)
    choices = draft.connection.choices
    schema = NODE_WITH_UUIDS if choices["madconnect-texts"] == "uuid" else NODE
    is_valid = compiled(VENDOR, schema).is_valid
    kept = []
    for event in draft.events:
        if ATTRIBUTES not in selected:
            for point in event.attributes:
                draft.end(point, "filtered", "madconnect.selected-parameters", "custom_attributes is not selected")
            event.attributes = []
        event.body = _node(event, selected, choices)
        if choices["madconnect-beyond-page"] == "page-only":
            event.name = ""  # it is no property of the page, and did not travel
        node = {"event_type": event.kind, "data": _said(event.body)}
        if is_valid(node):
            kept.append(event)
        else:
            _refuse(draft, event, schema, node)
    draft.events = kept


def _node(event: EventDraft, selected: Container[str], choices: Choices) -> dict[str, Any]:
    """The `data` of the event as it travels: integers as numbers, attributes as far as they are still going."""
    nulls, others = choices["madconnect-nulls"] == "kept", choices["madconnect-beyond-page"] == "all"
    made = {}
    for name, value in event.body.items():
        if name in PROPERTIES:
            told = _integer(value) if name in INTEGERS and isinstance(value, str) else value
            if name in selected and (told is not None or nulls):
                made[name] = told
        elif others and name not in OUTPUT_ALONE:
            made[name] = value
    if isinstance(made.get(ATTRIBUTES), dict):
        made[ATTRIBUTES] = {point.out: point.value for point in event.attributes}
    return made


def _integer(text: str) -> int | str | None:
    """The number that a text of digits is, for mParticle's outputs write either; None for an empty text."""
    if not text:
        return None
    digits = text.removeprefix("-")
    # More digits than any 64-bit number has are no number that anybody meant.
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(INT64.stop))):
        return text
    return int(text)


def _said(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None} if None in body.values() else body


def _refuse(draft: Draft, event: EventDraft, schema: str, node: dict[str, Any]) -> None:
    place = check(VENDOR, schema, node)[0].pointer
    name = place.rpartition("/")[2]
    meant, rule = PROPERTIES[name]["title"], PROPERTIES[name]["x-rules"]["type"]
    if schema == NODE_WITH_UUIDS and isinstance(node["data"][name], str):
        meant = "a UUID"
    draft.end_event(event, "refused", rule, f"{event.place}{place} is not {meant}")
