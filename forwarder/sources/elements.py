"""A JSON array cut into the texts of its elements, so that a bad element spoils only itself.

The texts are kept as they came: parsed and written again, a name that stands twice would be gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},"]', re.DOTALL)


class NotAnArray(ValueError):
    """The text is not one whole array. `offset` is the byte where that shows; the elements before it are good."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.offset = offset
        self.reason = reason


def elements(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each element of the array as (byte offset, text without white space around it); nothing is parsed.

    However deep an element goes, memory stays that of its text. Raises `NotAnArray`, after the elements
    that are whole.
    """
    opening = len(raw) - len(raw.lstrip())
    if raw[opening : opening + 1] != b"[":
        raise NotAnArray(opening, "not a JSON array")
    depth, start = 0, opening + 1
    for token in _TOKEN.finditer(raw, opening):
        match token[0]:
            case b"[" | b"{":
                depth += 1
            case b"]" | b"}":
                depth -= 1
                if depth == 0:
                    last = raw[start : token.start()]
                    if last.strip() or start != opening + 1:
                        yield _trimmed(last, start)
                    if raw[token.end() :].strip():
                        raise NotAnArray(token.end(), "something follows the array")
                    return
            case b"," if depth == 1:
                yield _trimmed(raw[start : token.start()], start)
                start = token.end()
            case b'"':
                raise NotAnArray(token.start(), "a text is not closed")
    raise NotAnArray(len(raw), "the array is not closed")


def _trimmed(text: bytes, start: int) -> tuple[int, bytes]:
    return start + len(text) - len(text.lstrip()), text.strip()
