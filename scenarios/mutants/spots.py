"""Where a point stands in the request that carries it, on each road."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from forwarder import Fate


class Spot(NamedTuple):
    """A value in a body: what holds it, and under which name or number."""

    holder: Any
    key: Any

    @property
    def value(self) -> Any:
        return self.holder[self.key]

    def put(self, value: Any) -> None:
        self.holder[self.key] = value

    def lose(self) -> None:
        del self.holder[self.key]

    def rename(self, name: str) -> None:
        """The same value under another name, in the same place. A list has no names."""
        if isinstance(self.holder, dict):
            renamed = [(name if key == self.key else key, value) for key, value in self.holder.items()]
            self.holder.clear()
            self.holder.update(renamed)


def is_event(fate: Fate) -> bool:
    """Whether a fate is that of an event as a whole."""
    return fate.point.startswith("/events/") and fate.point.count("/") == 2


def _in_sessionm(body: Any, fate: Fate, _nth: int) -> Spot | None:
    if is_event(fate):
        return Spot(body["events"], fate.as_)
    if fate.point.startswith("/events/"):
        return next((Spot(one["context"], fate.as_) for one in body["events"].values()), None)
    user = body["user"]
    if fate.point.startswith("/user_identities/") and fate.as_ not in user:
        for one in user.get("identifiers", ()):
            if one["external_id_type"] == fate.as_:
                return Spot(one, "external_id")
        return Spot(user, "external_id")
    return Spot(user.get("user_profile", {}) if fate.as_ in user.get("user_profile", {}) else user, fate.as_)


def _in_customerio(body: Any, fate: Fate, _nth: int) -> Spot | None:
    if not (fate.request or "").endswith(".user"):
        return Spot(body, "name") if is_event(fate) else Spot(body["data"], fate.as_)
    return Spot(body, fate.as_)


def _in_mparticle(body: Any, fate: Fate, nth: int) -> Spot | None:
    if is_event(fate):
        return Spot(body["events"], nth)
    if fate.point.startswith("/events/"):
        return Spot(body["events"][nth]["data"].get("custom_attributes", {}), fate.as_)
    if fate.point == "/mpid":
        return Spot(body, "mpid")
    if fate.point.startswith("/deleted_user_attributes/"):
        names = body["deleted_user_attributes"]
        return Spot(names, names.index(fate.as_)) if fate.as_ in names else None
    part = "user_identities" if fate.point.startswith("/user_identities/") else "user_attributes"
    return Spot(body.get(part, {}), fate.as_)


SPOTS: Mapping[str, Callable[[Any, Fate, int], Spot | None]] = {
    "sessionm": _in_sessionm,
    "customerio": _in_customerio,
    "mparticle": _in_mparticle,
}
"""Destination -> where a point stands, by the body, its fate, and the place of its event among those of the request."""


def spot_of(destination: str, body: Any, fate: Fate, nth: int) -> Spot | None:
    """The place of a point in the body that carries it; None where it stands in the path, or is not there."""
    found = SPOTS[destination](body, fate, nth)
    if found is None or (isinstance(found.holder, dict) and found.key not in found.holder):
        return None
    return found
