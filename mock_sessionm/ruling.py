"""What becomes of a request that broke rules: refused, kept in part, or let through.

The owner of a rule decides. What a sender must keep is refused, unless the fake
only takes note. What SessionM itself keeps acts as documented, or as the tenant's choice says where nothing is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts import Violation, rules
from contracts.interaction import pointer

from .call import Call
from .check import Check, contract_rule
from .core.checks import surplus
from .envelopes import CONTRACT_CODES, RULE_HEADER, Reply
from .surface import Surface
from .tenant import Tenant

Ruling = Literal["refused", "ignored", "kept", "allowed"]
"""`kept` is let through and noted; `allowed` is no violation at all under the tenant's choice."""

CHOSEN = {
    "sessionm.undefined-event": "undefined-event",
    "sessionm.undefined-attribute": "undefined-attribute",
    "sessionm.miscased-attribute": "miscased-attribute",
    "sessionm.tag-ttl-positive": "tag-ttl-zero",
    "sessionm.culture-region": "culture-region",
    "customerio.attribute-kinds": "customerio-value-kinds",
    "customerio.unix-seconds": "customerio-milliseconds",
    "customerio.identify-attributes-max": "customerio-surplus-attributes",
    "customerio.person-attributes-max": "customerio-surplus-attributes",
    "mparticle.live-age": "mparticle-old-events",
    "mparticle.event-attributes-max": "mparticle-over-limit",
    "mparticle.event-attribute-value-max": "mparticle-over-limit",
    "mparticle.user-attribute-name-max": "mparticle-over-limit",
    "mparticle.user-attribute-value-max": "mparticle-over-limit",
    "mparticle.user-attribute-list-max": "mparticle-over-limit",
    "mparticle.user-attribute-list-value-max": "mparticle-over-limit",
    "mparticle.user-attributes-max": "mparticle-over-limit",
}
"""Rule -> the assumption whose choice says what the vendor does."""
ALLOWING = {"stored", "expires-now", "language", "taken"}
"""Choices under which what they speak of is nothing to complain about."""
ACTED_UPON = {"accept", "truncate", "leave-out", "pass-over"}
"""Effects of a vendor's rules that its view brings about, in a request that is taken for the rest."""
SHOWN = 5
"""So many violations are spelt out in one message; the journal has them all."""


@dataclass(slots=True)
class Examination:
    """Every violation in the order of the gate; the one that the request is refused for; those with names not kept."""

    found: list[Violation] = field(default_factory=list)
    refusal: Violation | None = None
    unkept: list[Violation] = field(default_factory=list)


def examine(call: Call, checks: Sequence[Check]) -> Examination:
    """Hold a call against the gate. What is not to be kept is gone from its body afterwards."""
    made = Examination()
    for check in checks:
        if check.marked and call.shape == []:
            continue
        stopped = False
        for found in check.find(call):
            violation = _by_its_rule(found)
            ruled = ruling(call, violation)
            if ruled == "allowed":
                continue
            made.found.append(violation)
            if ruled == "refused" and _apart(call, violation):
                call.failed.append(violation)
            elif ruled == "refused":
                made.refusal = made.refusal or violation
                stopped = check.barrier
            elif ruled == "ignored":
                made.unkept.append(violation)
                call.ignored.update(_ignored(call, violation))
        if stopped:
            break
    if made.refusal is None:
        for place in call.ignored:
            _remove(call.body, place)
        call.found = made.found
    return made


def ruling(call: Call, violation: Violation) -> Ruling:
    """What becomes of one violation in this tenant."""
    tenant = call.tenant
    if tenant is None:
        return "refused"
    assumption = CHOSEN.get(violation.rule)
    choice = tenant.choice(assumption) if assumption else ""
    if choice in ALLOWING or _sent_so_by_choice(tenant, violation):
        return "allowed"
    if tenant.on_violation == "reject-all":
        return "refused"
    rule = rules().get(violation.rule)
    if rule is not None and rule.owner == "forwarder":
        return "refused" if tenant.on_violation == "reject" else "kept"
    if rule is not None and rule.effect in ACTED_UPON and choice != "refused":
        return "kept"
    if violation.rule == "sessionm.profile-attributes-max" or choice == "ignored":
        return "ignored"
    if rule is not None and rule.effect == "leave-unread":
        # What the vendor reads past without a word.
        return "ignored"
    return "refused"


