"""`sessionm-harness explain`: where the data of a batch goes, or what a rule says."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options
from .stop import Stop

if TYPE_CHECKING:
    from contracts import Rule
    from scenarios.explanation import Explanation

LONGEST = 80
"""So much of what is neither a file nor a rule is shown."""
MENDS = {
    "sessionm.undefined-event": "map it in [event_mappings], or define it in SessionM",
    "sessionm.miscased-attribute": "send it in the casing that SessionM has, or let an mParticle Rule bring it there",
    "sessionm.profile-attributes-max": "switch off in the data filter what SessionM need not have",
}
"""What to do about data that was sent and is not kept."""
LOST = ("refused", "dropped", "unsupported", "filtered", "merged")


@click.command
@click.argument("what", metavar="BATCH.json|RULE-ID")
@options.tenant
@options.connection
@options.towards
@options.data_plan
@options.assume
@options.observations
@options.as_json
def command(
    *,
    what: str,
    tenant: Path | None,
    connection: Path | None,
    destination: str,
    data_plan: Path | None,
    assume: Mapping[str, str],
    as_json: bool,
) -> None:
    """Say what would be sent for a batch and the fate of every data point, with its rule; or print a rule."""
    if what != "-" and not _exists(what):
        _explain_rule(what, as_json=as_json)
        return
    from forwarder import Batch, BatchError, duplicate_names
    from scenarios.explanation import explain
    from scenarios.given import Given

    given = Given.load(tenant, connection, assume, data_plan, destination)
    raw = _read(what)
    try:
        batch = Batch.read(raw, duplicate_keys=given.choices["duplicate-keys"])
    except BatchError as error:
        where = f" at {error.pointer}" if error.pointer else ""
        raise Stop(f"{what}: the batch cannot be used{where}: {error.reason}") from error
    which = given.choices["duplicate-keys"]
    warnings = tuple(f"{name!r} stands twice in one object; the {which} one holds" for name in duplicate_names(raw))
    made = explain(
        batch,
        given.connection,
        tenant=given.tenant if tenant else None,
        data_plan=given.data_plan,
        warnings=warnings,
    )
    if as_json:
        import orjson

        click.echo(orjson.dumps(made.to_json()).decode())
    else:
        click.echo("\n".join(_told(made)))


def _exists(what: str) -> bool:
    try:
        return bool(what) and Path(what).exists()
    except OSError:
        return False  # longer than the name of any file: perhaps the batch itself


def _read(what: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if what == "-" else Path(what).read_bytes()
    except OSError as error:
        raise Stop(f"{what}: cannot be read: {error.strerror}") from error


def _told(made: Explanation) -> Iterator[str]:
    from contracts import rules
    from scenarios.reports.visible import visible

    fates = made.plan.fates
    counted = Counter[str](fate.fate for fate in fates)
    summary = ", ".join(f"{counted[name]} {name}" for name in ("sent", *reversed(LOST)) if counted[name])
    yield f"{len(fates)} data points: {summary or 'none'}"
    for warning in made.warnings:
        yield f"warning: {visible(warning)}"
    not_kept = [fate for fate in fates if fate.point in made.landings and not made.landings[fate.point].kept]
    for name in LOST:
        for title, group in _by_rule(fate for fate in fates if fate.fate == name):
            yield ""
            yield f"{name.upper()}  {_says(title, rules())}  [{title}]"
            for fate in group:
                into = f"  → {fate.as_}" if fate.as_ else ""
                yield f"  {visible(fate.point)}{visible(into)}{'  ' + fate.detail if fate.detail else ''}"
    if not_kept:
        yield ""
        yield f"SENT, AND NOT KEPT BY {made.kept_by.upper()}"
        for fate in not_kept:
            landing = made.landings[fate.point]
            meant = f"; {made.kept_by} has {landing.nearest}" if landing.nearest else ""
            why = _says(landing.rule or "", rules())
            yield f"  {visible(fate.point)}  as {visible(fate.as_ or '')}  {why}{visible(meant)}  [{landing.rule}]"
            if landing.rule in MENDS:
                yield f"    {MENDS[landing.rule]}"
    lost = {fate.point for fate in not_kept}
    arrived = [fate for fate in fates if fate.fate == "sent" and fate.point not in lost]
    if arrived:
        yield ""
        yield "SENT, AND KEPT" if made.landings else "SENT"
        wide = min(max(len(visible(fate.point)) for fate in arrived), 60)
        for fate in arrived:
            yield f"  {visible(fate.point):{wide}}  as {visible(fate.as_ or '')}  [{fate.rule}]"
    yield from _deviations(made)
    yield ""
    yield f"{len(made.plan.requests)} request{'s' if len(made.plan.requests) != 1 else ''}:"
    for request in made.plan.requests:
        yield f"  {request.method} {request.path}  {len(request.body)} bytes"


def _deviations(made: Explanation) -> Iterator[str]:
    from scenarios.reports.visible import visible

    if made.deviations is None:
        return
    yield ""
    yield "AGAINST THE DATA PLAN" if made.deviations else "AGAINST THE DATA PLAN: nothing"
    for one in made.deviations:
        yield f"  {visible(one.pointer)}  {one.kind}: {visible(one.detail)}"


def _by_rule(fates: Any) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for fate in fates:
        groups.setdefault(fate.rule, []).append(fate)
    return list(groups.items())


def _says(rule: str, known: Mapping[str, Rule]) -> str:
    found = known.get(rule)
    return found.says.rstrip(".") if found else rule


def _explain_rule(name: str, *, as_json: bool) -> None:
    from contracts import rules
    from contracts.register import nearest

    rule = rules().get(name)
    if rule is None:
        near = nearest(name, rules())
        mend = f"did you mean {near}?" if near else "`sessionm-harness rules` lists them"
        shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
        raise Stop(f"{shown!r}: neither a file nor a rule; {mend}")
    if as_json:
        from .rules import document

        click.echo(json.dumps(document([rule], [])["rules"][0]))
        return
    click.echo("\n".join(_rule_told(rule)))


def _rule_told(rule: Rule) -> Iterator[str]:
    from contracts import assumptions, sources

    yield f"{rule.id}"
    yield f"  {rule.says}"
    yield ""
    if rule.limit is not None:
        yield f"  limit     {rule.limit}"
    yield f"  owner     {rule.owner}"
    yield f"  effect    {rule.effect}"
    yield f"  evidence  {rule.evidence}"
    if rule.assumption:
        assumption = assumptions()[rule.assumption]
        yield f"  source    no document; the assumption {assumption.id}"
        seen = f" on {assumption.observed_on}" if assumption.observed else ""
        yield f"  {'observed' if seen else 'chosen':8}  {assumption.holds}{seen}, not {', '.join(assumption.others)}"
        yield f"  why       {assumption.why}"
        yield f"  to settle {assumption.question}"
        yield f"  change    --assume {assumption.id}={assumption.others[0]}"
    else:
        source = sources()[rule.source.partition("#")[0]]
        yield f"  source    {source.title}, read {source.read}"
        if source.url:
            anchor = rule.source.partition("#")[2]
            yield f"            {source.url}{'#' + anchor if anchor else ''}"
    if rule.table:
        yield ""
        for title, table in rule.table.items():
            rows = (
                table.items()
                if isinstance(table, Mapping)
                else enumerate(table)
                if isinstance(table, list)
                else [(title, table)]
            )
            for key, value in rows:
                yield f"  {key} → {', '.join(value) if isinstance(value, list) else value}"
    titles = [example["title"] for example in rule.examples if "title" in example]
    if titles:
        yield ""
        yield "  cases"
        yield from (f"    {title}" for title in titles)
