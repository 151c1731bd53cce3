"""One value made simpler, as far as it still happens with it.

Nothing becomes empty or zero that was not: those are cases of their own, and another fault than the one that is
looked for might be behind them.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

from .ddmin import smallest

Holds = Callable[[Any], bool]
"""Whether it still happens with this value."""
PLAIN = "x"
PLAIN_ADDRESS = "x@example.com"
WORDY = 120
"""Texts of more characters are only cut at their end: one by one their characters would take too long."""


def wordy(value: Any) -> Any:
    """A word, whatever the value is: most rules about values are about those that are none."""
    return value if isinstance(value, str) or value is None else PLAIN


def plain(value: Any) -> Any:
    """The simplest value of the same kind; the value itself where there is none."""
    match value:
        case bool() | None | "":
            return value
        case str():
            return PLAIN_ADDRESS if "@" in value else PLAIN
        case int() | float() if value:
            return type(value)(1)
        case _:
            return value


def simpler(value: Any, holds: Holds) -> Any:
    """The value, as simple as it can be made; `holds` is true of the value as it is."""
    match value:
        case bool() | None | "":
            return value
        case str():
            return _text(value, holds)
        case int():
            return _whole(value, holds)
        case float() if isfinite(value):
            whole = int(value)
            return _whole(whole, holds) if whole and holds(whole) else _rounded(value, holds)
        case _:
            return value


def _text(text: str, holds: Holds) -> str:
    for alike in (PLAIN * len(text), "".join(map(_letter, text))):
        # As many characters; or as many bytes as well, and what is a letter stays one.
        if alike != text and holds(alike):
            text = alike
            break
    text = _shortest(text, holds)
    if 1 < len(text) <= WORDY and len(set(text)) > 1:
        text = "".join(smallest(text, lambda some: [bool(one) and holds("".join(one)) for one in some])) or text
    for index in range(len(text)):
        if text[index] != PLAIN and len(text) <= WORDY and holds(text[:index] + PLAIN + text[index + 1 :]):
            text = text[:index] + PLAIN + text[index + 1 :]
    return text


def _letter(letter: str) -> str:
    """A plain letter of the same kind, and of as many bytes."""
    size = len(letter.encode("utf-8", "surrogatepass"))
    if size > 1:
        return {2: "\u00e9", 3: "\u20ac"}.get(size, "\U0001f600")
    if letter.isdigit():
        return "1"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter


def _shortest(text: str, holds: Holds) -> str:
    """The text cut at its end, by halving what is left to try."""
    known = len(text)
    short = 0
    while known - short > 1:
        middle = (known + short) // 2
        if holds(text[:middle]):
            known = middle
        else:
            short = middle
    return text[:known]


def _whole(number: int, holds: Holds) -> int:
    """The whole number nearest to nothing, by halving; a sign is kept only where it is needed."""
    if number < 0 and holds(-number):
        number = -number
    sign, known, small = (-1 if number < 0 else 1), abs(number), 0
    while known - small > 1:
        middle = (known + small) // 2
        if holds(sign * middle):
            known = middle
        else:
            small = middle
    return sign * known


def _rounded(number: float, holds: Holds) -> float:
    for simple in (1.5, -1.5, round(number, 1), round(number, 2)):
        if abs(simple) < abs(number) and holds(simple):
            return simple
    return number
