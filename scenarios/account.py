"""What is written down while a batch is read: destinies, reasons, doubts, and of several points those that go."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from contracts import Choices
from contracts.interaction import pointer
from mock_sessionm import TenantSettings

from .person import Person
from .reading import (
    Batch,
    Going,
    all_points,
    every_text_of,
    identities_of,
    identity_kind,
    kept_back,
    limit,
    mpid_of,
    said_of_names,
    silence_about,
    text_of,
)
from .scenario import Rewrite


class Destiny(NamedTuple):
    """The fate that a point should have, and the rule that says so."""

    fate: str
    rule: str


destiny = lru_cache(maxsize=1024)(Destiny)
"""The same for the same fate and rule: a recording has millions of points, and few destinies."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Under which settings a scenario runs: the connection's raw settings, the tenant's, and the choices."""

    connection: Mapping[str, Any]
    tenant: TenantSettings
    choices: Choices
    rewrite: Rewrite | None = None
    reject_all: bool = False
    now: float | None = None
    doubting: bool = False


Difference = Literal["missing", "more", "text", "kind"]
"""How a value at the vendor can differ: it is not there, should not be, is another text, or no text at all."""


@dataclass(slots=True)
class Expected:
    """What should be known of each person (by MPID), and the destiny of every point of every batch.

    `reasons` says for a place of a person, such as `("profile", "FavoriteStore")`, which rule decided about it.
    `doubts` says where no document decides: for each kind of difference that another choice would make there, the
    assumed rule; `texts` are the texts that another choice would send. A person who should not exist is in `people`
    as None. `used` counts the assumptions that made a difference.
    """

    people: dict[str, Person | None] = field(default_factory=dict)
    used: Counter[str] = field(default_factory=Counter)
    destinies: list[dict[str, Destiny]] = field(default_factory=list)
    reasons: dict[tuple[str, str, str], str] = field(default_factory=dict)
    doubts: dict[tuple[str, str, str], dict[Difference, str]] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)


