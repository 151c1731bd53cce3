"""Whom a call is about, and in which tenant: what every view asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.customers import Customer
from mock_sessionm.tenant import Tenant

View = Callable[[Call], dict[str, Any]]
"""A call that passed the gate -> what stands beside `status: ok`."""


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
