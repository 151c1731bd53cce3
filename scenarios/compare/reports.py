"""A comparison as text for people, as JSON, and as a Markdown summary. No line holds a value of a batch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from scenarios.reports import ReportError
from scenarios.reports.visible import visible

from .causes import CLASSES, Cause
from .fields import WRITINGS
from .sent import UNKNOWN
from .trial import Comparison
from .written import PASSED_OVER, shown

FORMAT = "sessionm-harness.comparison/1"
NAMED = 4
"""So many names are shown of what `*` stands for; JSON has more."""
WIDTH = 11
WHY_NOISE = "OLD differs from itself there when it is tried once more, later and with another seed"
WHOLE = {
    "changed": "only NEW sends it",
    "lost": "only OLD sends it",
    "duplicated": "NEW sends it more often",
    "reordered": "NEW sends it in another order",
}


def verdict(made: Comparison, fail_on: Iterable[str]) -> str:
    """kept; broken, where a class of `fail_on` has a request; untested, where nothing was compared."""
    if not made.outcome.old and not made.outcome.new:
        return "untested"
    return "broken" if any(made.outcome.classes[name] for name in fail_on) else "kept"


# --- for people -------------------------------------------------------------------------------------------


def text(made: Comparison, fail_on: tuple[str, ...], *, limit: int, quiet: bool = False) -> str:
    """The differences first, one line each, at most `limit` of them; then what is none, and the verdict."""
    lines = [] if quiet else list(_lines(made, limit))
    return "\n".join([*lines, verdict_line(made, fail_on)]) + "\n"


def verdict_line(made: Comparison, fail_on: tuple[str, ...]) -> str:
    classes = made.outcome.classes
    told = [f"{classes[name]:,} {name}" for name in ("identical", "equivalent", *CLASSES) if classes[name]]
    found = verdict(made, fail_on)
    if found == "untested":
        told = ["no request of either"] if made.batches else ["no batch"]
    return f"verdict: {found}, {', '.join(told)} (seed {made.asked.seed})"


def _lines(made: Comparison, limit: int) -> Iterator[str]:
    yield f"{visible(made.asked.old)} → {visible(made.asked.new)}"
    outcome = made.outcome
    yield (
        f"{_counted(made.batches, 'batch', 'batches')} about {_counted(made.people, 'person', 'people')}: "
        f"{_counted(outcome.old, 'request', 'requests')} of OLD, {outcome.new:,} of NEW"
    )
    yield ""
    for cause in outcome.causes[:limit]:
        yield f"{cause.kind:<{WIDTH}}{_told(cause, made)}"
    if len(outcome.causes) > limit:
        yield f"{'':<{WIDTH}}… and {len(outcome.causes) - limit:,} more, which --report json=PATH lists"
    for name, writing in sorted(outcome.writings.items(), key=lambda one: -one[1].requests):
        told = f"{name}: {_counted(writing.requests, 'request', 'requests')}, for {WRITINGS[name]}"
        yield f"{'equivalent':<{WIDTH}}{told}{_first(writing.first, made)}"
    for cause in made.noise[:limit]:
        yield f"{'noise':<{WIDTH}}{_where(cause)}: {_what(cause)}; {WHY_NOISE}"
    for line in unsteady(made):
        yield f"{'noise':<{WIDTH}}{line}"
    if made.bad:
        yield f"{'not read':<{WIDTH}}{_counted(len(made.bad), 'record', 'records')}"
        for bad in made.bad[:limit]:
            yield f"{'':<{WIDTH}}{visible(str(bad))}"
        if len(made.bad) > limit:
            yield f"{'':<{WIDTH}}… and {len(made.bad) - limit:,} more, which --report json=PATH lists"
    if outcome.causes or outcome.writings or made.noise or made.bad:
        yield ""


def unsteady(made: Comparison) -> Iterator[str]:
    """What OLD did not do twice: then the same may be chance in NEW."""
    for name, count in (made.steady or {}).items():
        if count:
            told = _counted(count, "request is", "requests are")
            yield f"{told} {name} where OLD is tried twice; in NEW it may be chance"


def _told(cause: Cause, made: Comparison) -> str:
    rule = f"  [{cause.rule}{f': {cause.fate}' if cause.fate else ''}]" if cause.rule else ""
    return f"{_where(cause)}: {_what(cause)}{_first(cause.first, made)}{rule}{_also(cause)}"


def _where(cause: Cause) -> str:
    """The field, or the request."""
    if cause.batches:
        return "whole batches"
    if not cause.place:
        return " and ".join(visible(name) for name, _ in cause.operations.most_common(2))
    place = visible(shown(cause.place))
    return f"{place} renamed to {visible(cause.to)}" if cause.to else place


def _what(cause: Cause) -> str:
    of = f" of {cause.of:,}" if cause.of >= cause.requests and cause.place else ""
    several = cause.requests != 1 or cause.of > 1
    told = [f"{cause.requests:,}{of} {'requests' if several else 'request'}"]
    if not cause.place:
        told.append(WHOLE[cause.kind])
    elif cause.change == "gone":
        told.append(f"gone, was {cause.old}")
    elif cause.change == "new":
        told.append(f"new, {cause.new}")
    elif cause.change == "order":
        told.append("the entries in another order")
    elif cause.change == "value" and cause.place not in {("method",), ("path",)}:
        told.append(f"{cause.old} → {'another' if str(cause.old) == str(cause.new) else cause.new}")
        how = [name for name in cause.how if name]
        told += how if len(how) == 1 == len(cause.how) else []
    if cause.fields:
        told.append(f"{len(cause.fields)} fields: {_some(cause.fields)}")
    if cause.names:
        inside = bool(cause.place) and cause.place[0] == "body"
        many = inside and len(cause.names) > NAMED
        told.append(f"under {len(cause.names)} names" if many else f"{'in ' if inside else ''}{_some(cause.names)}")
    return ", ".join(told)


def _some(names: Mapping[str, int]) -> str:
    listed = sorted(names, key=lambda name: -names[name])
    more = f" and {len(listed) - NAMED} more" if len(listed) > NAMED else ""
    return ", ".join(visible(name) for name in listed[:NAMED]) + more


def _also(cause: Cause) -> str:
    """What follows from it, and is no cause of its own."""
    told = [f"{_counted(count, 'request', 'requests')} {name}" for name, count in cause.follows.items()]
    told += [f"{_counted(count, 'field', 'fields')} {name}" for name, count in cause.room.items()]
    return f"; and so {', '.join(told)}" if told else ""


def _first(number: int, made: Comparison) -> str:
    return f"; first: {visible(made.places[number])}" if number in made.places else ""


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


# --- for other tools --------------------------------------------------------------------------------------


def document(made: Comparison, fail_on: tuple[str, ...]) -> dict[str, Any]:
    """The JSON form, which contracts/comparison.schema.yaml describes."""
    outcome = made.outcome
    return {
        "format": FORMAT,
        "old": made.asked.old,
        "new": made.asked.new,
        "destination": made.asked.destination,
        "seed": made.asked.seed,
        "verdict": verdict(made, fail_on),
        "fail_on": list(fail_on),
        "counts": {
            "batches": made.batches,
            "people": made.people,
            "unreadable": len(made.bad),
            "requests_of_old": outcome.old,
            "requests_of_new": outcome.new,
            **{name: outcome.classes[name] for name in ("identical", "equivalent", *CLASSES)},
        },
        "groups": [_group(cause, made) for cause in outcome.causes],
        "equivalences": [
            {"name": name, "reason": WRITINGS[name], "requests": one.requests, "first": _place(one.first, made)}
            for name, one in outcome.writings.items()
        ],
        "noise": {
            "measured": made.steady is not None,
            "reason": WHY_NOISE,
            "fields": [_group(cause, made) for cause in made.noise],
            "only_once": dict(made.steady or {}),
        },
        "passed_over": [{"field": f"header:{name}", "reason": reason} for name, reason in PASSED_OVER.items()],
        "unreadable": [{"place": bad.place, "why": bad.why} for bad in made.bad],
    }


def _group(cause: Cause, made: Comparison) -> dict[str, Any]:
    return {
        "class": cause.kind,
        "field": shown(cause.place) if cause.place else None,
        "change": cause.change or None,
        "renamed_to": cause.to or None,
        "whole": None if cause.place else "batch" if cause.batches else "request",
        "fields": cause.fields,
        "requests": cause.requests,
        "of": cause.of or None,
        "old": str(cause.old) or None,
        "new": str(cause.new) or None,
        "names": dict(cause.names.most_common()),
        "operations": dict(cause.operations.most_common()),
        "rule": cause.rule or None,
        "fate": cause.fate or None,
        "follows": dict(cause.follows),
        "room": dict(cause.room),
        "first": _place(cause.first, made),
        "message": f"{_where(cause)}: {_what(cause)}",
    }


def _place(number: int, made: Comparison) -> str | None:
    return made.places.get(number) if number != UNKNOWN else None


def as_json(made: Comparison, fail_on: tuple[str, ...]) -> str:
    return orjson.dumps(document(made, fail_on), option=orjson.OPT_INDENT_2).decode() + "\n"


def markdown(made: Comparison, fail_on: tuple[str, ...]) -> str:
    """For the summary of a job."""
    lines = [
        f"## {_cell(made.asked.old)} → {_cell(made.asked.new)}",
        "",
        f"**{_cell(verdict_line(made, fail_on))}**",
        "",
    ]
    if made.outcome.causes:
        lines += ["| | where | what | first | rule |", "|---|---|---|---|---|"]
        for one in made.outcome.causes:
            cells = (one.kind, _where(one), _what(one) + _also(one), made.places.get(one.first, ""), one.rule)
            lines.append(f"| {' | '.join(map(_cell, cells))} |")
        lines.append("")
    rest = [f"{name}: {one.requests:,} requests ({WRITINGS[name]})" for name, one in made.outcome.writings.items()]
    rest += [f"noise, {_where(one)}: {_what(one)}" for one in made.noise]
    rest += [*unsteady(made), *(f"not read: {bad}" for bad in made.bad)]
    return "\n".join([*lines, *(f"- {_cell(line)}" for line in rest), ""])


def _cell(words: str) -> str:
    return (
        visible(words)
        .replace("\\", "\\\\")
        .replace("|", "\\|")
        .replace("`", "'")
        .replace("<", "&lt;")
        .replace("*", "\\*")
    )


def _plain(made: Comparison, fail_on: tuple[str, ...]) -> str:
    return text(made, fail_on, limit=len(made.outcome.causes) + len(made.bad) + len(made.noise))


REPORTERS: Mapping[str, Callable[[Comparison, tuple[str, ...]], str]] = {
    "json": as_json,
    "markdown": markdown,
    "text": _plain,
}
"""Every format that `compare --report FORMAT=PATH` takes, and what makes it."""


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


def write(made: Comparison, fail_on: tuple[str, ...], wanted: str) -> None:
    """Write one report as `FORMAT=PATH` says; the path `-` is standard output. Raises `ReportError`."""
    name, _, path = wanted.partition("=")
    written = REPORTERS[name](made, fail_on).encode("utf-8", "backslashreplace")
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        Path(path).write_bytes(written)
    except OSError as error:
        raise ReportError(f"--report {wanted}: {path} cannot be written: {error.strerror}") from error
