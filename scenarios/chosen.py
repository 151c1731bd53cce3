"""Some scenarios out of all: those with an id, and those about a rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from contracts import rules
from contracts.register import nearest

from .checks import FATES
from .in_contract import ANSWERS, REQUESTS
from .runner import CHOICE
from .scenario import Scenario


class UnknownName(ValueError):
    """A scenario or a rule that is not there; the text is one line with the nearest that is."""


def about(scenario: Scenario) -> Iterator[str]:
    """Every rule about which a scenario says something: the one on trial, and the harness's own promises."""
    if scenario.rule:
        yield scenario.rule
        if rules()[scenario.rule].assumption:
            yield CHOICE
    if scenario.kind in {"road", "vendor"}:
        yield ANSWERS
    if scenario.kind == "road":
        yield from (REQUESTS, FATES)


def known_rules(wanted: Iterable[str]) -> None:
    """Raises `UnknownName` for the first that the register does not have."""
    for name in wanted:
        if name not in rules():
            near = nearest(name, rules())
            mend = f"did you mean {near}?" if near else "`sessionm-harness rules` lists them"
            raise UnknownName(f"--rule {name}: no such rule; {mend}")


def chosen(
    scenarios: Iterable[Scenario],
    cases: Collection[str] = (),
    about_rules: Collection[str] = (),
    *,
    others: Collection[str] = (),
) -> list[Scenario]:
    """The scenarios with one of these ids, or about one of these rules; all of them where neither is named.

    `others` are ids that are known though no scenario has them. Raises `UnknownName`.
    """
    known_rules(about_rules)
    every = list(scenarios)
    if not cases and not about_rules:
        return every
    ids = [one.id for one in every]
    for name in cases:
        if name not in others and name not in ids:
            near = nearest(name, [*ids, *others])
            mend = f"did you mean {near}?" if near else "`sessionm-harness run --list` lists them"
            raise UnknownName(f"--case {name}: no such case in what was to run; {mend}")
    wanted, rules_wanted = set(cases), set(about_rules)
    return [one for one in every if one.id in wanted or not rules_wanted.isdisjoint(about(one))]
