"""Settings for a trial: those of a connection file, with credentials and a host that lead nowhere but to the fake."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forwarder import DESTINATIONS

NOWHERE = "http://127.0.0.1:1"
"""The host of every trial; nothing listens there, and nothing is sent that far."""
EMBEDDED = ("forwarder/destinations/{destination}.toml", "forwarder/connection.toml")
"""Where a build keeps the connection that holds where none is given."""
PLATFORM_PAIR = ("api_key", "api_secret")
BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Tried:
    """A connection file as it is tried.

    text    TOML
    pairs   user name and password of every pair of credentials in it, by the name under which requests show it
    """

    text: str
    pairs: Mapping[str, tuple[str, str]]


def on_trial(settings: Mapping[str, Any], destination: str) -> Tried:
    """Settings with invented credentials, each pair of the user's under one name of its own.

    The age of a batch is not asked: a recording is old by nature.
    """
    made = {name: dict(table) if isinstance(table, Mapping) else table for name, table in settings.items()}
    made.pop("max_data_age_hours", None)
    end = DESTINATIONS[destination]
    table, _, key = end.host.partition(".")
    made.setdefault(table, {})[key] = NOWHERE
    if end.pair is not None:
        pairs = {"default": _pair("default")}
        made.setdefault(end.name, {}).update(zip(end.pair, pairs["default"], strict=True))
    else:
        pairs = _platforms(made)
    return Tried("".join(f"{line}\n" for line in _lines(made)), pairs)


def _platforms(made: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Invent a pair for each platform; platforms that share credentials share a pair."""
    given = made.get("platforms") or {"default": dict.fromkeys(PLATFORM_PAIR, "")}
    default = given.get("default", {})
    names: dict[str, str] = {}
    platforms: dict[str, Any] = {}
    for name in sorted(given, key=lambda name: name != "default"):
        own = {**default, **given[name]} if isinstance(given[name], Mapping) else {}
        if not set(PLATFORM_PAIR) <= set(own):
            platforms[name] = given[name]
            continue
        known = names.setdefault(json.dumps(own, sort_keys=True, default=str), name)
        platforms[name] = dict(zip(PLATFORM_PAIR, _pair(known), strict=True))
    made["platforms"] = platforms
    return {name: _pair(name) for name in names.values()}


def _pair(name: str) -> tuple[str, str]:
    return f"compare-key-{name}", f"compare-secret-{name}"


def read(path: Path) -> Mapping[str, Any]:
    """The settings in a file, as they are written. Raises `ValueError` where it is no TOML, `OSError`."""
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def embedded(folder: Path, destination: str) -> Mapping[str, Any]:
    """The settings that a build has for itself; none where it keeps them elsewhere."""
    for place in EMBEDDED:
        path = folder / place.format(destination=destination)
        if path.is_file():
            return read(path)
    return {}


# --- TOML -------------------------------------------------------------------------------------------------


def _lines(settings: Mapping[str, Any]) -> Iterator[str]:
    # A table is written in one line, so that no order has to be kept.
    return (f"{_key(name)} = {_value(value)}" for name, value in settings.items())


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(_lines(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'
