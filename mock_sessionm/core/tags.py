"""Tags over the wire: counter tags without a TTL, expiring ones with it."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.clock import moment
from mock_sessionm.customers import Customer, Tag
from mock_sessionm.surface import View
from mock_sessionm.tenant import Tenant

from .subject import subject, tenant_of


def get_tags(call: Call) -> dict[str, Any]:
    return _answer(tenant_of(call), subject(call))


def post_tags(call: Call) -> dict[str, Any]:
    tenant = tenant_of(call)
    customer = subject(call)
    tenant.customers.tag(customer, call.body["tags"], call.body.get("ttl"))
    return _answer(tenant, customer)


def states(tenant: Tenant, customer: Customer) -> dict[str, dict[str, Any]]:
    """What each tag of a customer is now, by its name."""
    now = tenant.clock.now()
    return {name: _state(tag, now) for name, tag in tenant.customers.tags(customer).items()}


def _answer(tenant: Tenant, customer: Customer) -> dict[str, Any]:
    by_name = states(tenant, customer)
    if tenant.choice("tag-answer") == "list":
        return {"tags": [{"tag": name, **state} for name, state in by_name.items()]}
    return {"tags": by_name}


def _state(tag: Tag, now: float) -> dict[str, Any]:
    if tag.expires is None:
        return {"count": tag.count}
    # Whole seconds, the one that is running included: a tag that is there has at least one left.
    return {"ttl": -int(-(tag.expires - now) // 1), "expires_at": moment(tag.expires)}


VIEWS: dict[str, View] = {
    "getTags": get_tags,
    "getTagsByExternalId": get_tags,
    "postTags": post_tags,
    "postTagsByExternalId": post_tags,
}
