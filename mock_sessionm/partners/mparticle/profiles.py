"""The profiles that mParticle keeps: what batches said of each MPID, the latest word on everything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from mock_sessionm.limits import table

ATTRIBUTES = "mparticle.profile-attributes"
DELETIONS = "mparticle.profile-deletions"
IDENTITIES = "mparticle.profile-identities"
SET_AND_DELETED = "mparticle.set-and-deleted"
MATCHED = "mparticle.without-mpid"
LOGINS = ("customer_id", "email")
"""By which identities somebody is known again, the surest first."""


@dataclass(slots=True)
class Profile:
    """One person of mParticle's. `mpid` is a text, so that no digit is lost on the way."""

    mpid: str
    attributes: dict[str, Any] = field(default_factory=dict)
    identities: dict[str, str] = field(default_factory=dict)


class Profiles:
    """Every profile of one workspace, by its MPID."""

    __slots__ = ("_behaviours", "_by_mpid", "_choice")

    def __init__(self, choice: Callable[[str], str], behaviours: frozenset[str]) -> None:
        self._choice = choice
        self._behaviours = behaviours
        self._by_mpid: dict[str, Profile] = {}

    def __len__(self) -> int:
        return len(self._by_mpid)

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._by_mpid.values())

    def get(self, mpid: int | str) -> Profile | None:
        """The profile of an MPID; None where no batch spoke of it."""
        return self._by_mpid.get(str(mpid))

    def write(self, batch: Mapping[str, Any]) -> None:
        """What a batch says of its person: attributes and identities set, attributes deleted."""
        identities = self._identities(batch.get("user_identities"))
        profile = self._meant(batch.get("mpid"), identities)
        if profile is None:
            return
        given = batch.get("user_attributes") or {}
        if ATTRIBUTES in self._behaviours:
            profile.attributes.update(given)
        deleted = batch.get("deleted_user_attributes") or () if DELETIONS in self._behaviours else ()
        for name in deleted:
            if not (name in given and self._stays()):
                profile.attributes.pop(name, None)
        profile.identities.update(identities)

    def export(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self]

    def restore(self, kept: Iterable[Mapping[str, Any]]) -> None:
        self._by_mpid = {entry["mpid"]: Profile(**entry) for entry in kept}

    def _stays(self) -> bool:
        """Whether an attribute stays that the same batch sets and deletes."""
        return SET_AND_DELETED in self._behaviours and self._choice("mparticle-set-and-deleted") == "set"

    def _meant(self, mpid: Any, identities: Mapping[str, str]) -> Profile | None:
        """The profile that a batch is about, made where it is new; None for nobody."""
        if mpid not in {None, ""}:
            return self._by_mpid.setdefault(str(int(mpid)), Profile(str(int(mpid))))
        for kind in LOGINS:
            for profile in self:
                if kind in identities and profile.identities.get(kind) == identities[kind]:
                    known = MATCHED in self._behaviours and self._choice("mparticle-without-mpid") == "matched"
                    return profile if known else None
        return None

    def _identities(self, given: Any) -> dict[str, str]:
        """Identities by their type, from a table as senders write it or a list as mParticle's outputs do."""
        if IDENTITIES not in self._behaviours:
            return {}
        spelt: Mapping[str, str] = table(IDENTITIES)["spellings"]
        pairs = given.items() if isinstance(given, Mapping) else _pairs(given or ())
        return {spelt.get(kind, kind): value for kind, value in pairs if value}


def _pairs(given: Any) -> Iterator[tuple[str, Any]]:
    for one in given:
        yield one["identity_type"], one.get("identity")
