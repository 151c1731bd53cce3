"""Names and values on their way to SessionM: normalised, mapped to reserved fields, made into strings."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

import orjson

from contracts import Choices

_OTHER_THAN_ASCII = re.compile(r"[^A-Za-z0-9]")
_OTHER_THAN_LETTERS = re.compile(r"[\W_]")
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON in which a number has the text that it has outside of a list too: orjson writes 1e16 where Python has 1e+16."""


def replace_others(name: str, non_ascii: str) -> str:
    """Each character that is not alphanumeric becomes `_` (sessionm.key-replace)."""
    return (_OTHER_THAN_LETTERS if non_ascii == "kept" else _OTHER_THAN_ASCII).sub("_", name)


def strip_leading(name: str, _non_ascii: str) -> str:
    """Leading `_` are removed (sessionm.key-strip)."""
    return name.lstrip("_")


NORMALISATION = (("sessionm.key-replace", replace_others), ("sessionm.key-strip", strip_leading))
"""The steps with the rules that ask for them, in the order in which the document lists them."""


@lru_cache(maxsize=65_536)
def normalised(name: str, non_ascii: str) -> tuple[str, str | None]:
    """The name after every step, and the last rule that changed it; None where none did.

    `non_ascii` is the choice of the assumption non-ascii-letters.
    """
    changed = None
    for rule, step in NORMALISATION:
        after = step(name, non_ascii)
        if after != name:
            changed = rule
        name = after
    return name, changed


def text_of(value: Any, choices: Choices) -> str:
    """The string that goes out for a value; a string is itself. Raises nothing for any JSON value."""
    match value:
        case str():
            return value
        case bool():
            form = choices["boolean-as-string"]
            if form == "digit":
                return "1" if value else "0"
            return str(value) if form == "capitalised" else str(value).lower()
        case int():
            return str(value)
        case float():
            if choices["number-as-string"] == "shortest" and value.is_integer():
                return str(int(value))
            return repr(value)
        case None:
            return "null" if choices["null-as-string"] == "null" else ""
        case list() if choices["list-as-string"] == "comma":
            return ",".join(text_of(inner, choices) for inner in value)
        case _:
            return compact(value)


def dumped(value: Any) -> bytes:
    """Compact JSON, also of integers that do not fit into 64 bits."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return compact(value).encode()
