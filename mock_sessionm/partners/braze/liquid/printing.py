"""How Ruby prints what a template puts out: Braze's Liquid is Ruby's, and Python writes most of it otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

_INTERPOLATED = re.compile(r"#(?=[{$@])")


def printed(value: Any) -> str:
    """A value as text: nil is nothing, a list is its parts without a gap, an object is `{"a"=>1}`."""
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() | Decimal():
            return _number(value)
        case list() | tuple():
            return "".join(map(printed, value))
        case range():
            return f"{value.start}..{value.stop - 1}"
        case dict():
            return inspected(value)
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S %z").strip()
        case _:
            return str(value)


def inspected(value: Any) -> str:
    """A value within an object or a list within one, as Ruby's `inspect` writes it."""
    match value:
        case str():
            return _INTERPOLATED.sub(r"\\#", json.dumps(value, ensure_ascii=False))
        case None:
            return "nil"
        case Mapping() if value.__class__.__name__ != "Undefined":
            return "{" + ", ".join(f"{inspected(key)}=>{inspected(inner)}" for key, inner in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(inspected, value)) + "]"
        case _:
            return printed(value)


def _number(value: float | Decimal) -> str:
    """A fraction; Ruby writes a mantissa with a point where Python leaves it out."""
    text = str(float(value))
    mantissa, exponent, power = text.partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}" if exponent else text
