"""A large JSON text, cut into the elements of its lists; no more of it is held than one of them.

An element is read by itself: what is wrong inside one spoils no other. Numbers of any size come whole; half a
surrogate pair, and bytes that are no UTF-8, come as Python has them in a text (`surrogateescape`).
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from .recorded import Bad

CHUNK = 512 * 1024
LONGEST = 256 * 1024 * 1024
"""Characters of an element beyond which it is passed over."""
SHORT = 1024
"""Characters of a value beside the lists up to which it is kept."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(r"[\s\x00]*+")
_WHOLE = re.compile(_STRING, re.DOTALL)
_REST = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_PLAIN = re.compile(r'[^\s\[\]{},:"]*+')
_UP_TO_BRACKET = re.compile(r'[^"\[\]{}]*+(?:' + _STRING + r'[^"\[\]{}]*+)*+', re.DOTALL)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Path = tuple[str, ...]
"""The names that lead to a list: `("log", "entries")`; `()` is the text itself, where that is a list."""


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Broken(ValueError):
    """The text cannot be followed any further; the elements before are good. `cut` where it simply ends."""

    def __init__(self, line: int, why: str, *, cut: bool = False) -> None:
        super().__init__(why)
        self.line = line
        self.why = why
        self.cut = cut


@dataclass(frozen=True, slots=True)
class Piece:
    """One element of a list: numbers and lines count from 1. `why` says why there is no `value`."""

    path: Path
    number: int
    line: int
    text: str
    value: Any
    why: str = ""


