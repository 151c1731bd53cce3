"""Tiers over the wire: moving somebody, qualifying by points, and how far there is to go."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.statement import progress, rule_tree_id, tier_levels
from mock_sessionm.surface import View

from .incentives import answer
from .subject import subject, tenant_of


def move_user(call: Call) -> dict[str, Any]:
    """Put the customer at the level, whatever the points say; they are looked at afterwards where that is asked."""
    tenant, customer = tenant_of(call), subject(call)
    tier = tenant.tiers.tier(call.body["tier_level_id"])
    if tier is not None:
        tenant.tiers.move(customer.id, tier, through=call.body.get("process_intermediate_levels") is True)
    if call.body.get("evaluate_qualifying_rules") is True:
        tenant.tiers.qualify(customer.id)
    return answer(call, {"tier_levels": tier_levels(tenant, customer)})


def qualifying(call: Call) -> dict[str, Any]:
    """Put the customer where the points lead."""
    tenant, customer = tenant_of(call), subject(call)
    if "sessionm.tier-qualifying" in tenant.behaviours:
        tenant.tiers.qualify(customer.id)
    return answer(call, {"tier_levels": tier_levels(tenant, customer)})


def user_progress(call: Call) -> dict[str, Any]:
    """How far the customer has come towards each level whose rule tree is named; towards all where none is."""
    tenant, customer = tenant_of(call), subject(call)
    wanted = {tree.lower() for tree in call.body.get("ids", ())}
    found = [
        progress(tenant, customer, tier)
        for ladder in tenant.tiers.systems.values()
        for tier in ladder
        if not wanted or rule_tree_id(tier) in wanted
    ]
    return {"user_id": call.body["user_id"], "progress": found}


VIEWS: dict[str, View] = {"moveUser": move_user, "qualifyUser": qualifying, "getUserProgress": user_progress}
