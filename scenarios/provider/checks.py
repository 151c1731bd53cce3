"""The project's own checks: what an answer must be, beside what the tool looks at by itself.

Each is a function from an exchange to the faults that it has. None of them knows a single operation or rule by name:
what they hold an answer against is the contract, the register, and the state before and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from contracts import rules
from contracts.register import marks, openapi
from contracts.validation import check as shape_of
from contracts.validation import response_schema

from .exchange import UNREADABLE, Exchange, contract_rule, has_body, leaves
from .fault import Fault
from .kept import KEPT, TWICE, WRITTEN, same_twice, writes_kept
from .standard import ANSWERS, INPUT
from .state import changed
from .told import TRUE, answers_true

NAMED = "harness.refusals-named"
STILL = "harness.refusals-change-nothing"
READS = "harness.reads-change-nothing"
SECRET = "harness.nothing-secret-told"  # noqa: S105  the id of a rule
STATUS = "harness.status-as-chosen"
UNSAID = 8
"""So long a text of a request's body is nobody's by chance; shorter ones stand in any sentence."""
OWN_STATUS = {"core", "connect", "pos"}
"""The APIs whose status for bad input is an assumption."""

Check = Callable[[Exchange, Any], Iterator[Fault]]


def refusals_named(exchange: Exchange, _trial: Any) -> Iterator[Fault]:
    """A refusal names its rule, and every rule that is named is one of the register."""
    if exchange.surface == "admin" or not exchange.routed:
        return
    if not exchange.accepted and not exchange.named:
        yield _fault(exchange, NAMED, "refusals_named", "a refusal that names no rule", "X-Harness-Rule")
    known = {*rules(), contract_rule(exchange.vendor)}
    for name in exchange.named:
        if name not in known:
            yield _fault(
                exchange, NAMED, "refusals_named", "a rule is named that is not in the register", "a rule's id"
            )
    if has_body(exchange.vendor, exchange.operation) and exchange.body is not UNREADABLE and exchange.request.body:
        blamed = set(exchange.named) & _marked(exchange.vendor) - {one.rule for one in exchange.broken}
        if blamed and not _in_query(exchange, blamed):
            said = f"{', '.join(sorted(blamed))} is named, and the body keeps it"
            yield _fault(exchange, NAMED, "refusals_named", said, "the rule that was broken")


def limits_enforced(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """What breaks a documented limit is not taken as if it did not: the rule is to blame that was let go."""
    if not exchange.accepted or not exchange.routed:
        return
    if exchange.partly and exchange.named:
        # Each part is refused for itself, and the first rule that a part breaks may stand for the others.
        return
    for rule, violation in exchange.limits.items():
        if rules()[rule].owner != "customer" and rule not in exchange.named and not _allowed(rule, trial):
            yield Fault(
                rule,
                "limits_enforced",
                f"taken without naming the rule: {violation.got}, allowed: {violation.allowed}",
                exchange.request,
                violation.got,
                violation.allowed,
            )


def nothing_secret(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """No credential stands in an answer, and no value of the request in a refusal."""
    whole = [exchange.response.body.decode("utf-8", "replace"), *exchange.response.headers.values()]
    if exchange.surface != "admin" and any(secret in part for secret in trial.tenancy.secrets for part in whole):
        yield _fault(exchange, SECRET, "nothing_secret", "a credential stands in the answer", "none")
    if exchange.accepted or exchange.body in (UNREADABLE, None):
        return
    said = "\n".join(exchange.texts())
    for value in leaves(exchange.body):
        if len(value) >= UNSAID and value in said and not _of_contract(exchange.vendor, value):
            yield _fault(
                exchange, SECRET, "nothing_secret", "a value of the request stands in the refusal", "names only"
            )
            return


def refusals_still(exchange: Exchange, _trial: Any) -> Iterator[Fault]:
    """What is refused changes nothing, and what only asks changes nothing."""
    if exchange.partly or not changed(exchange.surface, exchange.before, exchange.after):
        return
    if exchange.accepted and exchange.asks:
        yield _fault(exchange, READS, "reads_still", "asking has changed what is kept", "the state before")
    elif not exchange.accepted:
        yield _fault(
            exchange, STILL, "refusals_still", "a refused request has changed what is kept", "the state before"
        )


def errors_shaped(exchange: Exchange, _trial: Any) -> Iterator[Fault]:
    """A refusal has the shape that the contract gives refusals, whatever its status."""
    if exchange.accepted or exchange.partly or exchange.request.method == "HEAD":
        return
    for status in (exchange.response.status, 400, 401, 404):
        schema = response_schema(exchange.vendor, exchange.operation, status)
        if schema is not None:
            if exchange.said is UNREADABLE or shape_of(exchange.vendor, schema, exchange.said):
                yield _fault(exchange, ANSWERS, "errors_shaped", "a refusal of another shape", "the contract's")
            return


def status_as_chosen(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """Bad input is refused under one status: the chosen one where that is an assumption, else 400."""
    if exchange.accepted or exchange.surface == "admin" or not exchange.routed:
        return
    if exchange.named[:1] != (contract_rule(exchange.vendor),):
        return
    wanted = trial.status if exchange.surface in OWN_STATUS else "400"
    if wanted and str(exchange.response.status) != wanted:
        got = f"HTTP {exchange.response.status}"
        yield _fault(exchange, STATUS, "status_as_chosen", f"bad input is refused with {got}", f"HTTP {wanted}", got)


def good_input_known(exchange: Exchange, _trial: Any) -> Iterator[Fault]:
    """What holds to the contract is not refused for the contract, nor for a limit that it keeps."""
    if exchange.accepted or exchange.meant != "good" or not exchange.routed or exchange.broken:
        return
    blamed = set(exchange.named) & {contract_rule(exchange.vendor), *_marked(exchange.vendor)}
    if blamed:
        said = f"good input is refused under {', '.join(sorted(blamed))}"
        yield _fault(exchange, INPUT, "good_input_known", said, "taken, or refused for the state of the account")


CHECKS: tuple[Check, ...] = (
    refusals_named,
    limits_enforced,
    nothing_secret,
    refusals_still,
    errors_shaped,
    status_as_chosen,
    good_input_known,
    writes_kept,
    answers_true,
    same_twice,
)
"""In this order; the last ones ask again, so what they find is found last."""


def tried_by(exchange: Exchange) -> Iterator[str]:
    """The rules of the harness that an exchange tries, on whichever side."""
    yield from (ANSWERS, SECRET)
    if exchange.meant != "odd":
        yield INPUT
    if exchange.surface != "admin":
        yield from (NAMED, STATUS)
    if exchange.after:
        yield READS if exchange.asks else STILL
        if exchange.operation in KEPT:
            yield WRITTEN
        if exchange.request.method == "PUT":
            yield TWICE
        if exchange.surface != "admin":
            yield TRUE


def _fault(exchange: Exchange, rule: str, check: str, said: str, wanted: str, got: str = "") -> Fault:
    return Fault(rule, check, said, exchange.request, got, wanted)


@cache
def _marked(vendor: str) -> frozenset[str]:
    """The rules whose marks stand in a contract."""
    return frozenset(rule for _, _, rule in marks(dict(openapi(vendor))))


def _in_query(exchange: Exchange, blamed: set[str]) -> bool:
    """Whether a rule may have been broken by the query, which the body cannot show."""
    return "?" in exchange.request.target and bool(blamed)


def _allowed(rule: str, trial: Any) -> bool:
    """Whether the tenant's choice says that what the rule speaks of is nothing to complain about."""
    assumption = rules()[rule].assumption
    return assumption is not None and assumption in trial.tenancy.assumptions


@cache
def _of_contract(vendor: str, value: str) -> bool:
    """Whether a text stands in the contract itself, so that a refusal may say it."""
    return value in str(openapi(vendor))
