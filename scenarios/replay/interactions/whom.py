"""Whom a recorded interaction is about, and what a recording tells of who is there and who is not."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from contracts import Response
from contracts.conformance import Call
from mock_sessionm import Tenant
from scenarios.recordings.recorded import Recorded

from .accounts import Account, complaint_code, json_of
from .blame import About

IN_PATH = ("user_id", "external_id", "identifier")
IN_BODY = ("user_id", "mpid")
NOBODY = "user_not_found"


def about_whom(call: Call, one: Recorded, account: Account, tenant: Tenant | None) -> About:
    """Whom an interaction is about, as the fake knows them; what it is about where that is nobody."""
    arguments, body = call.arguments, json_of(one.interaction.request.body)
    name = next((unquote(arguments[place]) for place in IN_PATH if place in arguments), "")
    if not name and isinstance(body, dict):
        name = next((str(body[place]) for place in IN_BODY if isinstance(body.get(place), (str, int))), "")
    name = account.ids.own(name or _answered_id(one) or call.operation.name)
    if tenant is not None and call.operation.vendor == "sessionm":
        found = tenant.customers.by_any(name)
        name = found.id if found is not None else name
    return About(account.number, name)


def named(call: Call, one: Recorded) -> Iterator[str]:
    """The ids by which a request of Core names a customer, or makes one."""
    yield from (unquote(value) for place, value in call.arguments.items() if place in {"user_id", "external_id"})
    if call.operation.name == "createUser":
        body = json_of(one.interaction.request.body)
        user = body.get("user") if isinstance(body, dict) else None
        external = user.get("external_id") if isinstance(user, dict) else None
        if isinstance(external, str):
            yield external


def in_body(one: Recorded) -> Iterator[str]:
    """The id by which a request of Connect names a customer."""
    body = json_of(one.interaction.request.body)
    name = body.get("user_id") if isinstance(body, dict) else None
    if isinstance(name, str):
        yield name


def remember_people(call: Call, one: Recorded, account: Account, *, well: bool, own: Response) -> None:
    """Remember who was made, was deleted, or was said not to be there."""
    names, answer = set(named(call, one)), one.interaction.response
    if well and call.operation.name == "createUser":
        account.gone -= names
        if account.sides.people:
            account.made |= names | {_answered_id(one)}
    elif well and call.operation.name.startswith("deleteUser"):
        user = (json_of(own.body) or {}).get("user") or {}
        account.gone |= names | {value for value in (user.get("external_id"),) if isinstance(value, str)}
    elif not well and answer is not None and complaint_code(answer) == NOBODY:
        account.gone |= names


def _answered_id(one: Recorded) -> str:
    told = json_of(one.interaction.response.body) if one.interaction.response else None
    user = told.get("user") if isinstance(told, dict) else None
    id_ = user.get("id", "") if isinstance(user, dict) else ""
    return id_ if isinstance(id_, str) else ""
