"""What can be asked of the fake without changing it: journal, rules, assumptions, customers, contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version as version_of
from typing import Any

from flask import render_template, request

from contracts import assumptions, rules

from . import documents, statement
from .clock import iso
from .core.tags import states
from .har import har
from .journal import Filter, shown
from .tenant import Tenant
from .world import World, totals

Answer = Any
"""JSON, or a text that is HTML."""
Ask = Callable[..., Answer]
DISTRIBUTION = "sessionm-harness"
SHOWN = 50


class Bad(ValueError):
    """A question or an order that cannot be followed; the text is the one line that is answered."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def tenant_key(world: World) -> str | None:
    """The tenant that the query names; None for all of them. Raises `Bad` for an unknown one."""
    key = request.args.get("tenant")
    if key is not None and key not in world.tenants:
        raise Bad("no tenant has this api_key; GET /__admin/tenants lists them", 404)
    return key


def number(name: str) -> int | None:
    """A whole number of the query. Raises `Bad`."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Bad(f"query {name}: a whole number is wanted, such as {name}=10")
    return int(text)


def flag(name: str) -> bool:
    """Whether something of the query is true; where it is not there, it is not. Raises `Bad`."""
    text = request.args.get(name, "false")
    if text not in {"true", "false"}:
        raise Bad(f"query {name}: true or false is wanted")
    return text == "true"


def wanted(world: World, *, broken: bool = False) -> Filter:
    """The filter that the query describes. Raises `Bad`."""
    method = request.args.get("method")
    flag("exact")
    return Filter(
        tenant=tenant_key(world),
        vendor=request.args.get("vendor"),
        method=method.upper() if method else None,
        path=request.args.get("path"),
        status=number("status"),
        rule=request.args.get("rule"),
        limit=number("limit"),
        broken=broken,
    )


def health(_world: World) -> Answer:
    return {"status": "ok"}


def version(_world: World) -> Answer:
    return {"name": DISTRIBUTION, "version": version_of(DISTRIBUTION)}


def requests(world: World) -> Answer:
    """`total` counts what fits before `limit`; `dropped` what the journal had to let go of so far."""
    exact = flag("exact")
    found = [shown(interaction, exact=exact) for interaction in world.journal.interactions(wanted(world))]
    return {"total": _count(world), "dropped": world.journal.dropped, "requests": found}


def count_requests(world: World) -> Answer:
    return {"count": _count(world), "dropped": world.journal.dropped}


def requests_har(world: World) -> Answer:
    return har(world.journal.interactions(wanted(world)), request.host_url, version_of(DISTRIBUTION))


def violations(world: World) -> Answer:
    """One row for each violation, with the number of its request."""
    rows = [
        {"request": made["number"], "at": made["at"], "tenant": made["tenant"], "operation": made["operation"], **row}
        for made in map(shown, world.journal.interactions(wanted(world, broken=True)))
        for row in made["violations"]
    ]
    rule = request.args.get("rule")
    return {"violations": [row for row in rows if rule is None or row["rule"] == rule]}


def outgoing(world: World) -> Answer:
    """`dropped` says how many were made before those that are kept."""
    tenants = list(world.several(tenant_key(world)))
    rows = [{"tenant": tenant.api_key, **row} for tenant in tenants for row in tenant.sent_out()]
    return {"dropped": sum(tenant.outgoing.dropped for tenant in tenants), "outgoing": rows}


def messages(world: World) -> Answer:
    tenants = list(world.several(tenant_key(world)))
    rows = [{"tenant": tenant.api_key, **row} for tenant in tenants for row in tenant.messages()]
    return {"dropped": sum(tenant.workspace.dropped for tenant in tenants), "messages": rows}


def register(world: World) -> Answer:
    """Each rule; `tried` is null for a rule that no check of the gate looks at."""
    tenants = world.several(tenant_key(world))
    asked = totals(tenant.asked for tenant in tenants)
    broken = totals(tenant.broken for tenant in tenants)
    checked = {check.rule for check in world.gate}
    return {
        "rules": [
            {
                **rule.row(),
                "tried": _tried(world, asked, rule.id) if rule.id in checked else None,
                "broken": broken.get(rule.id, 0),
            }
            for rule in rules().values()
        ]
    }


def leaned_on(world: World) -> Answer:
    """Each assumption of SessionM's; `choice` is what holds in the tenant that is asked about."""
    key = tenant_key(world)
    used = totals(tenant.used for tenant in world.several(key))
    choices = world.choices if key is None else world.tenants[key].choices
    return {
        "assumptions": [
            {
                "id": assumption.id,
                "choice": choices[assumption.id],
                "alternatives": [choice for choice in assumption.choices if choice != choices[assumption.id]],
                "owner": assumption.owner,
                "question": assumption.question,
                "used": used.get(assumption.id, 0),
            }
            for assumption in assumptions().values()
        ]
    }


