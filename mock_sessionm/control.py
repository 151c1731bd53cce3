"""The control API under `/__admin`: its routes come from its own contract, its orders are followed here."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from contracts.settings import SettingsError, checked
from contracts.validation import operations, validate

from .clock import Clock, ClockError
from .envelopes import JSON
from .inspection import ASKS, Answer, Ask, Bad, flag, tenant_key
from .journal import Filter, shown
from .reading import Unreadable, parsed
from .sync import Row
from .tenant import Tenant
from .tenant_settings import PARTNERS, SCHEMA, TenantSettings
from .world import Taken, World

PREFIX = "/__admin"
EVERYTHING = ("state", "journal", "faults", "clock")
STATE = "sessionm-harness.state/1"
FRAMING = frozenset({"connection", "content-length", "transfer-encoding"})
"""Headers that say where an answer ends: with two opinions about that, no client could read it."""
HTML = ("Content-Type", "text/html; charset=utf-8")


def blueprint(world: Callable[[], World]) -> Blueprint:
    """The routes of the control contract; `world` is asked at each request for the world that it is about.

    Raises `LookupError` where an operation has no function.
    """
    made = Blueprint("admin", __name__, template_folder="dashboard")
    for operation, (method, path) in operations("admin").items():
        ask = ASKS.get(operation) or ORDERS.get(operation)
        if ask is None:
            raise LookupError(f"nothing follows {operation} ({method} {path}); add it to control.ORDERS")
        made.add_url_rule(
            path.removeprefix(PREFIX).replace("{", "<segment:").replace("}", ">"),
            endpoint=operation,
            view_func=_route(world, ask),
            methods=[method],
            provide_automatic_options=False,
        )
    return made


def paths() -> list[str]:
    """Every path of the control API, as templates."""
    return [path for _, path in operations("admin").values()]


def create_tenant(world: World) -> Answer:
    """A tenant document with credentials of its own for every vendor."""
    body = _body("createTenant", default={})
    mode, alone = body.pop("on_violation", None), body.pop("alone", False)
    begins, schedule = body.pop("clock", {}), body.pop("faults", [])
    _lasting(schedule, "/faults")
    clock = world.clock.copy()
    _set(clock, begins)
    try:
        given = checked(body, SCHEMA, "tenant", secrets=False)
        document = _completed(world, given, alone=alone)
        settings = TenantSettings.of(document)
        tenant = world.create(settings, on_violation=mode, clock=clock.copy())
    except SettingsError as error:
        raise Bad(str(error)) from error
    except Taken as error:
        raise Bad(str(error), 409) from error
    tenant.faults.set(schedule)
    return {**tenant.settings.document(), "on_violation": tenant.on_violation}


def delete_tenant(world: World, api_key: str) -> Answer:
    """`used` says how often each assumption made a difference in this tenant."""
    tenant = world.tenants.get(api_key)
    if tenant is None:
        raise Bad("no tenant has this api_key; GET /__admin/tenants lists them", 404)
    told = {}
    if flag("tell"):
        heard = world.journal.interactions(Filter(tenant=api_key))
        told = {"state": _exported(tenant), "requests": [shown(one, exact=True) for one in heard]}
    world.delete(api_key)
    return {"deleted": api_key, "used": tenant.used, **told}


def import_tags(world: World, api_key: str) -> Answer:
    """Each row as `[line, outcome, rule or null, the line that it contradicts or null]`, and what the job shows."""
    tenant = world.tenants.get(api_key)
    if tenant is None:
        raise Bad("no tenant has this api_key; GET /__admin/tenants lists them", 404)
    body = _body("importTags")
    sync = tenant.imports
    if "job" not in body:
        job = sync.begin(body.get("lookup_key", "user_id"), body.get("seed", 0))
    else:
        found = sync.job(body["job"])
        if found is None:
            raise Bad("no unfinished import has this id; leave job out to begin one", 404)
        job = found
    # Named tuples are no JSON to orjson.
    did = [tuple(one) for one in sync.take(job, map(Row._make, body["rows"]), last=body.get("last", False))]
    return {**sync.summary(job), "rows": did}


def delete_requests(world: World) -> Answer:
    world.journal.clear(tenant_key(world))
    return {"requests": len(world.journal)}


def state(world: World) -> Answer:
    return {"format": STATE, "tenants": [_exported(tenant) for tenant in world.several(tenant_key(world))]}


def put_state(world: World) -> Answer:
    """Import what `state` gave. A state of one tenant goes into the tenant that the query names."""
    key = tenant_key(world)
    entries = _body("putState")["tenants"]
    if key is not None and len(entries) != 1:
        raise Bad(f"a state of one tenant is wanted for ?tenant=, and this one has {len(entries)}")
    for entry in entries:
        if key is None and entry["tenant"] not in world.tenants:
            raise Bad("the state has a tenant that is not here; create it first, or name another with ?tenant=", 404)
        # Tried on a clock of nobody first, so that a bad time changes nothing.
        _set(Clock(0.0, frozen=True), entry["clock"])
    for entry in entries:
        tenant = world.tenants[key if key is not None else entry["tenant"]]
        tenant.restore(entry)
        _set(tenant.clock, entry["clock"])
    return {"imported": len(entries)}


def reset(world: World) -> Answer:
    only = _body("reset", default={}).get("only", EVERYTHING)
    world.reset(only, tenant_key(world))
    return {"reset": [name for name in EVERYTHING if name in only]}


def clock(world: World) -> Answer:
    key = tenant_key(world)
    return _shown(world.clock if key is None else world.tenants[key].clock)


def put_clock(world: World) -> Answer:
    key = tenant_key(world)
    body = _body("putClock")
    for each in _clocks(world, key):
        _set(each, body)
    _settle(world, key)
    return clock(world)


def advance_clock(world: World) -> Answer:
    key = tenant_key(world)
    by = _body("advanceClock")["by"]
    try:
        for each in _clocks(world, key):
            each.copy().advance(by)  # none is moved unless all can be
        for each in _clocks(world, key):
            each.advance(by)
        _settle(world, key)
    except ClockError as error:
        raise Bad(str(error)) from error
    return clock(world)


def faults(world: World) -> Answer:
    key = tenant_key(world)
    return {"schedule": (world.faults if key is None else world.tenants[key].faults).document()}


def put_faults(world: World) -> Answer:
    """For all tenants, those to come included, unless the query names one."""
    key = tenant_key(world)
    schedule = _body("putFaults")["schedule"]
    _lasting(schedule, "/schedule")
    (world.faults if key is None else world.tenants[key].faults).set(schedule)
    return faults(world)


def delete_faults(world: World) -> Answer:
    world.reset(["faults"], tenant_key(world))
    return {"schedule": []}


ORDERS: dict[str, Ask] = {
    "createTenant": create_tenant,
    "deleteTenant": delete_tenant,
    "importTags": import_tags,
    "deleteRequests": delete_requests,
    "state": state,
    "putState": put_state,
    "reset": reset,
    "clock": clock,
    "putClock": put_clock,
    "advanceClock": advance_clock,
    "faults": faults,
    "putFaults": put_faults,
    "deleteFaults": delete_faults,
}


def _route(world: Callable[[], World], ask: Ask) -> Callable[..., Response]:
    done = 201 if ask is create_tenant else 200

    def answer(**arguments: str) -> Response:
        try:
            made = ask(world(), **arguments)
        except Bad as error:
            return Response(orjson.dumps({"error": str(error)}), error.status, [JSON])
        if isinstance(made, str):
            return Response(made, done, [HTML])
        return Response(made if isinstance(made, bytes) else orjson.dumps(made), done, [JSON])

    return answer


def _body(operation: str, default: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body of an order, valid against the control contract. Raises `Bad`."""
    raw = request.get_data(cache=False)
    if not raw and default is not None:
        return dict(default)
    try:
        body = parsed(raw)
    except Unreadable as error:
        raise Bad(f"the body is {error}") from error
    wrong = validate("admin", operation, body)
    if wrong:
        raise Bad(wrong[0].message)
    made: dict[str, Any] = body
    return made


