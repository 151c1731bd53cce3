"""Points over the wire: balances, deposits, spends, and the audit log."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.statement import audit_log, balances
from mock_sessionm.surface import View

from .booking import deposited, spent
from .offers import whole
from .subject import subject, tenant_of

EXCLUDED = {"expired", "adjustment"}
"""What a log without some types leaves out, under the choice that it leaves any out."""


def balance(call: Call) -> dict[str, Any]:
    """The accounts that are named, in the order in which they are."""
    tenant = tenant_of(call)
    named = [account.lower() for account in call.body["point_account_ids"]]
    return balances(tenant, subject(call), [account for account in named if account in tenant.books.setup.accounts])


def all_balances(call: Call) -> dict[str, Any]:
    return balances(tenant_of(call), subject(call))


def deposit(call: Call) -> dict[str, Any]:
    return answer(call, {"details": deposited(call)})


def spend_multiple(call: Call) -> dict[str, Any]:
    return answer(call, {"details": spent(call)})


def fetch_audit_logs(call: Call) -> dict[str, Any]:
    """A page of the audit log; without `take`, all that follows."""
    tenant = tenant_of(call)
    left_out: set[str] = set()
    if call.body.get("exclude_specified_modification_types") is True:
        left_out = EXCLUDED if tenant.choice("audit-log-exclusion") == "expiries-and-adjustments" else set()
    if "sessionm.audit-log-paged" not in tenant.behaviours:
        return {"results": audit_log(tenant, subject(call), left_out)}
    first = whole(call, "skip", 0)
    last = first + whole(call, "take", 0) if "take" in call.body else None
    return {"results": audit_log(tenant, subject(call), left_out, slice(first, last))}


def answer(call: Call, more: dict[str, Any]) -> dict[str, Any]:
    """The payload of a call that changes something: who it is about, and as much more as the tenant's choice says."""
    made = {"user_id": call.body["user_id"]}
    return {**made, **more} if tenant_of(call).choice("incentives-answer") == "detailed" else made


VIEWS: dict[str, View] = {
    "getPointBalance": balance,
    "getAllPointBalances": all_balances,
    "depositPoints": deposit,
    "depositPointsV2": deposit,
    "spendPoints": spend_multiple,
    "fetchPointAuditLogs": fetch_audit_logs,
    "fetchUserPointAuditLogs": fetch_audit_logs,
}
