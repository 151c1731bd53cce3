"""Whom a call to Connect is about, and in which tenant: what every view asks first."""

from __future__ import annotations

from mock_sessionm.call import Call
from mock_sessionm.check import known_tenant
from mock_sessionm.customers import Customer
from mock_sessionm.tenant import Tenant


def tenant_of(call: Call) -> Tenant:
    return known_tenant(call)


def subject(call: Call) -> Customer:
    """The customer whom the body names.

    Under a gate without the check `sessionm.connect-user-exists`, nobody has to be there: somebody is made up.
    """
    if call.customer is None:
        call.customer = known_tenant(call).customers.create({})
    return call.customer
