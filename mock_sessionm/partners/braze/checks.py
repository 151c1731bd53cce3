"""What a call to Braze is held against, in the order in which Braze would notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from contracts import Violation
from contracts.interaction import pointer
from mock_sessionm.call import Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.limits import limit, table

from . import audience
from .workspace import INSTANCES, Piece, Pool, Target

BRAZE = "braze"
OPERATIONS = operations_below("braze", "/campaigns/", "/canvas/")
CANVAS = frozenset({"triggerCanvas"})
CAMPAIGN = OPERATIONS - CANVAS
BROADCASTS: Pool = "braze.broadcasts-per-minute"
OTHERS: Pool = "braze.requests-per-hour"
WITH_PROPERTIES = ("trigger_properties", "context", "canvas_entry_properties")


def target_of(call: Call) -> Target:
    return "canvas" if call.operation in CANVAS else "campaign"


def id_of(call: Call) -> str:
    """The id of what the call sets off; empty where it gives none."""
    given = call.body.get(f"{target_of(call)}_id") if isinstance(call.body, dict) else None
    return given if isinstance(given, str) else ""


def piece_of(call: Call) -> Piece | None:
    """The campaign or Canvas that the call sets off; None where the workspace has none of this id."""
    pieces = known_tenant(call).workspace.pieces
    return pieces.get((target_of(call), id_of(call)))


def pool_of(call: Call) -> Pool:
    """Which rate limit a call counts against."""
    return BROADCASTS if isinstance(call.body, dict) and call.body.get("broadcast") is True else OTHERS


def recipients(call: Call) -> list[Mapping[str, Any]]:
    """The recipients of a call whose shape may not be checked yet."""
    given = call.body.get("recipients") if isinstance(call.body, dict) else None
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


def owners(call: Call) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What properties can stand beside, with its JSON pointer: the call itself, and each recipient."""
    if isinstance(call.body, dict):
        yield "", call.body
    yield from ((pointer("recipients", at), one) for at, one in enumerate(recipients(call)))


def credentials(call: Call) -> Iterator[Violation]:
    """A Bearer key of a workspace, with nothing round it (source: braze-api#rest-api-key)."""
    if call.holder is None:
        text = "header authorization: no API key of a workspace came; Bearer and a key without quotes are wanted"
        yield Violation("braze.credentials", "header:authorization", text, "no valid key", "a Bearer key")


def instance(call: Call) -> Iterator[Violation]:
    """A key opens the instance on which its workspace is, and no other (source: braze-api#endpoints)."""
    host = call.header("host").partition(":")[0].lower()
    own = known_tenant(call).workspace.host
    if INSTANCES.fullmatch(host) and host != own:
        text = f"header host: {host} is another instance than the workspace's, which is {own}"
        yield Violation("braze.instance", "header:host", text, "another instance", own)


def permission(call: Call) -> Iterator[Violation]:
    """The key must be allowed to trigger what it triggers (source: braze-sessionm#prerequisites)."""
    workspace = known_tenant(call).workspace
    wanted = workspace.wanted(target_of(call))
    if wanted not in workspace.permissions(call.header("authorization").strip().partition(" ")[2].strip()):
        text = f"header authorization: the key lacks the permission {wanted}"
        yield Violation("braze.permission", "header:authorization", text, "a key without it", wanted)


def rate(call: Call, pool: Pool) -> Iterator[Violation]:
    workspace = known_tenant(call).workspace
    if pool_of(call) == pool and not workspace.left(pool):
        most = workspace.limit(pool)
        text = f"more than {most} calls within {table(pool)['seconds']} seconds; wait for X-RateLimit-Reset"
        yield Violation(pool, "", text, "one more", f"{most}")


def broadcast_rate(call: Call) -> Iterator[Violation]:
    yield from rate(call, BROADCASTS)


def hourly_rate(call: Call) -> Iterator[Violation]:
    yield from rate(call, OTHERS)


def content_type(call: Call) -> Iterator[Violation]:
    kind = call.header("content-type").partition(";")[0].strip().lower()
    if kind != "application/json":
        text = "header content-type: application/json is wanted"
        yield Violation("braze.content-type", "header:content-type", text, "another type", "application/json")


