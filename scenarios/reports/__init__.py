"""What a run writes: for people, for CI servers, for other tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from scenarios.verdict import Report

from . import document, github, har, html, junit, markdown, sarif, text

REPORTERS: Mapping[str, Callable[[Report], str]] = {
    "json": document.render,
    "junit": junit.render,
    "html": html.render,
    "text": text.render,
    "sarif": sarif.render,
    "github": github.render,
    "markdown": markdown.render,
    "har": har.render,
}
"""Every format that `--report FORMAT=PATH` takes, and what makes it."""


class ReportError(ValueError):
    """A report cannot be written; the text is one line that says which, why, and what to do."""


def target(wanted: str) -> tuple[str, str]:
    """`FORMAT=PATH` taken apart. Raises `ReportError` for an unknown format or a path that cannot be written.

    A run calls it before it starts: nobody wants to hear of a typing mistake afterwards.
    """
    name, equals, path = wanted.partition("=")
    known = ", ".join(REPORTERS)
    if not equals or not path:
        raise ReportError(f"--report {wanted}: wants FORMAT=PATH, with one of the formats {known}")
    if name not in REPORTERS:
        raise ReportError(f"--report {wanted}: unknown format {name!r}; known: {known}")
    if path != "-":
        folder = Path(path).parent
        if Path(path).is_dir():
            raise ReportError(f"--report {wanted}: {path} is a folder; name a file in it")
        if not folder.is_dir():
            raise ReportError(f"--report {wanted}: there is no folder {folder}; make it first")
        if not os.access(path if Path(path).exists() else folder, os.W_OK):
            raise ReportError(f"--report {wanted}: {path} cannot be written: permission denied")
    return name, path


def write(report: Report, wanted: str) -> None:
    """Write one report as `FORMAT=PATH` says; the path `-` is standard output. Raises `ReportError`."""
    name, path = target(wanted)
    # A name from a batch may hold a lone surrogate, which UTF-8 has no bytes for; in JSON its escape is the same text.
    written = REPORTERS[name](report).encode("utf-8", "backslashreplace")
    if path == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    try:
        Path(path).write_bytes(written)
    except OSError as error:
        raise ReportError(f"--report {wanted}: {path} cannot be written: {error.strerror}") from error
