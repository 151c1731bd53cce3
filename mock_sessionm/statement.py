"""How points and tiers look on the wire: balances, the audit log, levels with their progress.

Field names are those that public clients read (source: sessionm-clients#incentives); numbers whose meaning is not
public stand as zero.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from .clock import iso
from .customers import Customer
from .limits import table
from .points import Entry, derived_id
from .tenant import Tenant
from .tiers import Standing, Tier

MEANING_UNKNOWN = 0
"""Where clients read a number of which nobody says what it stands for."""


def balances(tenant: Tenant, customer: Customer, account_ids: Iterable[str] | None = None) -> dict[str, Any]:
    """What is on the accounts named, or on all of them."""
    books = tenant.books
    named = list(dict.fromkeys(account_ids)) if account_ids is not None else list(books.setup.accounts)
    details = [_balance(tenant, customer, account_id) for account_id in named]
    available = sum(detail["available_balance"] for detail in details)
    of_life = sum(detail["life_time_value"] for detail in details)
    spent = tenant.choice("summary-total-points") == "spent"
    total = sum(books.spent(customer.id, account_id) for account_id in named) if spent else available
    return {
        "retailer_id": retailer(tenant),
        "user_id": customer.id,
        "summary": {"total_points": total, "life_time_points": of_life},
        "details": details,
    }


def audit_log(
    tenant: Tenant, customer: Customer, left_out: Container[str] = (), page: slice = slice(None)
) -> list[dict[str, Any]]:
    """A page of the lines of a customer's books, those left out whose kind is, in the order of the tenant's choice."""
    log = [entry for entry in tenant.books.log(customer.id) if entry.kind not in left_out]
    if tenant.choice("history-order") == "newest-first":
        log.reverse()
    return [_audit_row(tenant, customer, entry) for entry in log[page]]


def accounts(tenant: Tenant, customer: Customer) -> list[dict[str, Any]]:
    """Each point account of a customer: its balance, and under `log` its lines of the audit log."""
    rows = audit_log(tenant, customer)
    return [
        {**detail, "log": [row for row in rows if row["point_account_id"] == detail["point_account_id"]]}
        for detail in balances(tenant, customer)["details"]
    ]


def tier_details(tenant: Tenant, customer: Customer) -> dict[str, Any]:
    """What a Core user has with `expand_incentives`."""
    return {"tier_levels": tier_levels(tenant, customer), "point_account_balances": balances(tenant, customer)}


def tier_levels(tenant: Tenant, customer: Customer) -> list[dict[str, Any]]:
    """The level that a customer is at in each tier system, with the way to the next one."""
    return [
        tier_level(tenant, customer, standing)
        for system_id in tenant.tiers.systems
        if (standing := tenant.tiers.standing(customer.id, system_id)) is not None
    ]


def tier_level(tenant: Tenant, customer: Customer, standing: Standing) -> dict[str, Any]:
    tier = standing.tier
    above = tenant.tiers.next(customer.id, tier.system_id)
    return {
        "id": derived_id(tier.id, f"level of {customer.id}"),
        "tier_system_id": tier.system_id,
        "tier_level_id": tier.id,
        "user_id": customer.id,
        # A level that wants no points is everybody's from the start.
        "join_date": iso(standing.since or customer.created),
        "next_maintenance_eval_date": None,
        "tier_overview": _overview(tenant, tier),
        "next_tier_overview": _overview(tenant, above) if above else None,
        "tier_progress": [progress(tenant, customer, above)] if above else [],
    }


def progress(tenant: Tenant, customer: Customer, tier: Tier) -> dict[str, Any]:
    """How far a customer has come towards a level: a tree of one rule, that so many points are there."""
    tree, rule = rule_tree_id(tier), derived_id(tier.id, "rule")
    points = tenant.tiers.counted(customer.id)
    return {
        "rule_tree_id": tree,
        "rules": [
            {
                "query_result": points,
                "rule_id": rule,
                "parent_id": None,
                "tree_id": tree,
                "rule_passed": points >= tier.points,
                "discriminator": MEANING_UNKNOWN,
                "rule_tree_name": tier.name,
                "rule": {
                    "id": rule,
                    "retailer_id": retailer(tenant),
                    "parent_id": None,
                    "discriminator": MEANING_UNKNOWN,
                    "comparison": MEANING_UNKNOWN,
                    "target_balance": tier.points,
                    "rank": tier.rank,
                    "is_new": False,
                    "constraints": [],
                },
            }
        ],
    }


def rule_tree_id(tier: Tier) -> str:
    """The id under which `user_progress` is asked for a level."""
    return derived_id(tier.id, "rule tree")


def retailer(tenant: Tenant) -> str:
    found: str = tenant.settings.partners.get("connect", {}).get("retailer_id", "")
    return found


def user_account_id(customer: Customer, account_id: str) -> str:
    """The id of one customer's part of a point account."""
    return derived_id(account_id, f"account of {customer.id}")


def _balance(tenant: Tenant, customer: Customer, account_id: str) -> dict[str, Any]:
    account = tenant.books.setup.accounts[account_id]
    return {
        "account_name": account.name,
        "user_point_account_id": user_account_id(customer, account.id),
        "point_account_id": account.id,
        "grouping_label": account.label,
        "available_balance": tenant.books.balance(customer.id, account.id),
        "life_time_value": tenant.books.earned(customer.id, account.id),
    }


def _audit_row(tenant: Tenant, customer: Customer, entry: Entry) -> dict[str, Any]:
    account = tenant.books.setup.accounts.get(entry.account_id)
    source = tenant.books.setup.sources.get(entry.origin.source)
    signed = tenant.choice("audit-modification") == "signed"
    at = iso(entry.at)
    row = {
        "id": entry.id,
        "retailer_id": retailer(tenant),
        "user_id": customer.id,
        "account_name": account.name if account else "",
        "point_account_id": entry.account_id,
        "user_point_account_id": user_account_id(customer, entry.account_id),
        "modification": entry.amount if signed else abs(entry.amount),
        "amount_spent": entry.spent,
        "amount_expired": entry.expired,
        "audit_type": _audit_type(tenant, entry),
        "modification_type": entry.origin.reference_type or entry.kind,
        "modification_entity_id": entry.origin.reference_id or None,
        "spend_weight": MEANING_UNKNOWN,
        "point_source_id": source.id if source else None,
        "point_source_name": source.name if source else entry.origin.source or None,
        "time_of_occurrence": entry.origin.occurred or at,
        "create_date": at,
        "request_id": entry.origin.request_id,
        "idempotency_id": entry.origin.idempotency_id,
    }
    if entry.origin.transaction_id:
        row["transaction_id"] = entry.origin.transaction_id
    return row


def _audit_type(tenant: Tenant, entry: Entry) -> int:
    numbers = table("sessionm.audit-types")
    kind = entry.kind if "sessionm.audit-types" in tenant.behaviours else "issued"
    number: int = numbers[kind]
    return number


def _overview(tenant: Tenant, tier: Tier) -> dict[str, Any]:
    return {
        "id": tier.id,
        "tier_system_id": tier.system_id,
        "retailer_id": retailer(tenant),
        "name": tier.name,
        "rank": tier.rank,
        "status": MEANING_UNKNOWN,
    }
