"""A minimum written down: as a recording, as a test that fails alone, and as lines of curl."""

from __future__ import annotations

import pprint
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from contracts import Interaction, rules
from mock_sessionm import TenantSettings
from scenarios.reports.visible import visible

from .curl_lines import script
from .shrinking import Minimum
from .sizes import sizes_of

WIDTH = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a minimum comes from, and how it is judged again.

    sources     the recordings
    records     how many batches or interactions they have
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
) -> tuple[Path, ...]:
    """The files, in a folder that is made where it is not there. Raises `OSError`."""
    name = stem(minimum, taken)
    taken.add(name)
    test = "test_" + re.sub("[^a-z0-9]+", "_", name.lower())
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        f"{name}.ndjson": ndjson(minimum),
        f"{test}.py": pytest_file(minimum, origin, test).encode("utf-8", "backslashreplace"),
        f"{name}.sh": script(minimum, heard, tenant).encode("utf-8", "backslashreplace"),
    }
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return tuple(folder / file for file in files)


def ndjson(minimum: Minimum) -> bytes:
    return b"".join(orjson.dumps(doc) + b"\n" for doc in minimum.docs)


def pytest_file(minimum: Minimum, origin: Origin, name: str) -> str:
    """A test that judges the records from scratch, and fails as long as the rule is broken."""
    rule = minimum.kind.rule
    known = rules().get(rule)
    arguments = {key: value for key, value in origin.arguments.items() if value}
    constants = [f"{key.upper()} = {_literal(value)}\n" for key, value in arguments.items()]
    given = "".join(f", {key}={key.upper()}" for key in arguments)
    judge = f"judge_{origin.what}"
    says = [f"{rule}: {_prose(known.says)}" if known else rule]
    says += [f"Source: {known.source}"] if known else []
    return "\n".join(
        [
            f'r"""What is wrong with {_prose(sizes_of(minimum.docs, origin.what))}: {_prose(minimum.finding.message)}.',
            "",
            *says,
            "",
            f"Written by `sessionm-harness shrink`, out of {origin.records:,} {origin.what}. It needs sessionm-harness and",
            "no other file, fails as long as the rule is broken, and passes once that is mended.",
            *_how(origin),
            '"""',
            "",
            f"from scenarios.reproduction import {judge}",
            "",
            f"RULE = {rule!r}",
            *constants,
            f"{origin.what.upper()} = {_literal(list(minimum.docs))}",
            "",
            "",
            f"def {name}():",
            f"    found = {judge}({origin.what.upper()}{given})",
            "    broken = [finding.message for finding in found if finding.rule == RULE]",
            '    assert not broken, f"{RULE} is broken: " + "; ".join(broken)',
            "",
        ]
    )


def _how(origin: Origin) -> Iterator[str]:
    forwarder = origin.arguments.get("forwarder", "")
    if forwarder:
        yield ""
        yield f"The forwarder on trial is {forwarder};"
        yield "the environment variable SESSIONM_HARNESS_FORWARDER names another one, by its address or as module:function."
    if str(forwarder).startswith("http"):
        port = origin.arguments.get("port")
        yield f"While the test runs, a fake of SessionM listens on 127.0.0.1:{port}: that is where the forwarder sends."
        yield "SESSIONM_HARNESS_TENANT and SESSIONM_HARNESS_CONNECTION name the files with credentials, where it has its own."


def _literal(value: Any) -> str:
    """A value as Python, on as many lines as it takes."""
    return pprint.pformat(value, width=WIDTH, sort_dicts=False, underscore_numbers=False)


def _prose(text: str) -> str:
    return visible(" ".join(text.split())).replace('"""', "'''").replace("\\", "/")
