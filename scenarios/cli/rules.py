"""`sessionm-harness rules`: the register as a table, or as JSON for other tools."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

import click

from contracts import Assumption, Rule, assumptions
from contracts import rules as register
from contracts.register import nearest
from scenarios.reports import ledger

from . import options
from .stop import Stop

FORMAT = "sessionm-harness.rules/1"
EVIDENCE = ("documented", "observed", "assumed")
WIDTH = 100


@click.command
@click.option("--owner", metavar="NAME", help="Only rules of forwarder, customer or a vendor.")
@click.option("--evidence", type=click.Choice(EVIDENCE), help="Only rules that rest on this.")
@click.option("--vendor", metavar="NAME", help="Only rules whose id starts with this vendor's name.")
@click.option("--source", metavar="ID", help="Only rules that were read there, such as mparticle-customerio-event.")
@click.option("--assumptions", "only_assumptions", is_flag=True, help="Print what is assumed where no document says.")
@options.observations
@options.as_json
def command(
    *,
    owner: str | None,
    evidence: str | None,
    vendor: str | None,
    source: str | None,
    only_assumptions: bool,
    as_json: bool,
) -> None:
    """Print the rules: who owns each, on what evidence, its limit, and where it was read."""
    found = chosen(register().values(), owner=owner, evidence=evidence, vendor=vendor, source=source)
    if as_json:
        click.echo(json.dumps(document(found, assumptions().values()), ensure_ascii=False, indent=1))
        return
    width = shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else None
    for line in assumption_lines(assumptions().values(), width) if only_assumptions else table(found, width):
        click.echo(line)


def chosen(
    rules: Iterable[Rule],
    *,
    owner: str | None = None,
    evidence: str | None = None,
    vendor: str | None = None,
    source: str | None = None,
) -> list[Rule]:
    """The rules that every given filter lets through. Raises `Stop` for an owner, vendor or source without rules."""
    rules = list(rules)
    _known("owner", owner, {rule.owner for rule in rules})
    _known("vendor", vendor, {rule.vendor for rule in rules})
    _known("source", source, {read_in(rule) for rule in rules})
    return [
        rule
        for rule in rules
        if owner in {None, rule.owner}
        and evidence in {None, rule.evidence}
        and vendor in {None, rule.vendor}
        and source in {None, read_in(rule)}
    ]


def read_in(rule: Rule) -> str:
    """The source of a rule without the section."""
    return rule.source.partition("#")[0]


def _known(filtered: str, name: str | None, names: set[str]) -> None:
    if name is not None and name not in names:
        near = nearest(name, sorted(names))
        mend = f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(names)) or 'none'}"
        raise Stop(f"--{filtered} {name}: no rule has that {filtered}; {mend}")


def table(rules: list[Rule], width: int | None = None) -> Iterator[str]:
    """One line a rule under a head line, then their number. `width` is in columns; None cuts nothing."""
    head = ("rule", "owner", "evidence", "limit", "source")
    rows = [(rule.id, rule.owner, rule.evidence, ledger.number(rule.limit), rule.source) for rule in rules]
    sizes = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    for row in (head, *rows):
        cells = [
            text.rjust(size) if column == 3 else text.ljust(size)
            for column, (text, size) in enumerate(zip(row, sizes, strict=True))
        ]
        line = "  ".join(cells).rstrip()
        yield line if width is None or len(line) <= width else line[: width - 1] + "…"
    yield ""
    number = f"{len(rows)} {'rule' if len(rows) == 1 else 'rules'}"
    yield f"{number}; `sessionm-harness explain RULE-ID` says what one asks for"


def assumption_lines(entries: Iterable[Assumption], width: int | None = None) -> Iterator[str]:
    """Each assumption with its choice, the other choices, the reason, and the question that would settle it."""
    for entry in entries:
        seen = f"observed {entry.observed_on}, " if entry.observed else ""
        yield f"{entry.id} = {entry.holds}  ({seen}or {', '.join(entry.others)})"
        for name, text in (("why", entry.why), (f"ask {entry.owner}", entry.question)):
            yield from textwrap.wrap(f"{name}: {text}", width or WIDTH, initial_indent="    ", subsequent_indent="    ")


def document(rules: Iterable[Rule], entries: Iterable[Assumption]) -> dict[str, Any]:
    """The register in the form sessionm-harness.rules/1."""
    return {
        "format": FORMAT,
        "rules": [rule.row() for rule in rules],
        "assumptions": [
            {
                "id": entry.id,
                "choice": entry.holds,
                "alternatives": list(entry.others),
                "observed": entry.observed_on or None,
                "owner": entry.owner,
                "why": entry.why,
                "question": entry.question,
            }
            for entry in entries
        ],
    }
