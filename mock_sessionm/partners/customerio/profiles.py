"""One person of a Customer.io workspace, and how attributes are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

INSTRUCTIONS = frozenset({"_timestamp", "_update", "cio_relationships"})
"""Keys of an identify call that say how to take it, and are no attributes (source: customerio-track-api#identify)."""
IDENTIFIERS = ("id", "email")
TOPICS = "cio_subscription_preferences"
EMPTY: Mapping[str, tuple[Any, ...]] = {"removed": (None, ""), "null-removes": (None,), "stored": ()}
"""Choice of `customerio-empty-attributes` -> the values that take an attribute away."""


@dataclass(slots=True, eq=False)
class Profile:
    """One person. Times are seconds since 1970.

    cio_id       Customer.io's own identifier, without the `cio_` that stands before it in paths
    attributes   as they came, without id and email
    events       as they came, with `received` (ISO 8601) and `triggers` (whether a campaign could start from it)
    devices      as they came, by their id
    segments     ids of the manual segments to which the person was added
    written      attribute -> when its value was said to be true
    """

    cio_id: str
    id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    segments: list[int] = field(default_factory=list)
    relationships: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, float] = field(default_factory=dict)

    def names(self) -> set[str]:
        """Every attribute that the person has, id and email among them."""
        return {*self.attributes, *(name for name in IDENTIFIERS if getattr(self, name) is not None)}

    def write(self, given: Mapping[str, Any], *, at: float, empty: tuple[Any, ...], topics: bool) -> None:
        """Attributes as a call carries them, true since `at`.

        `empty` are the values that take an attribute away; `topics` says whether a name with dots is one topic.
        """
        for name, value in given.items():
            self.written[name] = at
            if topics and name.startswith(f"{TOPICS}."):
                self._write_topic(name.split(".")[1:], value)
            elif value in empty:
                self.attributes.pop(name, None)
            else:
                self.attributes[name] = value

    def _write_topic(self, way: list[str], value: Any) -> None:
        """What stands on the way and is no table, gives way to one."""
        inner = self.attributes
        for part in (TOPICS, *way[:-1]):
            if not isinstance(inner.get(part), dict):
                inner[part] = {}
            inner = inner[part]
        inner[way[-1]] = value

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever asks who is there."""
        made = asdict(self)
        del made["written"]
        return {**made, "devices": list(made["devices"].values())}


def complaints(settings: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong in the `[customerio]` table of a tenant file that its schema cannot see, each in one line."""
    manual: set[int] = set()
    seen: set[tuple[str, str]] = set()
    for entry in settings.get("segments", ()):
        if ("segment", str(entry["id"])) in seen:
            yield f"customerio.segments.{entry['id']} stands there twice; a segment has an id of its own"
        seen.add(("segment", str(entry["id"])))
        if entry.get("kind", "manual") == "manual":
            manual.add(entry["id"])
    for index, entry in enumerate(settings.get("people", ())):
        for kind in ("id", "email", "cio_id"):
            key = (kind, str(entry.get(kind, "")).lower() if kind == "email" else str(entry.get(kind, "")))
            if kind in entry and key in seen:
                yield f"customerio.people.{index}.{kind} is that of another person; each has one of their own"
            seen.add(key)
        if not manual.issuperset(entry.get("segments", ())):
            yield f"customerio.people.{index}.segments names none of the manual customerio.segments; define it there"


def says_yes(value: Any) -> bool:
    """Whether a value of `unsubscribed` means that (source: customerio-track-api#identify)."""
    return value is True or value in (1, "1") or (isinstance(value, str) and value.lower() == "true")
