"""A JSON text seen as its values, each with its place: what is changed is changed in the text itself.

So everything else of it stays as it came: order, spaces, forms of numbers, names that stand twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from contracts.interaction import pointer

from .kinds import Kind, kind_of

_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"(\s*+:)?|([{}\[\]])|(-?[0-9][0-9.eE+-]*+)', re.DOTALL)
_WITH_COMMAS = re.compile(_TOKEN.pattern.replace(r"[{}\[\]]", r"[{}\[\],]"), re.DOTALL)
_NAMING = frozenset({"user_attribute_name", "identity_type", "name"})
"""Fields that say what the field beside them holds."""
_BESIDE = frozenset({"old", "new", "value", "identity"})
_UNDER: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}
_MOST = 10_000

Path = tuple[str, ...]


class _Frame:
    """One object or list while it is read; `named` is what a field of an object says of the others."""

    __slots__ = ("array", "key", "named", "owner", "path", "under")

    def __init__(self, path: Path, owner: _Frame | None, array: bool) -> None:
        self.path = path
        self.under = _UNDER.setdefault(path, {})
        self.owner = owner
        self.array = array
        self.key: Path = path
        self.named = ""


class Leaf(NamedTuple):
    """One text or number: `text[start:end]` is how it is written, `value` what it says.

    `path` are the names of the fields round it, lists passed over. `is_name` says that it is itself a field's name.
    """

    start: int
    end: int
    value: str
    path: Path
    is_text: bool
    is_name: bool
    frame: _Frame

    @property
    def kind(self) -> Kind | None:
        """What it is to a person; by the field beside it where that says so."""
        if not self.frame.named or not self.path or self.path[-1] not in _BESIDE:
            return kind_of(self.path)
        named = self.frame.named
        beside = kind_of((*self.path[:-1], named))
        if self.path[-1] == "identity":
            return beside if beside in {"email", "phone"} else "id"
        return None if beside == "kept" else beside


def leaves(text: str, *, names: bool = True) -> list[Leaf]:
    """Every text and number of a JSON text, in order, and every name too where they are asked for.

    The text must be JSON: nothing is checked here.
    """
    frame = _Frame((), None, False)
    stack: list[_Frame] = []
    made: list[Leaf] = []
    new = tuple.__new__
    if len(_UNDER) > _MOST:
        _UNDER.clear()
    for token in _TOKEN.finditer(text):
        last = token.lastindex
        if last == 3:
            sign = token[3]
            if sign in "{[":
                stack.append(frame)
                array = sign == "["
                frame = _Frame(frame.key, (frame.owner or frame) if array else None, array)
            elif sign in "}]" and stack:
                frame = stack.pop()
        elif last == 2:
            name = token[1] if "\\" not in token[1] else json.loads(f'"{token[1]}"', strict=False)
            frame.key = frame.under.get(name) or frame.under.setdefault(name, (*frame.path, name))
            if names:
                made.append(new(Leaf, (token.start(), token.end(1) + 1, name, frame.path, True, True, frame)))
        elif last == 1:
            value = token[1] if "\\" not in token[1] else json.loads(token[0], strict=False)
            if not frame.array and frame.key and frame.key[-1] in _NAMING:
                frame.named = value
            made.append(new(Leaf, (token.start(), token.end(), value, frame.key, True, False, frame.owner or frame)))
        else:
            made.append(
                new(Leaf, (token.start(), token.end(), token[4], frame.key, False, False, frame.owner or frame))
            )
    return made


def edited(text: str, other: Callable[[Leaf], str | None]) -> str:
    """The text with other values; `other` gives what a text or a number shall say, None to leave it alone."""
    parts: list[str] = []
    last = 0
    for leaf in leaves(text, names=False):
        value = other(leaf)
        if value is not None and value != leaf.value:
            before = text[leaf.start : leaf.end]
            parts += (
                text[last : leaf.start],
                json.dumps(value, ensure_ascii=before.isascii()) if leaf.is_text else value,
            )
            last = leaf.end
    return "".join((*parts, text[last:])) if parts else text


def pointers(text: str) -> Iterator[str]:
    """The JSON pointer of each leaf, in their order; that of a name is the pointer of what it names."""
    parts: list[str | int] = []
    arrays: list[bool] = [False]
    for token in _WITH_COMMAS.finditer(text):
        match token.lastindex:
            case 2:
                parts[-1:] = [token[1] if "\\" not in token[1] else json.loads(f'"{token[1]}"', strict=False)]
                yield pointer(*parts)
            case 3:
                if token[3] in "{[":
                    arrays.append(token[3] == "[")
                    parts.append(0 if token[3] == "[" else "")
                elif token[3] == ",":
                    if arrays[-1] and parts:
                        parts[-1] = int(parts[-1]) + 1
                elif parts:
                    arrays.pop()
                    parts.pop()
            case _:
                yield pointer(*parts)