_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Pieces:
    """The elements of those lists of a JSON text that are `wanted`, in their order.

    While they are taken, `beside` comes to hold the short values that stand in the outermost object, as JSON, and
    `found` the lists that were there. `several` texts may follow one another. Raises `Broken`, after what is whole.
    """

    stream: Stream
    wanted: Collection[Path]
    several: bool = False
    size: int = CHUNK
    beside: dict[str, str] = field(default_factory=dict)
    found: set[Path] = field(default_factory=set)
    number: int = 0
    _decoder: Any = None
    _text: str = ""
    _at: int = 0
    _line: int = 1
    _counted: int = 0
    _ended: bool = False

    def __iter__(self) -> Iterator[Piece]:
        """The elements. Where `several` texts are wanted, each of them is one."""
        sign = self._next(may_end=True)
        if self.several:
            while sign:
                self.number += 1
                yield self._element(())
                sign = self._next(may_end=True)
            return
        if sign == "[" and () in self.wanted:
            yield from self._list(())
        elif sign == "{":
            yield from self._object(())
        else:
            raise Broken(self.line, "is empty" if not sign else "not JSON: no object is there")
        if self._next(may_end=True):
            raise Broken(self.line, "not JSON: something follows the end")

    @property
    def line(self) -> int:
        """The line up to which the text was read."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    # --- what leads to the lists --------------------------------------------------------------------------

    def _object(self, path: Path) -> Iterator[Piece]:
        self._at += 1
        while (sign := self._next()) != "}":
            if sign == ",":
                self._at += 1
                continue
            if sign != '"':
                raise Broken(self.line, "not JSON: a name is missing")
            here = (*path, self._name())
            if self._next() != ":":
                raise Broken(self.line, "not JSON: no colon follows a name")
            self._at += 1
            sign = self._next()
            if sign == "[" and here in self.wanted:
                yield from self._list(here)
            elif sign == "{" and any(one[: len(here)] == here for one in self.wanted):
                yield from self._object(here)
            elif sign in {"{", "["}:
                self._pass()
            else:
                text = self._element(here).text
                if len(here) == 1 and len(text) <= SHORT:
                    self.beside[here[0]] = text
        self._at += 1

    def _list(self, path: Path) -> Iterator[Piece]:
        self.found.add(path)
        self._at += 1
        self.number = 0
        while (sign := self._next()) != "]":
            if sign == ",":
                self._at += 1
                continue
            self.number += 1
            yield self._element(path)
        self._at += 1

    def _name(self) -> str:
        value = self._element(()).value
        return value if isinstance(value, str) else ""

    # --- one value ----------------------------------------------------------------------------------------

    def _element(self, path: Path) -> Piece:
        line = self.line
        while len(self._text) - self._at <= LONGEST:
            closed = None
            try:
                # A number may go on behind the end of what was read, so that is looked at before.
                if self._text[self._at] in '{["' or (closed := self._plain_end()) is not None:
                    value, end = _decoded(self._text, self._at, closed)
                    return Piece(path, self.number, line, self._take(end), value)
            except (ValueError, RecursionError) as error:
                closed = closed or self._end()
                if closed is not None:
                    return Piece(path, self.number, line, self._take(closed), None, _why(error))
            if not self._more() and not self._rest_is_plain():
                _ = self._take(len(self._text))
                raise Broken(line, "is cut short", cut=True)
        self._pass()
        return Piece(path, self.number, line, "", None, f"is longer than {LONGEST} characters")

    def _take(self, end: int) -> str:
        text, self._at = self._text[self._at : end], end
        return text

    def _end(self) -> int | None:
        """Where the value ends that begins here; None where that was not read yet."""
        at, depth = self._at, 0
        if self._text[at] not in "{[":
            return self._plain_end()
        while True:
            at = _UP_TO_BRACKET.match(self._text, at).end()  # type: ignore[union-attr]
            sign = self._text[at : at + 1]
            if not sign or sign == '"':
                return None
            depth += 1 if sign in "{[" else -1
            at += 1
            if depth == 0:
                return at

    def _rest_is_plain(self) -> bool:
        """Whether what is left is a number, or a word, that ends where the text does."""
        return self._text[self._at] not in '{["' and self._plain_end() is not None

    def _plain_end(self) -> int | None:
        """Where a value ends that is no list and no object; None where that was not read yet."""
        if self._text[self._at] == '"':
            whole = _WHOLE.match(self._text, self._at)
            return whole.end() if whole else None
        end = _PLAIN.match(self._text, self._at).end()  # type: ignore[union-attr]
        # A sign that is out of place is passed over by itself.
        return max(end, self._at + 1) if end < len(self._text) or self._ended else None

    def _pass(self) -> None:
        """Go to the end of a list, an object or a text, and hold nothing of it."""
        depth = 0
        if self._text[self._at] == '"':
            self._pass_string()
            return
        while True:
            self._at = _UP_TO_BRACKET.match(self._text, self._at).end()  # type: ignore[union-attr]
            sign = self._text[self._at : self._at + 1]
            if sign == '"':
                self._pass_string()
            elif sign:
                self._at += 1
                depth += 1 if sign in "{[" else -1
            elif not self._more():
                raise Broken(self.line, "is cut short", cut=True)
            if depth <= 0 and sign and sign != '"':
                return

    def _pass_string(self) -> None:
        """The same for a text of which only the beginning was read."""
        self._at += 1
        while True:
            self._at = _REST.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._text[self._at : self._at + 1] == '"':
                self._at += 1
                return
            # What is left is nothing, or a backslash whose second half is still to come.
            if not self._more():
                raise Broken(self.line, "is cut short", cut=True)

    # --- the text itself ----------------------------------------------------------------------------------

    def _next(self, *, may_end: bool = False) -> str:
        """The sign that comes next, white space passed over; empty at the end, where that is allowed."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                if may_end:
                    return ""
                raise Broken(self.line, "is cut short", cut=True)

    def _more(self) -> bool:
        """Read on, and let go of what was passed; False at the end."""
        left = len(self._text) - self._at
        # As much again as is waiting: a long element is looked at a few times, not once for each chunk.
        chunk = self.stream.read(max(self.size, left))
        if self._decoder is None:
            wide = chunk.startswith(_UTF16)
            found = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")
            self._decoder = found("replace" if wide else "surrogateescape")
        text = self._decoder.decode(chunk, final=not chunk)
        self._ended = not chunk
        if not chunk and not text:
            return False
        _ = self.line  # counted as far as it goes, before that is gone
        self._text = self._text[self._at :] + text
        self._at = self._counted = 0
        return True


def ended(name: str, pieces: Pieces, broken: Broken, what: str) -> Bad:
    """What is to be said of a list that can be read no further."""
    why = f"line {broken.line or pieces.line}: {broken.why}"
    if broken.cut and "read" not in broken.why:
        why += "; what comes before is read"
    return Bad(f"{name} {what} {pieces.number}", why)


def _decoded(text: str, at: int, closed: int | None) -> tuple[Any, int]:
    """The value that begins there, and where it ends; where it is `closed`, if that is known. Raises `ValueError`."""
    value, end = _DECODER.raw_decode(text, at)
    if closed not in {None, end}:
        raise ValueError("not JSON: no value is written like this")
    return value, end


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "lists and objects stand too deep inside one another to be read"
    # A number of thousands of digits, which Python declines to read, has two sentences.
    text = f"not JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error).partition(";")[0]
    return " ".join(text.split())