class Account:
    """The account of one batch: what becomes of its points, and why.

    Every assumption that makes a difference is asked for by `lean`, which counts it.
    """

    def __init__(self, batch: Batch, setup: Setup, expected: Expected) -> None:
        self.batch = batch
        self.setup = setup
        self.choices = setup.choices
        self.expected = expected
        self.destinies: dict[str, Destiny] = {}
        self.mpid = mpid_of(batch)
        self._said = said_of_names(setup.connection, setup.choices, type(self).__module__)

    def kept_back(self, column: str, name: str, parent: str | None = None) -> str | None:
        """The rule that keeps a name back in a column of the data filter; each name is asked of the filter once."""
        asked = (column, name, parent)
        if asked not in self._said:
            self._said[asked] = self.asked(column, name, parent)
        return self._said[asked]

    def asked(self, column: str, name: str, parent: str | None) -> str | None:
        """The same, read out of the filter."""
        return kept_back(self.setup.connection, self.choices, column, name, parent)

    def wrong_key(self) -> Destiny | None:
        """What becomes of a batch whose API key is not the one that MadConnect's source is said to have."""
        wanted = self.setup.connection.get("madconnect", {}).get("api_key")
        if wanted is None or self.lean("madconnect-api-key") == "unchecked":
            return None
        return None if self.batch.get("api_key") == wanted else Destiny("refused", "madconnect.api-key")

    def rewritten(self, vendor: str) -> Destiny | None:
        """The batch as the customer's Rule leaves it; why nothing of it goes, where the Rule dropped it or failed."""
        if self.setup.rewrite is None:
            return None
        before = self.batch
        try:
            after = self.setup.rewrite(copy.deepcopy(dict(before)))
        except Exception:  # noqa: BLE001  whatever the Rule raises
            failed = self.lean("rule-failure") == "discard"
            return Destiny("filtered", f"{vendor}.rule-failure") if failed else None
        if after is None:
            return Destiny("filtered", f"{vendor}.mparticle-rule")
        left = set(all_points(after))
        for place in all_points(before):
            if place not in left:
                self.end(place, "filtered", f"{vendor}.mparticle-rule")
        self.batch = after
        return None

    def logged_out(self, vendor: str, *, asked: bool) -> Destiny | None:
        """Why nothing goes of somebody who is not logged in; `asked` is whether that is asked for by itself."""
        forwarding = self.setup.connection.get("forwarding_rules", {})
        if not forwarding.get("logged_in_only", asked):
            return None
        login = {identity_kind(name) for name in forwarding.get("login_identities", ["customer_id"])}
        known = any(value and kind in login for _, kind, value in identities_of(self.batch))
        return None if known else Destiny("filtered", f"{vendor}.logged-in-only")

    def nobody(self, rule: str) -> None:
        """The batch makes no person known, because of this rule."""
        self.expected.people.setdefault(self.mpid, None)
        self.expected.reasons[(self.mpid, "person", "")] = rule

    def lean(self, assumption: str) -> str:
        """The choice of an assumption that makes a difference here; it is counted."""
        self.expected.used[assumption] += 1
        return self.choices[assumption]

    def end(self, place: str, fate: str, rule: str) -> None:
        self.destinies[place] = destiny(fate, rule)

    def audiences_stay(self, rule: str) -> None:
        """Audiences beside the events of a batch are taken by nobody."""
        for index in range(len(self.batch.get("audiences") or ())):
            self.end(pointer("audiences", index), "unsupported", rule)

    def doubt(self, part: str, name: str, rule: str, *differences: Difference) -> None:
        doubts = self.expected.doubts.setdefault((self.mpid, part, name), {})
        for difference in differences:
            doubts[difference] = rule

    def texts(self, part: str, name: str) -> set[str]:
        return self.expected.texts.setdefault((self.mpid, part, name), set())

    def why(self, part: str, name: str, rule: str) -> None:
        self.expected.reasons[(self.mpid, part, name)] = rule

    def text(self, value: Any, part: str, name: str) -> str:
        if isinstance(value, str):
            return value
        silence = silence_about(value)
        if silence:
            self.lean(silence)
            droppable = value is None or isinstance(value, (list, dict))
            differences: tuple[Difference, ...] = ("text", "missing") if droppable else ("text",)
            self.doubt(part, name, f"sessionm.{silence}", *differences)
            if self.setup.doubting:
                self.texts(part, name).update(every_text_of(value, self.choices))
        return text_of(value, self.choices)

    def with_text(self, points: list[Going]) -> list[Going]:
        kept = []
        for point in points:
            silence = None if isinstance(point.value, str) else silence_about(point.value)
            if silence and self.choices[silence] == "dropped":
                self.end(point.place, "dropped", f"sessionm.{silence}")
            else:
                kept.append(point)
        return kept

    def one_each(self, points: list[Going]) -> list[Going]:
        """Of points that got one name, one; it stands where the first of them stood."""
        if len({point.name for point in points}) == len(points):
            for point in points:
                self.end(point.place, "sent", point.rule)
            return points
        by_name: dict[str, list[Going]] = {}
        for point in points:
            by_name.setdefault(point.name, []).append(point)
        kept = []
        for same in by_name.values():
            winner = same[0]
            if len(same) > 1:
                winner = same[-1] if self.lean("colliding-keys") == "last" else same[0]
                for point in same:
                    self.end(point.place, "merged", "sessionm.colliding-keys")
                winner = winner._replace(rule="sessionm.colliding-keys")
                for part in ("fields", "profile", "attributes"):
                    self.doubt(part, winner.name, "sessionm.colliding-keys", "text")
                    self.texts(part, winner.name).update(text_of(point.value, self.choices) for point in same)
            self.end(winner.place, "sent", winner.rule)
            kept.append(winner)
        return kept

    def capped(self, points: list[Going], what: str, part: str) -> list[Going]:
        """At most as many as the rule `sessionm.<what>-max` allows, chosen as the assumption `<what>-kept` says."""
        rule = f"sessionm.{what}-max"
        most = limit(rule)
        if len(points) <= most:
            return points
        which = self.lean(f"{what}-kept")
        for point in points:
            self.doubt(part, point.name, f"sessionm.{what}-kept", "missing", "more")
        ordered = sorted(points, key=lambda point: point.name) if which == "alphabetical" else points
        chosen = {point.place for point in (ordered[-most:] if which == "last" else ordered[:most])}
        for point in points:
            if point.place not in chosen:
                self.end(point.place, "dropped", rule)
                self.why(part, point.name, rule)
        return [point for point in points if point.place in chosen]
