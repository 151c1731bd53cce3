"""A minimum written down: as a recording, as a test that fails alone, and as lines of curl."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap
from typing import Any

import orjson

from contracts import Interaction, rules
from mock_sessionm import TenantSettings
from scenarios.recordings.recorded import Recorded
from scenarios.recordings.writing import HarWriter
from scenarios.reports.visible import visible

from .curl_lines import script
from .shrinking import Minimum
from .sizes import number, sizes_of

WIDTH = 110
INTERACTIONS = "interactions"
LINE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a minimum comes from, and how it is judged again.

    sources     the recordings
    records     how many batches or interactions they have
    what        which of the two
    arguments   of the function that judges again, beside the records
    """

    sources: tuple[str, ...]
    records: int
    what: str = "batches"
    arguments: Mapping[str, Any] = field(default_factory=dict)


def stem(minimum: Minimum, taken: Iterable[str]) -> str:
    """The name of its files without ending; the kinds of one fingerprint are numbered."""
    name = f"{minimum.kind.rule}-{minimum.kind.fingerprint}"
    known = set(taken)
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 1000))) if one not in known)


def write(
    minimum: Minimum,
    origin: Origin,
    folder: Path,
    taken: set[str],
    heard: Sequence[Interaction],
    tenant: TenantSettings,
    records: Sequence[Recorded] = (),
) -> tuple[Path, ...]:
    """The files, in a folder that is made where it is not there.

    `records` are the interactions where it is about these. Raises `OSError` and `RecordingError`.
    """
    name = stem(minimum, taken)
    taken.add(name)
    test = "test_" + re.sub("[^a-z0-9]+", "_", name.lower())
    folder.mkdir(parents=True, exist_ok=True)
    recording = folder / f"{name}.{'har' if origin.what == INTERACTIONS else 'ndjson'}"
    if origin.what == INTERACTIONS:
        shown = _har(recording, records)
    else:
        recording.write_bytes(b"".join(orjson.dumps(doc) + b"\n" for doc in minimum.docs))
        shown = list(minimum.docs)
    texts = {
        f"{test}.py": pytest_file(minimum, origin, test, shown),
        f"{name}.sh": script(minimum, heard, tenant, () if origin.what == INTERACTIONS else minimum.docs),
    }
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", errors="backslashreplace")
    return recording, *(folder / file for file in texts)


def _har(path: Path, records: Sequence[Recorded]) -> list[Any]:
    """The entries of a HAR file that is written, without what only the format wants."""
    with HarWriter(path) as writer:
        for one in records:
            writer.write(one)
    entries = orjson.loads(path.read_bytes())["log"]["entries"]
    return [
        {
            "startedDateTime": one["startedDateTime"],
            "request": _some(one["request"], "method", "url", "headers", "postData"),
            "response": {
                **_some(one["response"], "status", "headers"),
                "content": _some(one["response"]["content"], "text", "encoding"),
            },
            "_missing": one["_missing"],
        }
        for one in entries
    ]


def _some(part: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: part[name] for name in names if name in part}


def pytest_file(minimum: Minimum, origin: Origin, name: str, records: list[Any]) -> str:
    """A test that judges the records from scratch, and fails as long as the rule is broken."""
    finding, what = minimum.finding, origin.what
    arguments = {key.upper(): value for key, value in origin.arguments.items() if value}
    given = "".join(f", {key.lower()}={key}" for key in arguments)
    shown = f"finding.rule == RULE and finding.about == {finding.about!r}" if finding.about else "finding.rule == RULE"
    constants = {"RULE": finding.rule, **arguments, what.upper(): records}
    return "\n".join(
        [
            'r"""' + "\n".join(map(_prose, _says(minimum, origin))),
            '"""',
            "",
            f"from scenarios.reproduction import judge_{what}",
            "",
            *(f"{key} = {python(value)}" for key, value in constants.items()),
            "",
            "",
            f"def {name}():",
            f"    found = judge_{what}({what.upper()}{given})",
            f"    broken = [finding.message for finding in found if {shown}]",
            '    assert not broken, f"{RULE} is broken: " + "; ".join(broken)',
            "",
        ]
    )


def _says(minimum: Minimum, origin: Origin) -> Iterator[str]:
    """What stands at the head of a test, line by line."""
    finding = minimum.finding
    yield f"{finding.rule} is broken by {sizes_of(minimum.docs, origin.what)}."
    yield ""
    yield from wrap(f"Found: {finding.message}")
    rule = rules().get(finding.about or finding.rule)
    if rule:
        yield from wrap(f"{rule.id}: {rule.says}", WIDTH)
        yield f"Source: {rule.source}"
    yield ""
    yield f"Written by `sessionm-harness shrink`, out of {number(origin.records, origin.what)}."
    yield "It needs sessionm-harness and no other file, fails as long as the rule is broken, and passes"
    yield "once that is mended."
    forwarder = str(origin.arguments.get("forwarder", ""))
    if forwarder:
        yield ""
        yield f"The forwarder on trial is {forwarder}. The environment variable"
        yield "SESSIONM_HARNESS_FORWARDER names another one, by its address or as module:function."
    if forwarder.startswith("http"):
        yield "While the test runs, a fake of SessionM listens on this machine at PORT, where the forwarder must send."
        yield "SESSIONM_HARNESS_TENANT and SESSIONM_HARNESS_CONNECTION name files, where it has credentials of its own."


def python(value: Any, indent: int = 0) -> str:
    """Parsed JSON as Python: on one line where it fits, else a line for each thing in it."""
    whole = ascii(value) if isinstance(value, str) else repr(value)
    whole = _quoted(value) if isinstance(value, str) else whole
    if not isinstance(value, (dict, list)) or not value:
        return whole
    begin, end = "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, dict):
        parts = [f"{_quoted(key)}: {python(inner, indent + 4)}" for key, inner in value.items()]
    else:
        parts = [python(inner, indent + 4) for inner in value]
    line = begin + ", ".join(parts) + end
    if len(line) + indent <= LINE and "\n" not in line:
        return line
    inside = "".join(f"{' ' * (indent + 4)}{part},\n" for part in parts)
    return f"{begin}\n{inside}{' ' * indent}{end}"


def _quoted(text: str) -> str:
    """A text between double quotes, with nothing in it that an editor would show otherwise."""
    return '"' + ascii(text + "'\"")[1:-4].replace('"', '\\"') + '"'


def _prose(text: str) -> str:
    return visible(text).replace('"""', "'''")
