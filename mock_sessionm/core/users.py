"""Customers over the wire: create, read, change, delete, search.

Reading shows custom attributes and external ids where a query parameter asks for them. Writing echoes the
whole customer, as a live tenant does (source: sessionm-live-tenant#update).
"""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.customers import FIELDS, Customer
from mock_sessionm.statement import tier_details
from mock_sessionm.surface import View

from .subject import subject, tenant_of

PROFILE = "user[user_profile]"
IDENTIFIERS = "show_identifiers"
INCENTIVES = "expand_incentives"


def create_user(call: Call) -> dict[str, Any]:
    customer = tenant_of(call).customers.create(call.user)
    return _written(call, customer)


def update_user(call: Call) -> dict[str, Any]:
    customer = subject(call)
    tenant_of(call).customers.write(customer, call.user)
    return _written(call, customer)


def get_user(call: Call) -> dict[str, Any]:
    customer = subject(call)
    made = customer.record(profile=call.flag(PROFILE), identifiers=call.flag(IDENTIFIERS))
    if call.flag(INCENTIVES):
        made["tier_details"] = tier_details(tenant_of(call), customer)
    return {"user": made}


def delete_user(call: Call) -> dict[str, Any]:
    """The customer as it was last known."""
    customer = subject(call)
    tenant_of(call).customers.remove(customer)
    return {"user": customer.record(profile=False, identifiers=False)}


def list_users(call: Call) -> dict[str, Any]:
    """Those of the customers asked for who are known, in the order of the question; the others are left out."""
    customers = tenant_of(call).customers
    wanted = dict.fromkeys(value for name, value in call.query if name == "user_ids[]")
    found = [customer for customer in map(customers.by_id, wanted) if customer]
    return {"users": [customer.record(profile=False, identifiers=False) for customer in found]}


def _written(call: Call, customer: Customer) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "user": customer.record(profile=bool(customer.version), identifiers=call.flag(IDENTIFIERS))
    }
    unknown = call.user.keys() - FIELDS
    if unknown:
        answer["message"] = f"/user: not kept, no field of a customer: {', '.join(sorted(unknown)[:10])}"
    return answer


VIEWS: dict[str, View] = {
    "createUser": create_user,
    "listUsers": list_users,
    "searchUser": get_user,
    "getUser": get_user,
    "getUserByExternalId": get_user,
    "updateUser": update_user,
    "updateUserByExternalId": update_user,
    "deleteUser": delete_user,
    "deleteUserByExternalId": delete_user,
}
