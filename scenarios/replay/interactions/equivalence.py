"""Two answers held against each other, by the table of what they may differ in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from contracts import Response
from contracts.interaction import pointer
from scenarios.shapes import answered, asked_for

from .allowances import (
    BEYOND,
    CLOSE,
    HEADERS,
    KEYS,
    NOTHING,
    NUMBERS,
    SERVER_CLOCK,
    Allowance,
    allowance,
)
from .handed_out import HandedOut
from .values import form_of, kind_of, moment_of

Ignored = Counter[tuple[str, str]]
"""(field, reason) -> how often it was overlooked."""
DEEP = 6
"""So deep the contracts' fields are known by name."""
OWN_WORDS = frozenset({"user_profile", "tags"})
"""Below these stand names that somebody gave, which no row of the table means."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which two answers are not the same.

    `name` is the place without indices and without the object round everything, the same wherever a field is
    answered. `got` and `wanted` are kinds and sizes; `recorded` and `own` are the values, for whoever has to know
    whether the same difference comes again. They go into no report.
    """

    place: str
    name: str
    got: str
    wanted: str
    recorded: Any = None
    own: Any = None


@dataclass(slots=True)
class Sides:
    """Two servers whose answers are compared: the recorded one, and the fake or whoever is asked instead.

    ids       which id of the one is which of the other
    set_up    whether a tenant file says what is set up
    times     whether both have the same time; else only the form of moments is compared
    people    whether the other side has people of its own, of whom nobody here knows
    ignored   what was overlooked
    """

    ids: HandedOut
    set_up: bool
    ignored: Ignored
    times: bool = True
    people: bool = False
    skew: float | None = None
    """Seconds by which the server's clock was ahead of its recording; None until an answer tells."""

    def close(self, recorded: float, own: float) -> bool:
        """Whether two moments are one, by the clocks of the two sides."""
        away = recorded - own
        if abs(away) <= CLOSE:
            self.skew = 0.0 if self.skew is None else self.skew
            return True
        if self.skew is None:
            self.skew = away
        if not self.skew or abs(away - self.skew) > CLOSE:
            return False
        self.ignored["time", SERVER_CLOCK] += 1
        return True