def _exported(tenant: Tenant) -> dict[str, Any]:
    return {"tenant": tenant.api_key, "clock": _shown(tenant.clock), **tenant.export()}


def _lasting(schedule: list[dict[str, Any]], place: str) -> None:
    """Nothing, where every answer of a schedule can be read. Raises `Bad`."""
    for number, entry in enumerate(schedule):
        for name in entry["fault"].get("headers", {}):
            if name.lower() in FRAMING:
                raise Bad(f"{place}/{number}/fault/headers/{name}: the server writes this header; leave it out")


def _completed(world: World, given: dict[str, Any], *, alone: bool) -> dict[str, Any]:
    """A tenant document in which the app's own tenant, unless it is `alone`, and fresh credentials fill the gaps."""
    own = TenantSettings() if alone else world.settings
    fresh = dataclasses.replace(own, **world.fresh_credentials()).document()
    core = {**fresh["core"], **given.get("core", {})}
    partners = {name: {**fresh[name], **given[name]} for name in given.keys() & fresh.keys() if name in PARTNERS}
    return {**fresh, **given, **partners, "core": core}


def _clocks(world: World, key: str | None) -> list[Clock]:
    own = [tenant.clock for tenant in world.several(key)]
    return own if key is not None else [world.clock, *own]


def _settle(world: World, key: str | None) -> None:
    for tenant in world.several(key):
        tenant.settle()


def _shown(each: Clock) -> dict[str, Any]:
    return {"now": each.iso(), "frozen": each.frozen}


def _set(each: Clock, body: dict[str, Any]) -> None:
    try:
        # Tried on a clock of nobody first, so that a bad time changes nothing.
        Clock(0.0, frozen=True).set(body.get("now", 0.0))
    except ClockError as error:
        raise Bad(str(error)) from error
    # Stopped before it is set: between the two a clock that runs would go on.
    if "frozen" in body:
        each.freeze(body["frozen"])
    if "now" in body:
        each.set(body["now"])
