"""Where the data of one batch goes: every point's fate, and whether it stays there once it has arrived."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts import Violation
from contracts.interaction import pointer
from contracts.transport import WsgiTransport
from forwarder import DESTINATIONS, Batch, Connection, Delivered, Delivery, Fate, Plan, plan
from mock_sessionm import Clock, Customer, TenantSettings, create_app, world

from .data_plan import DataPlan, Deviation
from .place import credentials
from .reading import all_points


@dataclass(frozen=True, slots=True)
class Landing:
    """Whether the fake keeps a point that was sent; if not, the rule, and the defined name that was meant."""

    kept: bool
    rule: str | None = None
    nearest: str | None = None
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"kept": self.kept, "rule": self.rule, "nearest": self.nearest}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A plan with its fates in the order of the batch, and what was found out about them.

    `landings` is by point, empty without a tenant; `deviations` is None without a data plan; `kept_by` is the
    vendor's name for people.
    """

    plan: Plan
    batch: Batch
    landings: Mapping[str, Landing] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] | None = None
    warnings: tuple[str, ...] = ()
    kept_by: str = "SessionM"

    def to_json(self) -> dict[str, Any]:
        """The form that `explain --json` prints."""
        made = self.plan.to_json()
        for fate in made["fates"]:
            landing = self.landings.get(fate["point"])
            if landing is not None:
                fate["lands"] = landing.to_json()
        if self.deviations is not None:
            made["deviations"] = [one._asdict() for one in self.deviations]
        if self.warnings:
            made["warnings"] = list(self.warnings)
        return made


def explain(
    batch: Batch,
    connection: Connection,
    *,
    tenant: TenantSettings | None = None,
    data_plan: DataPlan | None = None,
    warnings: tuple[str, ...] = (),
) -> Explanation:
    """The same planning as on the live road; with `tenant`, the requests are put to a fake of that tenant too."""
    made = plan(batch, connection)
    order = {place: index for index, place in enumerate(all_points(batch.body))}
    fates = tuple(sorted(made.fates, key=lambda fate: order.get(fate.point, len(order))))
    made = Plan(made.requests, fates)
    return Explanation(
        made,
        batch,
        landings=_landings(made, connection, tenant) if tenant is not None else {},
        deviations=tuple(data_plan.check(batch.body)) if data_plan is not None else None,
        warnings=warnings,
        kept_by=DESTINATIONS[connection.destination].title,
    )


def _landings(made: Plan, connection: Connection, settings: TenantSettings) -> dict[str, Landing]:
    """What a fake of the tenant keeps of each point that was sent."""
    from dataclasses import replace

    app = create_app(settings, clock=Clock(0, frozen=True), choices=connection.choices)
    tenant = world(app).tenants[settings.api_key]
    reachable = replace(connection, **credentials(connection.destination, {"default": tenant.settings}))
    delivery = Delivery(
        WsgiTransport(app), reachable, clock=tenant.clock.now, sleep=tenant.clock.advance, chance=random.Random(0)
    )
    landed: dict[str, Landing] = {}
    for request in made.requests:
        seen = len(world(app).journal.entries())
        (outcome,) = delivery.deliver(Plan((request,), ()))
        violations = [one for entry in world(app).journal.entries()[seen:] for one in entry.violations]
        # A customer who was not known yet is asked for first; that this fails is how it should be.
        violations = [one for one in violations if one.rule != "sessionm.user-exists"]
        customer = tenant.customers.by_external(request.lane.partition(":")[2])
        for fate in made.fates:
            if fate.fate == "sent" and fate.request == request.key:
                if connection.destination == "sessionm":
                    landed[fate.point] = _landing(fate, outcome, violations, customer)
                else:
                    landed[fate.point] = _landing_elsewhere(fate, outcome, violations)
    return landed


def _landing(fate: Fate, outcome: Delivered, violations: list[Violation], customer: Customer | None) -> Landing:
    if outcome.verdict != "delivered":
        return _unkept(violations) if violations else Landing(False, outcome.code)
    if fate.point.startswith("/events/"):
        # A request carries one event, so what is said of the event is said of all its attributes.
        causes = [one for one in violations if one.pointer.startswith("/events/") and one.pointer.count("/") == 2]
        return _unkept(causes) if causes else Landing(True)
    name = fate.as_ or ""
    about = [one for one in violations if one.pointer == pointer("user", "user_profile", name)]
    if not _custom(fate) or (customer is not None and name in customer.attributes and not about):
        return Landing(True)
    return _unkept(about + [one for one in violations if one.pointer == pointer("user", "user_profile")])


def _landing_elsewhere(fate: Fate, outcome: Delivered, violations: list[Violation]) -> Landing:
    """Where a vendor refuses or leaves out, and keeps all the rest."""
    if outcome.verdict != "delivered":
        return _unkept(violations) if violations else Landing(False, outcome.code)
    # A user attribute and an event attribute may have one name: what they stand in tells them apart.
    inside = fate.point.rpartition("/")[0].rpartition("/")[2]
    others = {"user_attributes", "custom_attributes"} - {inside}
    about = []
    for one in violations:
        *above, name = one.pointer.split("/")
        if name.replace("~1", "/").replace("~0", "~") == fate.as_ and not others & set(above[-1:]):
            about.append(one)
    return _unkept(about) if about else Landing(True)


def _unkept(causes: list[Violation]) -> Landing:
    first = causes[0] if causes else None
    return Landing(False, first.rule, first.nearest, first.message) if first else Landing(False)


def _custom(fate: Fate) -> bool:
    """Whether the point goes among the custom attributes, and not into a field of SessionM's own."""
    attribute = fate.point.startswith(("/user_attributes/", "/deleted_user_attributes/"))
    return attribute and fate.rule != "sessionm.reserved-fields"
