"""The report for a terminal: the ledger of rules, then what was found, then the verdict."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TextIO

import click

from scenarios.verdict import Report, RuleResult

from . import ledger, recording
from .visible import visible

WIDTH = 100
FINDINGS_SHOWN = 3
LACKING_SHOWN = 10
ROWS_SHOWN = 15
NAMES_SHOWN = 5
COLOURS = {"kept": "green", "broken": "red", "untried": "yellow", "untested": "yellow", "warn": "yellow"}


def show(report: Report, stream: TextIO | None = None, environment: Mapping[str, str] | None = None) -> None:
    """Print the report: in colour and cut to the screen for a terminal, whole lines without colour elsewhere."""
    stream = stream or sys.stdout
    width = shutil.get_terminal_size((WIDTH, 24)).columns if stream.isatty() else None
    stream.write(render(report, colour=wants_colour(stream, environment), width=width))


def wants_colour(stream: TextIO, environment: Mapping[str, str] | None = None) -> bool:
    """Only a terminal gets colour, and not where NO_COLOR is set to anything (https://no-color.org)."""
    if environment is None:
        import os

        environment = os.environ
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def render(report: Report, *, colour: bool = False, width: int | None = None) -> str:
    """The whole report as text. `width` is in columns; None cuts nothing."""
    paint = _Paint(colour)
    parts = [
        _header(report, paint),
        _ledger(report, paint, width),
        _findings(report, paint, width or WIDTH),
        _untried(report, paint, width or WIDTH),
        _recording(report, paint, width),
        _baseline(report, paint, width or WIDTH),
        _assumptions(report, paint, width or WIDTH),
        _end(report, paint),
    ]
    return "\n".join("\n".join(lines) + "\n" for part in parts if (lines := list(part)))


class _Paint:
    """Colour, or none."""

    __slots__ = ("_on",)

    def __init__(self, on: bool) -> None:
        self._on = on

    def verdict(self, text: str, verdict: str) -> str:
        return click.style(text, fg=COLOURS.get(verdict), bold=verdict == "broken") if self._on else text

    def bold(self, text: str) -> str:
        return click.style(text, bold=True) if self._on else text

    def dim(self, text: str) -> str:
        return click.style(text, dim=True) if self._on else text


def _header(report: Report, paint: _Paint) -> Iterator[str]:
    suites = ", ".join(dict.fromkeys(scenario.suite for scenario in report.scenarios)) or "no suite"
    yield f"{paint.bold('sessionm-harness')}  seed {report.seed}  suites {visible(suites)}"


def _ledger(report: Report, paint: _Paint, width: int | None) -> Iterator[str]:
    if not report.rules:
        return
    read = dict.fromkeys(ledger.cited(result.rule).key for result in report.rules if not result.rule.assumption)
    numbers = {key: number for number, key in enumerate(read, start=1)}
    rows = [_row(result, numbers) for result in report.rules]
    head = ("rule", "below", "at", "above", "verdict", "owner", "evidence", "source")
    sizes = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    yield paint.dim(_line(head, sizes, width))
    for row, result in zip(rows, report.rules, strict=True):
        yield _painted(_line(row, sizes, width), sizes, result, paint)
    yield ""
    yield paint.dim("Cases that held on each side of the limit; 2/3: two of three held; -: none tried.")
    yield paint.dim("Assumed rules name the assumption they rest on; the others were read in:")
    for key, number in numbers.items():
        cited = next(cited for result in report.rules if (cited := ledger.cited(result.rule)).key == key)
        url = (cited.url or "").partition("#")[0]
        yield paint.dim(_cut(f"  {number:2}  {cited.title}", width))
        if url:
            yield paint.dim(_cut(f"      {url}", width))


def _row(result: RuleResult, numbers: Mapping[str, int]) -> tuple[str, ...]:
    rule = result.rule
    cited = ledger.cited(rule)
    source = rule.assumption or f"{numbers[cited.key]}{f'#{cited.section}' if cited.section else ''}"
    sides = tuple(ledger.cell(side) for side in result.sides)
    return (rule.id, *sides, result.verdict, rule.owner, rule.evidence, source)


def _line(row: tuple[str, ...], sizes: list[int], width: int | None) -> str:
    cells = [
        text.rjust(size) if column in {1, 2, 3} else text.ljust(size)
        for column, (text, size) in enumerate(zip(row, sizes, strict=True))
    ]
    line = "  ".join(cells[:4]) + "  " + " ".join(cells[4:])
    return _cut(line.rstrip(), width)


def _cut(line: str, width: int | None) -> str:
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def _painted(line: str, sizes: list[int], result: RuleResult, paint: _Paint) -> str:
    start = sum(sizes[:4]) + 8
    end = start + len(result.verdict)
    return line[:start] + paint.verdict(line[start:end], result.verdict) + line[end:]


def _findings(report: Report, paint: _Paint, width: int) -> Iterator[str]:
    first = True
    for row in ledger.broken(report):
        if row.accepted:
            continue
        severity = "broken" if row.fails else "warn"
        times = f"{row.count} findings" if row.count > 1 else "1 finding"
        if not first:
            yield ""
        first = False
        cited = f"  {row.rule.owner} · {row.rule.evidence} · {row.rule.source}" if row.rule else ""
        yield f"{paint.verdict('✗' if row.fails else '!', severity)} {paint.bold(row.id)}  {times}{cited}"
        if row.rule:
            limit = "" if row.rule.limit is None else f" Limit: {row.rule.limit}."
            yield from _wrapped(f"{row.rule.says}{limit}", width, "    ")
        for finding in row.findings[:FINDINGS_SHOWN]:
            yield from _finding(finding, paint, width)
        more = len(row.findings) - FINDINGS_SHOWN
        if more > 0:
            yield f"    … and {more} more like these; --report html=PATH or json=PATH has them all"
        if row.findings[0].first.reproduce:
            yield paint.dim(f"    request: {visible(row.findings[0].first.reproduce)}")
        yield paint.dim(f"    again: {visible(report.repeat(row.findings[0].scenarios[0].id))}")
        yield paint.dim(f"    closer: sessionm-harness explain {row.id}")


def _finding(repeated: ledger.Repeated, paint: _Paint, width: int) -> Iterator[str]:
    finding, scenario = repeated.first, repeated.scenarios[0]
    times = f"  ({repeated.count} times)" if repeated.count > 1 else ""
    place = scenario.id if scenario.id.startswith(f"{scenario.suite}/") else f"{scenario.suite}/{scenario.id}"
    yield f"  {paint.dim('in')} {visible(place)}{times}"
    yield from _wrapped(finding.message, width, "    ")
    if repeated.accepted or repeated.expired:
        word, entry = ("accepted", repeated.accepted) if repeated.accepted else ("was accepted", repeated.expired)
        yield from _wrapped(f"{word} {ledger.terms(entry)}" if entry else "", width, "    ")
    places = (("batch", finding.batch), ("at", finding.pointer), ("got", finding.got), ("wanted", finding.wanted))
    told = [f"{paint.dim(name)} {visible(text)}" for name, text in places if text]
    if told:
        yield "    " + "   ".join(told)


def _recording(report: Report, paint: _Paint, width: int | None) -> Iterator[str]:
    """What is told of a recording: each table with its longest rows first, cut to the screen."""
    title = recording.title(report)
    if title:
        yield paint.bold(visible(title))
    for table in recording.tables(report):
        yield ""
        yield paint.bold(table.title)
        if table.title == recording.STOPPED:
            yield from _stopped(report, paint, width)
        else:
            yield from _rows(table.rows, width, ROWS_SHOWN, "  ", paint)


def _stopped(report: Report, paint: _Paint, width: int | None) -> Iterator[str]:
    for by in recording.stopped_by(report):
        yield _cut(f"  {paint.bold(by.rule)}  {by.fate}  {by.points:,} data points: {visible(by.says)}", width)
        if by.setting:
            yield _cut(f"    {'' if by.setting.startswith('no ') else 'change it with '}{visible(by.setting)}", width)
        # Where the setting is another for each name, it stands beside the name.
        rows = tuple((row.share, row.name, "" if by.setting else row.setting) for row in by.rows)
        yield from _rows(rows, width, NAMES_SHOWN, "    ", paint)


def _rows(rows: tuple[tuple[str, ...], ...], width: int | None, most: int, margin: str, paint: _Paint) -> Iterator[str]:
    shown = rows[:most]
    sizes = [max(len(visible(row[column])) for row in shown) for column in range(len(shown[0]))]
    for row in shown:
        cells = [visible(text).ljust(size) for text, size in zip(row, sizes, strict=True) if size]
        yield _cut(f"{margin}{'  '.join(cells)}".rstrip(), width)
    more = len(rows) - len(shown)
    if more > 0:
        yield paint.dim(f"{margin}… and {more} more; --report html=PATH or json=PATH has them all")


def _baseline(report: Report, paint: _Paint, width: int) -> Iterator[str]:
    """What is accepted for a while, what was until its day was over, and what is there no more."""
    if not (report.accepted or report.expired or report.gone):
        return
    yield paint.bold(f"Baseline {visible(report.baseline)}")
    said = {"accepted": report.accepted.values(), "expired": report.expired.values(), "gone": report.gone}
    for word, entries in said.items():
        for entry in sorted(entries, key=lambda one: (one.rule, one.fingerprint)):
            yield from _wrapped(f"{word:8}  {entry.rule}  {entry.fingerprint}", width, "  ")
            yield from _wrapped(ledger.terms(entry), width, "            ")
    if report.gone:
        yield paint.dim("  what is gone did not occur though its rule was tried; --baseline-prune takes it out")


def _untried(report: Report, paint: _Paint, width: int) -> Iterator[str]:
    lacking = [result for result in report.rules if result.verdict == "untried"]
    if lacking:
        yield paint.bold("Rules that are not proved")
        for result in lacking[:LACKING_SHOWN]:
            yield f"  {result.rule.id}  {result.lacks}"
        if len(lacking) > LACKING_SHOWN:
            yield f"  … and {len(lacking) - LACKING_SHOWN} more"
    yield from _not_tried(report, paint, width)


def _not_tried(report: Report, paint: _Paint, width: int) -> Iterator[str]:
    scenarios = [scenario for scenario in report.scenarios if scenario.untried]
    reasons = dict.fromkeys(scenario.untried for scenario in scenarios)
    if not reasons:
        return
    yield paint.bold("Not tried")
    for reason in reasons:
        count = sum(scenario.scenarios for scenario in scenarios if scenario.untried == reason)
        yield from _wrapped(f"{count} {'scenario' if count == 1 else 'scenarios'}: {reason}", width, "  ")


def _assumptions(report: Report, paint: _Paint, width: int) -> Iterator[str]:
    rows = [ledger.assumed(use) for use in report.assumptions]
    if not rows:
        return
    yield paint.bold("What was assumed, where no document says") + paint.dim("  (change with --assume ID=CHOICE)")
    longest = max(len(str(row.used)) for row in rows)
    sizes = [max(len(row.id) for row in rows), max(len(row.choice) + 2 * row.changed for row in rows)]
    for row in rows:
        choice = f"{row.choice}{' *' if row.changed else ''}"
        used = f"used {row.used:>{longest}} {_plural('times', row.used):5}"
        others = f"not {', '.join(row.others)}" if row.others else ""
        others += f", observed {row.observed}" if row.observed else ""
        line = f"  {row.id.ljust(sizes[0])}  {choice.ljust(sizes[1])}  {used}  {others}".rstrip()
        yield line if len(line) <= width else line[: width - 1] + "…"
    if any(row.changed for row in rows):
        yield paint.dim("  * chosen for this run; the register says otherwise")


def _end(report: Report, paint: _Paint) -> Iterator[str]:
    counts = report.counts
    yield ", ".join(f"{count} {_plural(name.replace('_', ' '), count)}" for name, count in counts.items())
    totals = ledger.fate_totals(report)
    if totals:
        yield "data points: " + ", ".join(f"{count} {fate}" for fate, count in totals.items())
    rules, accepted = ledger.tally(report.rules), len(ledger.accepted_rules(report))
    counted = ", ".join(f"{rules[verdict]} {verdict}" for verdict in ("kept", "broken", "untried"))
    yield f"rules: {counted}" + (f"; of the broken {accepted} only by what the baseline accepts" if accepted else "")
    said = {
        "kept": "the contract holds",
        "broken": "the contract is broken",
        "untested": "nothing was tested",
    }[report.verdict]
    yield f"{paint.verdict(f'verdict: {report.verdict}', report.verdict)}, {said} (seed {report.seed})"


def _plural(name: str, count: int) -> str:
    if count != 1:
        return name
    return name.removesuffix("es") if name.endswith("ches") else name.removesuffix("s")


def _wrapped(text: str, width: int, margin: str) -> list[str]:
    # A path or a command stays in one piece, or nobody could copy it.
    whole = textwrap.TextWrapper(
        width, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
    return whole.wrap(visible(text))