@dataclass(slots=True)
class Comparison:
    """One recorded answer against one that came now.

    `asked` are both requests as text: an id that a request names was not handed out by its answer. `refused` is
    whether both say no: what else a refusal says is for people.
    """

    sides: Sides
    operation: str
    asked: str = ""
    refused: bool = False

    def differences(self, recorded: Response, own: Response) -> list[Difference]:
        """Every place at which they differ, the most telling first; none where they are the same."""
        if recorded.status != own.status:
            return [Difference("", "status", f"HTTP {recorded.status}", f"HTTP {own.status}")]
        if recorded.body == own.body and not recorded.body:
            return []
        kinds = _media(recorded), _media(own)
        if kinds[0] != kinds[1] and recorded.headers.get("content-type"):
            return [Difference("", "content-type", kinds[0], kinds[1])]
        try:
            here = own.json()
        except ValueError:
            here = own.body.decode("utf-8", "replace")
        try:
            there = recorded.json()
        except ValueError:
            return [Difference("", "body", "a body that is no JSON", "JSON")] if not isinstance(here, str) else []
        if len(recorded.headers) != len(own.headers) or recorded.headers != own.headers:
            self.sides.ignored["headers", HEADERS] += 1
        return list(self._value(there, here, (), "", ""))

    # --- values -------------------------------------------------------------------------------------------

    def _value(self, there: Any, here: Any, place: tuple[Any, ...], within: str, name: str) -> Iterator[Difference]:
        row = allowance(within, name) if name else None
        if row is not None:
            told = self._allowed(row, there, here)
            if told is True:
                return
            if told is False:
                yield self._difference(there, here, place)
                return
        if isinstance(there, dict) and isinstance(here, dict):
            yield from self._object(there, here, place, name)
        elif isinstance(there, list) and isinstance(here, list):
            yield from self._list(there, here, place, within, name, loose=row is not None and row.kind == "any order")
        elif there != here or isinstance(there, bool) is not isinstance(here, bool):
            if not (isinstance(there, str) and isinstance(here, str) and self.sides.ids.same(there, here)):
                yield self._difference(there, here, place)
        elif type(there) is not type(here):
            self.sides.ignored[name, NUMBERS] += 1

    def _object(
        self, there: Mapping[str, Any], here: Mapping[str, Any], place: tuple[Any, ...], within: str
    ) -> Iterator[Difference]:
        if there.keys() == here.keys():
            if list(there) != list(here):
                self.sides.ignored["keys", KEYS] += 1
        else:
            yield from self._missing(there, here, place)
        for key, inner in there.items():
            if key in here:
                yield from self._value(inner, here[key], (*place, key), within, "" if within in OWN_WORDS else key)

    def _missing(
        self, there: Mapping[str, Any], here: Mapping[str, Any], place: tuple[Any, ...]
    ) -> Iterator[Difference]:
        within = str(next((part for part in reversed(place) if isinstance(part, str)), ""))
        for key in [*(key for key in there if key not in here), *(key for key in here if key not in there)]:
            value = there[key] if key in there else here[key]
            row = allowance(within, key) if within not in OWN_WORDS else None
            words = row is not None and row.kind == "words"
            if value is None or (words and (self.refused or value in ("", []))) or (words and key == "message"):
                self.sides.ignored[key, NOTHING if value is None else row.reason if row else NOTHING] += 1
            elif row is not None and row.kind == "set up" and not self.sides.set_up:
                self.sides.ignored[key, row.reason] += 1
            elif key in there and within not in OWN_WORDS and not _known(self.operation, (*place, key), self.refused):
                self.sides.ignored[key, BEYOND] += 1
            else:
                got, wanted = ("a field", "no such field") if key in there else ("no such field", "a field")
                yield Difference(pointer(*place, key), _named((*place, key)), got, wanted, key in there, key in here)

    def _list(
        self, there: list[Any], here: list[Any], place: tuple[Any, ...], within: str, name: str, *, loose: bool
    ) -> Iterator[Difference]:
        if len(there) != len(here):
            yield Difference(
                pointer(*place), _named(place), f"{len(there)} entries", f"{len(here)} entries", len(there), len(here)
            )
            return
        if loose and len(there) > 1:
            here = self._paired(there, here, place, name)
        for index, inner in enumerate(there):
            # Entries of a list stand in the list itself: a row may say something of what is in `users`.
            if isinstance(inner, dict) and isinstance(here[index], dict):
                yield from self._object(inner, here[index], (*place, index), name)
            else:
                yield from self._value(inner, here[index], (*place, index), within, "")

    def _paired(self, there: list[Any], here: list[Any], place: tuple[Any, ...], name: str) -> list[Any]:
        """The entries of the second list in the order of the first, as far as they are the same."""
        left, made = list(here), []
        for inner in there:
            found = next((one for one in left if self._alike(inner, one, place, name)), None)
            made.append(found)
            if found is not None:
                left.remove(found)
        paired = [left.pop(0) if one is None else one for one in made]
        if paired != here:
            row = allowance("", name)
            self.sides.ignored[name, row.reason if row else KEYS] += 1
        return paired

    def _alike(self, there: Any, here: Any, place: tuple[Any, ...], name: str) -> bool:
        """Whether two entries are the same, without binding an id to another."""
        if not (isinstance(there, dict) and isinstance(here, dict)):
            return bool(there == here)
        sides = replace(self.sides, ids=self.sides.ids.trial(), ignored=Counter())
        trial = Comparison(sides, self.operation, self.asked)
        return next(trial._object(there, here, place, name), None) is None

    # --- rows of the table --------------------------------------------------------------------------------

    def _allowed(self, row: Allowance, there: Any, here: Any) -> bool | None:
        """Whether a row lets two values pass; None where it says nothing of them, and they must be equal."""
        match row.kind:
            case "words":
                if isinstance(there, (dict, list)) and not _texts(there):
                    return None
                passed = type(there) is type(here) or there is None or here is None
                if there != here:
                    self.sides.ignored[row.field, row.reason] += 1
                return passed
            case "id" | "set-up id":
                return self._same_id(row, there, here)
            case "time":
                return self._same_time(row, there, here)
            case "seconds left":
                near = _number(there) and _number(here) and self.sides.close(there, here)
                if there != here and near:
                    self.sides.ignored[row.field, row.reason] += 1
                return near
            case "set up":
                if self.sides.set_up or there == here:
                    return None
                self.sides.ignored[row.field, row.reason] += 1
                return True
            case "elsewhere":
                if there != here and _number(there) and _number(here) and not self.sides.set_up:
                    self.sides.ignored[row.field, row.reason] += 1
                    return True
                return None
            case _:
                return None

    def _same_id(self, row: Allowance, there: Any, here: Any) -> bool | None:
        if not (isinstance(there, str) and isinstance(here, str)):
            return None
        ids = self.sides.ids
        if ids.same(there, here):
            if there != here:
                self.sides.ignored[row.field, row.reason] += 1
            return True
        if row.kind == "set-up id" and self.sides.set_up:
            return False
        if not ids.strange(there, here) or there in self.asked or here in self.asked:
            return False
        self.sides.ignored[row.field, row.reason] += 1
        return ids.bind(there, here)

    def _same_time(self, row: Allowance, there: Any, here: Any) -> bool | None:
        if there == here or not all(isinstance(one, (str, int, float)) for one in (there, here)):
            return None
        first, second = moment_of(there), moment_of(here)
        if first is None or second is None or form_of(there) != form_of(here):
            return False
        if self.sides.times and not self.sides.close(first, second):
            return False
        self.sides.ignored[row.field, row.reason] += 1
        return True

    def _difference(self, there: Any, here: Any, place: tuple[Any, ...]) -> Difference:
        got, wanted = kind_of(there), kind_of(here)
        if got == wanted:
            got = f"another {got}"
        return Difference(pointer(*place), _named(place), got, wanted, there, here)


def _media(answer: Response) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind or ("no content type" if answer.body else "no body")


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _named(place: tuple[Any, ...]) -> str:
    """A place without indices and envelopes: `user.email`, wherever a user is answered."""
    names = [part for part in place if isinstance(part, str) and part != "payload"]
    return ".".join("user" if part == "users" else part for part in names)


@lru_cache(maxsize=4096)
def _known(operation: str, place: tuple[Any, ...], refused: bool) -> bool:
    """Whether the contract gives an answer a field at a place; of a refusal it need not say everything."""
    if refused:
        return place in {("status",), ("errors", "code")}
    if len(place) > DEEP or (place[0] in {"user", "users"} and ("user", place[-1]) in asked_for("createUser")):
        return True
    wanted = tuple("*" if isinstance(part, int) else part for part in place)
    return any(
        len(listed) == len(wanted) and all(one in ("*", other) for one, other in zip(listed, wanted, strict=True))
        for listed in answered(operation)
    )