def body_max(call: Call) -> Iterator[Violation]:
    kilo = kilobyte(call)
    most = limit("braze.body-max")
    if len(call.raw) > most * kilo * kilo:
        text = f"the body: {len(call.raw)} bytes, at most {most} MB"
        yield Violation("braze.body-max", "", text, f"{len(call.raw)} bytes", f"{most} MB")


def kilobyte(call: Call) -> int:
    """How many bytes Braze takes for a kilobyte."""
    return int(known_tenant(call).choices["braze-kilobyte"])


def properties_max(call: Call) -> Iterator[Violation]:
    """Properties have a size in bytes, each object for itself (source: braze-trigger-campaigns#request-parameters)."""
    most = limit("braze.properties-max")
    for place, owner in owners(call):
        for name in WITH_PROPERTIES:
            size = len(orjson.dumps(owner[name])) if name in owner else 0
            if size > most * 1000:
                known_tenant(call).choice("braze-kilobyte")
            if size > most * kilobyte(call):
                text = f"{place}/{name}: {size} bytes, at most {most} KB"
                yield Violation("braze.properties-max", f"{place}/{name}", text, f"{size} bytes", f"{most} KB")


def known_id(call: Call) -> Iterator[Violation]:
    """The workspace has an API-triggered campaign or Canvas of this id."""
    kind = target_of(call)
    if piece_of(call) is None:
        other = (("campaign" if kind == "canvas" else "canvas"), id_of(call)) in known_tenant(call).workspace.pieces
        names = {"campaign": "campaign", "canvas": "Canvas"}
        text = f"/{kind}_id: the workspace has no {names[kind]} of this id"
        if other:
            text += "; the id is that of the other kind, which has an endpoint of its own"
        yield Violation("braze.known-id", f"/{kind}_id", text, "an unknown id", f"the id of a {names[kind]}")


def audience_comparisons(call: Call) -> Iterator[Violation]:
    """A filter compares in a way that there is (source: braze-audience)."""
    tree = call.body.get("audience", {}) if isinstance(call.body, dict) else {}
    for place, leaf in audience.leaves(tree, "/audience"):
        if wrong := audience.unusable(leaf):
            yield Violation("braze.audience-comparison", place, f"{place}: {wrong}", wrong, "a comparison of Braze's")


def trigger_properties(call: Call) -> Iterator[Violation]:
    """A Canvas reads `context`; `trigger_properties` reach campaigns only (source: braze-trigger-canvases)."""
    for place, owner in owners(call):
        if "trigger_properties" in owner:
            where = f"{place}/trigger_properties"
            text = f"{where}: does not reach a Canvas; context (or canvas_entry_properties, its older name) does"
            yield Violation("braze.trigger-properties-for-campaigns", where, text, "trigger_properties", "context")


def subscription_groups(call: Call) -> Iterator[Violation]:
    """Attributes may hold subscription groups where a campaign is triggered, and nowhere else."""
    for at, one in enumerate(recipients(call)):
        if isinstance(one.get("attributes"), dict) and "subscription_groups" in one["attributes"]:
            where = pointer("recipients", at, "attributes", "subscription_groups")
            text = f"{where}: is not written by a call to a Canvas"
            yield Violation("braze.subscription-groups-for-campaigns", where, text, "subscription_groups", "none")


GATE: tuple[Check, ...] = (
    Check("braze.credentials", credentials, barrier=True, surface=BRAZE),
    Check("braze.instance", instance, barrier=True, surface=BRAZE),
    Check("braze.permission", permission, barrier=True, surface=BRAZE),
    Check(BROADCASTS, broadcast_rate, barrier=True, surface=BRAZE),
    Check(OTHERS, hourly_rate, barrier=True, surface=BRAZE),
    Check("braze.content-type", content_type, barrier=True, surface=BRAZE),
    Check("braze.body-max", body_max, barrier=True, surface=BRAZE),
    Check("braze.contract", contract, barrier=True, surface=BRAZE),
    *marked_checks("braze", BRAZE, OPERATIONS),
    Check("braze.properties-max", properties_max, surface=BRAZE),
    Check("braze.audience-comparison", audience_comparisons, surface=BRAZE),
    Check("braze.known-id", known_id, barrier=True, surface=BRAZE),
    Check("braze.trigger-properties-for-campaigns", trigger_properties, CANVAS, surface=BRAZE),
    Check("braze.subscription-groups-for-campaigns", subscription_groups, CANVAS, surface=BRAZE),
)
