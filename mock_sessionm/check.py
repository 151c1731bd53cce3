"""One check of the gate: a rule, and the function that finds what breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from contracts import Violation
from contracts.register import marks, openapi
from contracts.validation import CONTRACT, operations

from .call import UUID, Call, query_parameters, rules_in_body, with_body
from .envelopes import NOT_JSON, NOTHING
from .tenant import Tenant

Find = Callable[[Call], Iterable[Violation]]
CORE = "core"
WHOLE = re.compile("[0-9]{1,9}")
"""A number in a query."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule's check. A refusal by a `barrier` ends the examination: nothing after it would make sense.

    `operations` are the only ones that it looks at; None for all of its surface. `surface` is the name of the
    API whose calls it looks at; empty for all. `marked` is a check that finds nothing in a body which holds against
    the contract.
    """

    rule: str
    find: Find
    operations: frozenset[str] | None = None
    barrier: bool = False
    surface: str = CORE
    marked: bool = False

    def looks_at(self, surface: str, operation: str) -> bool:
        return self.surface in {"", surface} and (self.operations is None or operation in self.operations)

    def __call__(self, call: Call) -> Iterable[Violation]:
        return self.find(call)

    @classmethod
    def of(cls, check: Check | Find) -> Check:
        """A check that somebody wrote as a plain function; its violations name their rules themselves."""
        return check if isinstance(check, Check) else cls(getattr(check, "__name__", "check"), check, surface="")


def contract(call: Call) -> Iterator[Violation]:
    """The shape of query and body, as far as no rule of its own names it."""
    rule = contract_rule(call.vendor)
    yield from _query(call, rule)
    if call.operation not in with_body(call.vendor):
        return
    if call.unreadable:
        yield Violation(rule, "", f"the body: {call.unreadable}", NOT_JSON, "JSON")
    elif not call.raw:
        yield Violation(rule, "", "the body: nothing came, JSON is wanted", NOTHING, "JSON")
    else:
        yield from (violation for violation in call.shape_violations() if violation.rule == rule)


def contract_rule(vendor: str) -> str:
    """The id under which a breach is filed that no rule of the register names."""
    return f"{vendor}.{CONTRACT}"


def marked(rule: str) -> Find:
    """The check of a rule that is marked in the contract: the keyword beside the mark does the work."""

    def find(call: Call) -> Iterable[Violation]:
        # Nearly every body is right, and was held against the contract by the check before.
        if call.body is None or call.shape == []:
            return ()
        return [violation for violation in call.shape_violations() if violation.rule == rule]

    return find


def operations_below(vendor: str, *prefixes: str) -> frozenset[str]:
    """The operations of a vendor whose paths begin so."""
    return frozenset(name for name, (_, path) in operations(vendor).items() if path.startswith(prefixes))


def marked_checks(vendor: str, surface: str, operations: frozenset[str]) -> tuple[Check, ...]:
    """A check for each rule whose number or form stands in the contract itself, in its order."""
    found = []
    for rule in dict.fromkeys(rule for _, _, rule in marks(dict(openapi(vendor)))):
        bodies = frozenset(name for name in operations & with_body(vendor) if rule in rules_in_body(vendor, name))
        if bodies:
            found.append(Check(rule, marked(rule), bodies, surface=surface, marked=True))
    return tuple(found)


def known_tenant(call: Call) -> Tenant:
    """Whose world a call is about. Raises `LookupError` where the checks of credentials let nobody's call through."""
    if call.tenant is None:
        raise LookupError("no tenant: the checks of credentials and key stand before all others")
    return call.tenant


def _query(call: Call, rule: str) -> Iterator[Violation]:
    for name, parameter in query_parameters(call.vendor, call.operation).items():
        schema = parameter["schema"]
        came = [value for given, value in call.query if given == name]
        wanted = ""
        if not came:
            wanted = "a value" if parameter.get("required") else ""
        elif schema.get("type") == "boolean":
            wanted = "" if came in (["true"], ["false"]) else "true or false, once"
        elif schema.get("type") == "integer":
            least = schema.get("minimum", 0)
            wanted = "" if WHOLE.fullmatch(came[0]) and int(came[0]) >= least and len(came) == 1 else "a whole number"
        elif schema.get("type") == "array":
            wanted = "" if all(UUID.fullmatch(value) for value in came) else "lower-case UUIDs"
        elif "pattern" in schema:
            wanted = "" if len(came) == 1 and re.search(schema["pattern"], came[0]) else schema["description"]
        else:
            wanted = "" if len(came) == 1 and came[0] else "a text, once"
        if wanted:
            got = "another form" if came else NOTHING
            yield Violation(rule, f"query:{name}", f"query {name}: {got} came, wanted: {wanted}", got, wanted)
