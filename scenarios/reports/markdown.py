"""The report as Markdown, for the summary of a job or a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from contracts import Rule
from scenarios.verdict import Accepted, Report

from . import ledger, recording
from .visible import visible

LONGEST = 60_000
"""Characters; a comment takes some thousand more."""
SAID = {
    "kept": "✅ The contract holds",
    "broken": "❌ The contract is broken",
    "untested": "⚠️ Nothing was tested",
}
SIGNS = re.compile(r"[\\`*_{}\[\]<>#!|~&@$]")


def render(report: Report) -> str:
    """The text; where it would grow too long, rows are left out and counted."""
    parts = [_head(report)]
    room = LONGEST - len(parts[0])
    for title, head, rows in _tables(report):
        made = _table(title, head, rows, room)
        parts.append(made)
        room -= len(made)
    return "\n".join(part for part in parts if part)


def _head(report: Report) -> str:
    tally, counts = ledger.tally(report.rules), report.counts
    accepted = f", {counts['accepted']} findings accepted" if counts.get("accepted") else ""
    return (
        f"## {SAID[report.verdict]}\n\n"
        f"**{tally['kept']} rules kept, {tally['broken']} broken, {tally['untried']} untried**{accepted}, in "
        f"{counts['scenarios']:,} scenarios with {counts['batches']:,} batches, {counts['data_points']:,} data points "
        f"and {counts['requests']:,} requests.\n\n"
        f"The same run again: {code(report.again)}\n"
    )


def _tables(report: Report) -> Iterator[tuple[str, str, Iterable[str]]]:
    head = "| | Rule | Found | Again | Source |\n|---|---|---|---|---|"
    yield "Broken", head, (_row(report, row) for row in ledger.broken(report) if not row.accepted)
    lacking = [result for result in report.rules if result.verdict == "untried"]
    untried = (f"| {code(row.rule.id)} | {plain(row.lacks)} | {_source(row.rule)} |" for row in lacking)
    yield "Not proved", "| Rule | What is missing | Source |\n|---|---|---|", untried
    for title, entries in (
        ("Accepted for a while", report.accepted.values()),
        ("Accepted once, and there no more", report.gone),
    ):
        yield title, "| Rule | Fingerprint | Until | Owner | Why |\n|---|---|---|---|---|", map(_entry, sorted(entries))
    for table in recording.tables(report):
        head = f"| {' | '.join(table.head)} |\n|{'---|' * len(table.head)}"
        yield table.title, head, (f"| {' | '.join(map(plain, row))} |" for row in table.rows)
    reasons = dict.fromkeys(one.untried for one in report.scenarios if one.untried)
    counts = {why: sum(one.scenarios for one in report.scenarios if one.untried == why) for why in reasons}
    yield "Not tried", "| Scenarios | Why |\n|---|---|", (f"| {n} | {plain(why)} |" for why, n in counts.items())


def _table(title: str, head: str, rows: Iterable[str], room: int) -> str:
    """A table with as many rows as there is room for; empty where there is no row at all."""
    lines = list(rows)
    if not lines:
        return ""
    made, used = [f"### {title} ({len(lines)})", "", *head.split("\n")], 200
    used += sum(map(len, made))
    left = len(lines)
    for line in lines:
        used += len(line) + 1
        if used > room:
            break
        made.append(line)
        left -= 1
    if left:
        made += ["", f"… and {left} more; the other reports have them all."]
    return "\n".join(made) + "\n"


def _row(report: Report, row: ledger.Broken) -> str:
    found = next(one for one in row.findings if not one.accepted)
    told = code(found.first.message) + (f"<br>{row.count} findings" if row.count > 1 else "")
    expired = next((one.expired for one in row.findings if one.expired), None)
    if expired:
        told += f"<br>was accepted {plain(ledger.terms(expired))}"
    sign = "❌" if row.fails else "⚠️"
    again = code(report.repeat(found.scenarios[0].id))
    says = f"<br>{plain(row.rule.says)}" if row.rule else ""
    return f"| {sign} | {code(row.id)}{says} | {told} | {again} | {_source(row.rule) if row.rule else ''} |"


def _entry(entry: Accepted) -> str:
    told = (code(entry.rule), code(entry.fingerprint), str(entry.expires), plain(entry.owner), plain(entry.reason))
    return f"| {' | '.join(told)} |"


def _source(rule: Rule) -> str:
    cited = ledger.cited(rule)
    title = plain(cited.title if not cited.section else f"{cited.title}, {cited.section.replace('-', ' ')}")
    return f"[{title}]({cited.url.replace(')', '%29')})" if cited.url else title


def plain(text: str) -> str:
    """Text on one line in which nothing is markup."""
    return SIGNS.sub(lambda found: f"&#{ord(found[0])};", visible(text))


def code(text: str) -> str:
    """The same as a piece of code, in which nobody is mentioned and nothing becomes a link."""
    return f"<code>{plain(text)}</code>"