PARTS = {"sendBatch": ("/batch/", "customerio.v2-partial")}
"""Operation -> where parts of its body stand each of which is refused for itself, and the rule that says so."""


def _apart(call: Call, violation: Violation) -> bool:
    """Whether what is refused is a part of the call, and the rest is taken."""
    place, rule = PARTS.get(call.operation, ("", ""))
    tenant = call.tenant
    apart = bool(place) and violation.pointer.startswith(place)
    return apart and tenant is not None and rule in tenant.behaviours and tenant.on_violation != "reject-all"


SENT_SO = {
    "sessionm.event-values-are-strings": ("event-attribute-values", "as-is"),
    "sessionm.non-ascii-letters": ("non-ascii-letters", "kept"),
    "sessionm.empty-key": ("empty-key", "underscore"),
}
"""Rule of a sender -> the choice under which a sender must send just that: what is silent for one side is for both."""


def _sent_so_by_choice(tenant: Tenant, violation: Violation) -> bool:
    assumption, choice = SENT_SO.get(violation.rule, ("", ""))
    return bool(assumption) and tenant.choices[assumption] == choice


def _by_its_rule(violation: Violation) -> Violation:
    """A name that is wrong only by an assumption breaks the assumed rule, not the documented one."""
    name = violation.pointer.rpartition("/")[2]
    if violation.rule == "sessionm.key-replace" and all(one.isalnum() or one == "_" for one in name):
        return dataclasses.replace(violation, rule="sessionm.non-ascii-letters")
    if violation.rule == "sessionm.key-strip" and name == "_":
        return dataclasses.replace(violation, rule="sessionm.empty-key")
    return violation


def refused(surface: Surface, tenant: Tenant | None, violations: Sequence[Violation], because: Violation) -> Reply:
    """The answer to a request that is refused because of one of its violations."""
    code, status = surface.refusals.get(because.rule, surface.otherwise)
    if surface.name == "core" and because.rule == contract_rule(surface.vendor):
        code = CONTRACT_CODES.get(because.got, code)
    if isinstance(status, str):
        status = int(tenant.choice(status)) if tenant else 400
    if surface.refuse is not None:
        return _naming(surface.refuse(status, code, [one for one in violations if _told(tenant, one)]), violations)
    first = [because, *(violation for violation in violations if violation is not because)]
    return _naming(surface.failure(status, code, sentence(first)), violations)


def _told(tenant: Tenant | None, violation: Violation) -> bool:
    """Whether a refusal speaks of a violation; for one that the view acts upon, nothing would have been refused."""
    rule = rules().get(violation.rule)
    if rule is None or tenant is None or tenant.on_violation == "reject-all" or rule.effect not in ACTED_UPON:
        return True
    assumption = CHOSEN.get(violation.rule)
    return bool(assumption) and tenant.choices[assumption or ""] == "refused"


def noted(reply: Reply, violations: Sequence[Violation]) -> Reply:
    """The answer to a request that went through in spite of violations, with the rules in its header."""
    return _naming(reply, violations) if violations else reply


def sentence(violations: Sequence[Violation]) -> str:
    """The messages of violations as one, with no person's value in it."""
    text = "; ".join(violation.message for violation in violations[:SHOWN])
    more = len(violations) - SHOWN
    return f"{text}; and {more} more" if more > 0 else text


def _naming(reply: Reply, violations: Sequence[Violation]) -> Reply:
    named = ",".join(dict.fromkeys(violation.rule for violation in violations))
    return Reply(reply.status, reply.body, [*reply.headers, (RULE_HEADER, named)])


def _ignored(call: Call, violation: Violation) -> set[str]:
    if violation.rule == "sessionm.profile-attributes-max":
        return {pointer("user", "user_profile", name) for name in surplus(call)}
    return {violation.pointer}


def _remove(body: Any, place: str) -> None:
    *outer, last = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    for part in outer:
        body = body[int(part)] if isinstance(body, list) else body[part]
    del body[last]
