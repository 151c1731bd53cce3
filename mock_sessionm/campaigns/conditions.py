"""What must be the case of a customer before a campaign counts: tags, attributes, tiers, points, and any mixture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_sessionm.customers import Customer
    from mock_sessionm.tenant import Tenant

Entry = Mapping[str, Any]
Holds = Callable[["Tenant", "Customer", Entry], bool]


def all_hold(tenant: Tenant, customer: Customer, conditions: Iterable[Entry]) -> bool:
    """Whether everything that is listed is the case at this moment of the tenant's clock."""
    listed = list(conditions)
    if "sessionm.conditions-together" not in tenant.behaviours:
        listed = listed[:1]
    return all(_holds(tenant, customer, condition) for condition in listed)


def _holds(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    kind = next(name for name in KINDS if name in condition)
    return KINDS[kind](tenant, customer, condition)


def _tag(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    """A tag that is alive now, and not one that only once was (source: sessionm-tags)."""
    if "sessionm.tag-condition" not in tenant.behaviours:
        return True
    tag = tenant.customers.tags(customer).get(condition["tag"])
    return tag is not None and (tag.count is None or tag.count >= condition.get("count_at_least", 1))


def _attribute(_tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    held = customer.attributes.get(condition["attribute"])
    return held is not None and ("is" not in condition or held == condition["is"])


def _field(_tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    held = customer.fields.get(condition["field"])
    return held is not None and ("is" not in condition or held == condition["is"])


def _tier(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    level = tenant.tiers.level(customer.id)
    return level is not None and level.name == condition["tier"]


def _points(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    return tenant.books.totals(customer.id)[1] >= int(condition["points_at_least"])


def _not(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    return not _holds(tenant, customer, condition["not"])


def _any(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    return any(_holds(tenant, customer, one) for one in condition["any_of"])


def _all(tenant: Tenant, customer: Customer, condition: Entry) -> bool:
    return all(_holds(tenant, customer, one) for one in condition["all_of"])


KINDS: dict[str, Holds] = {
    "tag": _tag,
    "attribute": _attribute,
    "field": _field,
    "tier": _tier,
    "points_at_least": _points,
    "not": _not,
    "any_of": _any,
    "all_of": _all,
}
"""The name that tells a condition's kind -> whether it holds."""
