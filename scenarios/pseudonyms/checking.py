"""Whether files may be committed: every kind of text, as a pre-commit hook hands it over."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path

from .rewriting import is_json
from .scan import Leftover, Scan, lines_of

GZIP = b"\x1f\x8b"
LARGEST = 256 * 1024 * 1024
"""Characters of a JSON document over many lines beyond which it is read line by line."""


class CannotCheck(ValueError):
    """A file cannot be read; the text says which and why."""


def check(path: Path) -> Iterator[Leftover]:
    """What must not be committed of a file, or of the files of a folder. Raises `CannotCheck`."""
    if path.is_dir():
        for inside in sorted(path.rglob("*")):
            if inside.is_file() and ".git" not in inside.parts:
                yield from check(inside)
        return
    try:
        yield from _checked(str(path), _lines(path))
    except (OSError, EOFError, zlib.error) as error:
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CannotCheck(f"{path}: cannot be read: {told}") from error


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        head = raw.read(4)
        raw.seek(0)
        if head.startswith(GZIP):
            with gzip.open(raw) as unpacked:
                yield from (line.decode("utf-8", "replace") for line in unpacked)
        elif head.startswith((b"\xff\xfe", b"\xfe\xff")):
            yield from raw.read().decode("utf-16", "replace").splitlines(keepends=True)
        else:
            # What is no text is looked through as if each byte were a character.
            for line in raw:
                yield line.decode("utf-8") if _is_text(line) else line.decode("latin-1")


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _checked(name: str, lines: Iterator[str]) -> Iterator[Leftover]:
    """Line by line where the first line is a JSON text; else as one JSON document; else as plain lines."""
    scan = Scan()
    waiting: list[str] = []
    size = 0
    first = True
    document = False
    for number, raw in enumerate(lines, start=1):
        line = raw.removeprefix("\ufeff") if number == 1 else raw
        if first and line.strip():
            first = False
            document = line.lstrip()[:1] in {"{", "["} and not is_json(line)
        if document:
            waiting.append(line)
            size += len(line)
            if size > LARGEST:
                for at, kept in enumerate(waiting, start=number - len(waiting) + 1):
                    yield from lines_of(f"{name}:{at}", kept)
                waiting, document = [], False
        elif is_json(line):
            yield from scan.leftovers(f"{name}:{number}", line.strip())
        else:
            yield from lines_of(f"{name}:{number}", line)
    text = "".join(waiting)
    if is_json(text):
        yield from scan.leftovers(name, text)
    else:
        for number, line in enumerate(waiting, start=1):
            yield from lines_of(f"{name}:{number}", line)
