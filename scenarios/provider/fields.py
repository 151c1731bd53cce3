"""Which fields the contract gives an answer, and which of them ever came."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from contracts.register import openapi
from contracts.validation import response_schema

from .fault import Fault

if TYPE_CHECKING:
    from .trial import Tally

FIELDS = "harness.fields-answered"

DEEP = 12
"""No answer of these APIs goes deeper; a schema that refers to itself ends here."""
BRANCHES = ("allOf", "oneOf", "anyOf")
OF_A_REFUSAL = ("errors", "meta", "error")
"""Where refusals speak; a success has its fields beside them."""


@cache
def declared(vendor: str, operation: str, status: int) -> frozenset[str]:
    """Where the contract has a field by name in an answer, as pointers with `-` for any place in a list."""
    schema = response_schema(vendor, operation, status)
    if schema is None:
        return frozenset()
    found = frozenset(_declared(vendor, {"$ref": schema}, "", 0))
    return frozenset(one for one in found if not one.startswith(tuple(f"/{name}" for name in OF_A_REFUSAL)))


def _declared(vendor: str, schema: Any, place: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth > DEEP:
        return
    if "$ref" in schema:
        yield from _declared(vendor, _at(vendor, schema["$ref"]), place, depth + 1)
    for name, inner in schema.get("properties", {}).items():
        yield f"{place}/{name}"
        yield from _declared(vendor, inner, f"{place}/{name}", depth + 1)
    if "items" in schema:
        yield from _declared(vendor, schema["items"], f"{place}/-", depth + 1)
    for branch in BRANCHES:
        for inner in schema.get(branch, ()):
            yield from _declared(vendor, inner, place, depth + 1)


def _at(vendor: str, place: str) -> Any:
    from urllib.parse import unquote

    found: Any = openapi(vendor)
    for part in place.removeprefix("#").split("/")[1:]:
        found = found[unquote(part).replace("~1", "/").replace("~0", "~")]
    return found


SELDOM: Mapping[str, str] = {
    "message": "is said of what was not kept",
    "send_id": "comes where the request has one",
    "notice": "is said of what will not be sent",
}
"""Names of fields that come only at times, and when."""
WRITING = ("/user/identifiers", "/user/phone_numbers", "/user/tier_details", "/user/user_profile")
"""What an answer about a customer has where a parameter asks for it, or where it was drawn for whoever writes."""
LISTED = ("/users/-/identifiers", "/users/-/tier_details", "/users/-/user_profile")
OUT_OF_REACH: Mapping[str, tuple[str, ...]] = {
    "listUsers": LISTED,
    "createUser": WRITING,
    "updateUser": WRITING,
    "updateUserByExternalId": WRITING,
    "deleteUser": WRITING,
    "deleteUserByExternalId": WRITING,
    # Tags come as a table or as a list; an assumption chooses, and the list is the other choice.
    "getTags": ("/tags/-",),
    "postTags": ("/tags/-",),
    "getTagsByExternalId": ("/tags/-",),
    "postTagsByExternalId": ("/tags/-",),
    # How far somebody has come is told of somebody.
    "listCampaigns": ("/campaigns/-/progress",),
}
"""Operation -> the fields that its requests do not bring about."""
ENOUGH = 5
"""So many successes, and a field that never came is missed."""


def unanswered(vendor: str, tally: Tally, elsewhere: frozenset[str]) -> None:
    """Blame an operation for fields that its contract has and that none of its answers had.

    `elsewhere` are the fields that answers of other operations had in the same place: they are written in one way
    for all, and whether one comes here may hang on what was drawn.
    """
    if tally.succeeded < ENOUGH or tally.example is None:
        return
    never = declared(vendor, tally.operation, tally.status) - tally.given - elsewhere
    never = frozenset(
        one for one in never if one.rpartition("/")[2] not in SELDOM and not _out_of_reach(tally.operation, one)
    )
    # What stands in a field that never came is missed with it.
    missed = sorted(one for one in never if one.rpartition("/")[0].removesuffix("/-") not in never)
    tally.cases[FIELDS, "at", not missed] += 1
    if missed:
        said = f"no answer ever has {', '.join(missed)}"
        tally.blame(
            Fault(FIELDS, "unanswered", said, tally.example, "nothing", "every field of the contract", tally.line)
        )


def _out_of_reach(operation: str, place: str) -> bool:
    return place.startswith(OUT_OF_REACH.get(operation, ()) + OUT_OF_REACH.get("*", ()))


def given(value: Any, place: str = "") -> Iterator[str]:
    """Where an answer has a field, in the same form."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{place}/{name}"
            yield from given(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from given(inner, f"{place}/-")