def tenants(world: World) -> Answer:
    return {
        "tenants": [
            {
                "api_key": tenant.api_key,
                "users": len(tenant.customers),
                "on_violation": tenant.on_violation,
                "assumptions": tenant.choices.changed(),
            }
            for tenant in world.tenants.values()
        ]
    }


def user(world: World, api_key: str, id: str) -> Answer:  # noqa: A002  the path says id
    tenant = _tenant(world, api_key)
    customer = tenant.customers.by_any(id)
    if customer is None:
        raise Bad("no customer of this tenant has this id, SessionM's or external", 404)
    return {
        "user": {
            **customer.record(profile=True, identifiers=True),
            "tier_details": statement.tier_details(tenant, customer),
        },
        "tags": states(tenant, customer),
        "events": customer.events,
        "offers": tenant.wallets.shown(customer.id),
        "points": statement.accounts(tenant, customer),
    }


def customerio_people(world: World, api_key: str) -> Answer:
    """Everybody in the workspace, in the order in which they came."""
    people = _tenant(world, api_key).track
    return {
        "people": [people.shown(one) for one in people.profiles],
        "suppressed": people.suppressed,
        "anonymous": people.anonymous,
        "objects": people.entities.objects,
        "deliveries": people.entities.deliveries,
    }


def customerio_person(world: World, api_key: str, identifier: str) -> Answer:
    people = _tenant(world, api_key).track
    found = people.person(identifier)
    if found is None:
        raise Bad("no person of this workspace has this id, email or cio_ id", 404)
    return people.shown(found)


def _tenant(world: World, api_key: str) -> Tenant:
    tenant = world.tenants.get(api_key)
    if tenant is None:
        raise Bad("no tenant has this api_key; GET /__admin/tenants lists them", 404)
    return tenant


def mparticle_batches(world: World, api_key: str) -> Answer:
    """`dropped` says how many were taken before those that are kept."""
    return _tenant(world, api_key).ingest.shown()


def mparticle_profile(world: World, api_key: str, mpid: str) -> Answer:
    profile = _tenant(world, api_key).ingest.profiles.get(mpid)
    if profile is None:
        raise Bad("no batch spoke of this MPID", 404)
    return {"mpid": profile.mpid, "attributes": profile.attributes, "identities": profile.identities}


def own_contract(_world: World) -> Answer:
    return documents.plain("admin")


def contract(world: World, vendor: str) -> Answer:
    if vendor not in documents.vendors():
        raise Bad(f"no contract of that vendor; there is {', '.join(documents.vendors())}", 404)
    key = tenant_key(world)
    if key is None or vendor != "sessionm":
        return documents.plain(vendor)
    return documents.specialised(world.tenants[key])


def dashboard(world: World) -> Answer:
    latest = world.journal.entries(Filter(limit=SHOWN))
    return render_template(
        "index.html",
        version=version_of(DISTRIBUTION),
        tenants=list(world.tenants.values()),
        entries=[(iso(entry.at), entry) for entry in reversed(latest)],
        journal=world.journal,
        sent=sorted(_sent(world.tenants.values()), key=lambda message: str(message["at"]), reverse=True)[:SHOWN],
    )


def _sent(tenants: Iterable[Tenant]) -> Iterator[dict[str, Any]]:
    for tenant in tenants:
        yield from tenant.messages()


ASKS: dict[str, Ask] = {
    "dashboard": dashboard,
    "health": health,
    "version": version,
    "requests": requests,
    "countRequests": count_requests,
    "har": requests_har,
    "violations": violations,
    "outgoing": outgoing,
    "messages": messages,
    "rules": register,
    "assumptions": leaned_on,
    "tenants": tenants,
    "user": user,
    "customerioPeople": customerio_people,
    "customerioPerson": customerio_person,
    "mparticleBatches": mparticle_batches,
    "mparticleProfile": mparticle_profile,
    "openapi": own_contract,
    "vendorOpenapi": contract,
}


def _count(world: World) -> int:
    filter_ = wanted(world)
    return sum(1 for entry in world.journal if filter_(entry))


def _tried(world: World, asked: dict[str, int], rule: str) -> int:
    return sum(
        count
        for operation, count in asked.items()
        if any(check.rule == rule for check in world.checks.get(operation, ()))
    )
