"""A comparison of two contracts as text for people, JSON, a Markdown summary, and annotations of GitHub."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import orjson

from contracts.difference import Finding, Severity
from scenarios.reports import ReportError
from scenarios.reports.visible import visible

from .contract_impact import Impact, Struck
from .contract_verdict import ContractVerdict

TITLES: dict[Severity, str] = {"error": "BREAKING", "warn": "WARNINGS", "info": "FOR INFORMATION"}
NAMES: dict[Severity, tuple[str, str]] = {
    "error": ("breaking change", "breaking changes"),
    "warn": ("warning", "warnings"),
    "info": ("for information", "for information"),
}
SHOWN = 20
"""So many messages, unreadable entries and informational findings are shown to people; JSON has all."""
OPERATIONS = 6


def text(made: ContractVerdict, *, quiet: bool = False) -> str:
    """For people: the breaking changes first, then the rest, then what it does to recorded traffic."""
    return "\n".join([verdict_line(made)] if quiet else _lines(made)) + "\n"


def verdict_line(made: ContractVerdict) -> str:
    told = (
        "nothing changed"
        if not made.findings
        else ", ".join(_counted(made.count(severity), *NAMES[severity]) for severity in NAMES if made.count(severity))
    )
    if made.impact is not None:
        told += f", {_breaks(made.impact)}"
    if made.verdict == "untested":
        told += "; no recorded request is for an operation of either contract"
    return f"verdict: {made.verdict}, {told}"


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _lines(made: ContractVerdict) -> Iterator[str]:
    yield f"{visible(made.old)} → {visible(made.new)}"
    for severity, title in TITLES.items():
        group = [finding for finding in made.findings if finding.severity == severity]
        if group:
            yield ""
            yield f"{title} ({len(group)})"
            shown = group if severity != "info" else group[:SHOWN]
            for finding in shown:
                yield from _finding(finding)
            if len(shown) < len(group):
                yield f"  … and {len(group) - len(shown)} more, which --json lists"
    if made.impact is not None:
        yield ""
        yield from _impact(made.impact)
    yield ""
    yield verdict_line(made)


def _finding(finding: Finding) -> Iterator[str]:
    rule = f"  [{finding.rule}]" if finding.rule and finding.kind != "rule" else ""
    vendor = f"{finding.vendor}: " if finding.vendor and finding.kind != "rule" else ""
    yield f"  {visible(vendor + finding.message)}{rule}"
    if finding.severity == "info":
        return
    broken = "both sides" if finding.breaks == "both" else f"the {finding.breaks}"
    verb = "breaks" if finding.severity == "error" else "may break"
    yield f"    {verb} {broken}  {where(finding)}  {finding.fingerprint}"
    if finding.operations:
        yield f"    {visible(_users(finding))}"


def where(finding: Finding) -> str:
    """The file and the place in it."""
    return visible(f"{finding.file}#{finding.pointer}" if finding.pointer else finding.file)


def _users(finding: Finding) -> str:
    sides = {"request": "requests", "answer": "answers"}
    who = " and ".join(sides[direction] for direction in finding.directions)
    names = finding.operations[:OPERATIONS]
    more = f" and {len(finding.operations) - len(names)} more" if len(names) < len(finding.operations) else ""
    return f"{who} of {', '.join(names)}{more}"


def _breaks(impact: Impact) -> str:
    requests, answers = impact.requests, impact.answers
    told = f"breaks {len(requests.broken)} of {requests.recorded} recorded requests"
    return told + (f" and {len(answers.broken)} of {answers.recorded} answers" if answers.recorded else "")


def _impact(impact: Impact) -> Iterator[str]:
    yield f"RECORDED TRAFFIC: this {_breaks(impact)}"
    for name, tally in (("requests", impact.requests), ("answers", impact.answers)):
        notes = (
            (tally.unknown, "of no known operation"),
            (tally.bad, "bad by both contracts"),
            (len(tally.mended), "good by NEW only"),
            (tally.bodiless, "without the body that they had"),
        )
        told = ", ".join(f"{count} {note}" for count, note in notes if count)
        if told:
            yield f"  {name}: {told}"
    if impact.unplanned:
        yield f"  batches: {impact.unplanned} of which nothing is sent"
    yield from _some(impact.broken, "broken")
    yield from _some([*impact.requests.mended, *impact.answers.mended], "good now")
    if impact.bad:
        yield f"  {len(impact.bad)} that cannot be read:"
        yield from (f"    {visible(str(bad))}" for bad in impact.bad[:SHOWN])
        if len(impact.bad) > SHOWN:
            yield f"    … and {len(impact.bad) - SHOWN} more, which --json lists"


def _some(struck: list[Struck], how: str) -> Iterator[str]:
    for one in struck[:SHOWN]:
        yield f"  {how}: {visible(one.place)}  {one.what} of {visible(one.operation)}"
        for breach in one.breaches:
            yield f"    {visible(breach.message)}{f'  [{breach.rule}]' if breach.rule else ''}"
    if len(struck) > SHOWN:
        yield f"  … and {len(struck) - SHOWN} more, which --json lists"


# --- for other tools --------------------------------------------------------------------------------------


def as_json(made: ContractVerdict) -> str:
    return (
        orjson.dumps(made.to_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS, default=str).decode() + "\n"
    )


def markdown(made: ContractVerdict) -> str:
    """For the summary of a job."""
    lines = [f"## Contract: {_cell(made.old)} → {_cell(made.new)}", "", f"**{_cell(verdict_line(made))}**", ""]
    told = [finding for finding in made.findings if finding.severity != "info"]
    if told:
        lines += ["| | change | breaks | where | operations |", "|---|---|---|---|---|"]
        for one in told:
            rule = f" `{one.rule}`" if one.rule else ""
            who = _cell(_users(one)) if one.operations else ""
            lines.append(
                f"| {one.severity} | {_cell(one.message)}{rule} | {one.breaks} | `{_cell(where(one))}` | {who} |"
            )
        lines.append("")
    if made.impact is not None and made.impact.broken:
        lines += ["| recorded | of | why |", "|---|---|---|"]
        for struck in made.impact.broken[:SHOWN]:
            why = "; ".join(breach.message for breach in struck.breaches)
            lines.append(f"| {_cell(struck.place)} | {struck.what} of {_cell(struck.operation)} | {_cell(why)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(words: str) -> str:
    return visible(words).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'").replace("<", "&lt;")


def github(made: ContractVerdict) -> str:
    """Workflow commands, which GitHub shows beside the files of a change."""
    return "".join(f"{line}\n" for line in _annotations(made))


def _annotations(made: ContractVerdict) -> Iterator[str]:
    kinds: dict[Severity, str] = {"error": "error", "warn": "warning", "info": "notice"}
    for one in made.findings:
        if one.severity != "info":
            path = made.folder if made.folder.rpartition("/")[2] == one.file else f"{made.folder}/{one.file}"
            title = f"{one.vendor} {one.kind} {one.change}, breaks {one.breaks}".strip()
            told = f"{one.message} ({one.pointer}, {one.fingerprint})"
            yield f"::{kinds[one.severity]} file={_property(path)},title={_property(title)}::{_escaped(told)}"
    for struck in made.impact.broken[:SHOWN] if made.impact else ():
        told = f"{struck.place}, {struck.what} of {struck.operation}: " + "; ".join(
            one.message for one in struck.breaches
        )
        yield f"::error title=breaks recorded traffic::{_escaped(told)}"


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")


REPORTERS: Mapping[str, Callable[[ContractVerdict], str]] = {
    "json": as_json,
    "markdown": markdown,
    "github": github,
    "text": text,
}
"""Every format that `contract diff --report FORMAT=PATH` takes, and what makes it."""


def check_targets(wanted: Iterable[str]) -> None:
    """Raises `ReportError` for the first `FORMAT=PATH` that cannot be written, before anything is compared."""
    for one in wanted:
        name, _, path = one.partition("=")
        if name not in REPORTERS or not path:
            raise ReportError(f"--report {one}: wants FORMAT=PATH, with one of the formats {', '.join(REPORTERS)}")
        if path != "-" and Path(path).is_dir():
            raise ReportError(f"--report {one}: {path} is a folder; name a file in it")
        if path != "-" and not Path(path).parent.is_dir():
            raise ReportError(f"--report {one}: there is no folder {Path(path).parent}; make it first")


def write(made: ContractVerdict, wanted: str) -> None:
    """Write one report as `FORMAT=PATH` says; the path `-` is standard output. Raises `ReportError`."""
    name, _, path = wanted.partition("=")
    written = REPORTERS[name](made).encode("utf-8", "backslashreplace")
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        Path(path).write_bytes(written)
    except OSError as error:
        raise ReportError(f"--report {wanted}: {path} cannot be written: {error.strerror}") from error
