"""Whom a call is about, and in which tenant: what every view asks first."""

from __future__ import annotations

from mock_sessionm.call import Call
from mock_sessionm.customers import CRITERIA, Customer
from mock_sessionm.tenant import Tenant


def tenant_of(call: Call) -> Tenant:
    if call.tenant is None:
        raise LookupError("no tenant: such a call does not pass the gate")
    return call.tenant


def subject(call: Call) -> Customer:
    """The customer whom the path or the search names.

    Under a gate without the check `sessionm.user-exists`, nobody has to be there: somebody is made up.
    """
    if call.customer is None:
        named = {"external_id": call.arguments["external_id"]} if "external_id" in call.arguments else {}
        call.customer = tenant_of(call).customers.create(named)
    return call.customer


def named(call: Call) -> Customer | None:
    """The customer whom the path or the search names; None where nobody is found or nobody is named."""
    customers = tenant_of(call).customers
    if "user_id" in call.arguments:
        return customers.by_id(call.arguments["user_id"])
    if "external_id" in call.arguments:
        return customers.by_external(call.arguments["external_id"])
    if call.operation == "searchUser":
        return customers.search({name: value for name, value in call.query if name in CRITERIA})
    return None
