"""What a request to SessionM Connect is held against, in the order in which SessionM would notice."""

from __future__ import annotations

from collections.abc import Iterator

from contracts import Violation
from mock_sessionm.call import Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.customers import Customer

CONNECT = "connect"
OPERATIONS = operations_below("sessionm", "/offers/", "/incentives/")


def who(call: Call) -> Customer | None:
    """The customer whose id stands in the body; GUIDs are compared without case."""
    given = call.body.get("user_id") if isinstance(call.body, dict) else None
    if not isinstance(given, str):
        return None
    tenant = known_tenant(call)
    cased = "sessionm.guids-without-case" not in tenant.behaviours
    found = tenant.customers.by_id(given if cased else given.lower())
    if found is None and (other := tenant.customers.by_external(given)) is not None:
        # Some clients send an external id; whether SessionM takes it is not known.
        return other if tenant.choice("connect-user-id") == "any-id" else None
    return found


def credentials(call: Call) -> Iterator[Violation]:
    """Basic, with a pair of Connect's own (source: braze-sessionm#prerequisites)."""
    if call.holder is None:
        yield Violation(
            "sessionm.connect-credentials",
            "header:authorization",
            "header authorization: no valid pair came; Basic credentials of SessionM Connect are wanted, "
            "which are others than Core's",
            "no valid pair",
            "Basic credentials of Connect",
        )


def retailer(call: Call) -> Iterator[Violation]:
    """Every body names the retailer to whom the credentials belong."""
    given = call.body["retailer_id"]
    own = known_tenant(call).settings.partners["connect"]["retailer_id"]
    if not same_guid(call, given, own):
        text = "/retailer_id: another retailer came than the credentials belong to"
        yield Violation("sessionm.connect-retailer", "/retailer_id", text, "another id", "the retailer's id")


def user_exists(call: Call) -> Iterator[Violation]:
    """Whoever is named must be known."""
    if "user_id" in call.body and call.customer is None:
        text = "/user_id: no customer has this id; SessionM's own id is wanted, not one of the sender's"
        yield Violation("sessionm.connect-user-exists", "/user_id", text, "an unknown id", "the id of a customer")


def same_guid(call: Call, one: str, other: str) -> bool:
    """Whether two GUIDs are one (source: sessionm-live-tenant#guids)."""
    if "sessionm.guids-without-case" not in known_tenant(call).behaviours:
        return one == other
    return one.lower() == other.lower()


DOOR: tuple[Check, ...] = (
    Check("sessionm.connect-credentials", credentials, barrier=True, surface=CONNECT),
    Check("sessionm.contract", contract, barrier=True, surface=CONNECT),
    Check("sessionm.connect-retailer", retailer, barrier=True, surface=CONNECT),
    Check("sessionm.connect-user-exists", user_exists, barrier=True, surface=CONNECT),
)
GATE: tuple[Check, ...] = (
    *DOOR[:3],
    *marked_checks("sessionm", CONNECT, OPERATIONS),
    DOOR[3],
)
