"""The questions behind the assumptions of SessionM's, as they can be put to a tenant: loaded and cross-checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from .register import ASSUMPTION_FILES, HERE, RegisterError, assumptions, load_yaml, nearest
from .validation import operations

OWNER = "sessionm"
"""Whose assumptions are asked; what others own is settled by an experiment elsewhere."""
TABLES = (
    *("events", "profile_attributes", "point_accounts", "tiers", "offer_groups", "offers"),
    *("campaigns", "message_variants", "feed"),
)
"""Tables of tenant.toml in which a piece can stand, in the order in which they are written."""
PIECE_PARTS = ("table", "entry", "uses", "says")
QUESTION_PARTS = ("asks", "needs", "changes", "steps", "provided", "not_yet", "moot", "decides")
STEPS: Mapping[str, tuple[str, ...]] = {
    "do": ("as", "who", "external_id", "path", "query", "body", "keep", "id", "together"),
    "settle": (),
    "pause": (),
    "wait": (),
    "hand": (),
    "answers": (),
    "hear": ("about", "within", "id"),
}
"""Kind of a step -> what else may stand in it."""
LATER = ("wait", "hand")
"""Steps after which a question is left pending, until it is resumed."""
CONDITIONS = (
    *("of", "ok", "status", "says", "holds", "lacks", "sizes", "kinds"),
    *("differs", "matches", "over", "under", "among", "none", "mentions", "silent_on"),
)
"""What can be said of an answer; docs/probe.md has a line for each."""
GIVEN = ("run", "mail", "word", "number", "nobody", "receiver")
"""Names that every question has from the start."""
NAME = re.compile(r"\{(\w+)\}")

Step = Mapping[str, Any]
Condition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that must be set up in a tenant: a row of a table of tenant.toml, without its name."""

    name: str
    table: str
    says: str
    entry: Mapping[str, Any] = field(default_factory=dict)
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One assumption, as it can be asked.

    needs      pieces that must be set up, with those that they use
    changes    what it leaves behind in the tenant beside throw-away customers; empty for nothing
    steps      what is done, in order
    provided   what must hold of the answers for any of them to count
    not_yet    where this holds, it is too early for an answer
    moot       where this holds, the assumption makes no difference in this tenant, and `moot_why` says why
    decides    choice -> what the answers hold then; no two of them alike
    """

    id: str
    asks: str
    steps: tuple[Step, ...]
    decides: Mapping[str, tuple[Condition, ...]]
    needs: tuple[str, ...] = ()
    changes: str = ""
    provided: tuple[Condition, ...] = ()
    not_yet: tuple[Condition, ...] = ()
    moot: tuple[Condition, ...] = ()
    moot_why: str = ""

    @property
    def listens(self) -> bool:
        """Whether only a receiver of what SessionM sends out can answer it."""
        return any("hear" in step for step in self.steps)

    @property
    def waits(self) -> bool:
        """Whether it is left pending on its way."""
        return any(kind in step for step in self.steps for kind in LATER)


@cache
def pieces() -> Mapping[str, Piece]:
    """Everything that questions can need, by its name. Raises `RegisterError`."""
    found = {}
    for name, entry in load_yaml("probes/setup.yaml").items():
        _known(f"piece {name}", entry, PIECE_PARTS)
        if entry.get("table") not in TABLES:
            raise RegisterError(f"piece {name}: table is {entry.get('table')!r}; it is one of {', '.join(TABLES)}")
        found[name] = Piece(
            name, entry["table"], entry["says"], MappingProxyType(entry.get("entry", {})), tuple(entry.get("uses", ()))
        )
    for piece in found.values():
        for other in (*piece.uses, *(name for name in _names(piece.entry) if name not in GIVEN)):
            if other not in found:
                raise RegisterError(f"piece {piece.name}: there is no piece {other!r}{_mend(other, found)}")
    return MappingProxyType(found)


@cache
def questions() -> Mapping[str, Question]:
    """Every question by the id of its assumption, in the order of the register. Raises `RegisterError`."""
    raw: dict[str, Mapping[str, Any]] = {}
    for file in ASSUMPTION_FILES:
        if (HERE / f"probes/{file}.yaml").exists():
            for name, entry in load_yaml(f"probes/{file}.yaml").items():
                if name in raw:
                    raise RegisterError(f"question {name}: stands in two files; once is enough")
                raw[name] = entry
    return checked(raw)


def checked(raw: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Question]:
    """Questions as the files have them, held against the register. Raises `RegisterError`."""
    own = {name: one for name, one in assumptions().items() if one.owner == OWNER}
    for name in raw:
        if name not in own:
            raise RegisterError(f"question {name}: no assumption of {OWNER} has this id{_mend(name, own)}")
    for name in own:
        if name not in raw:
            raise RegisterError(f"assumption {name}: no file of probes/ says how it can be asked")
    return MappingProxyType({name: _question(name, raw[name]) for name in own})


def needed(names: tuple[str, ...]) -> tuple[Piece, ...]:
    """Pieces with all that they use, in the order of the tables and then of setup.yaml."""
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += pieces()[name].uses
    return tuple(
        piece for table in TABLES for piece in pieces().values() if piece.table == table and piece.name in wanted
    )


def _question(name: str, entry: Mapping[str, Any]) -> Question:
    place = f"question {name}"
    _known(place, entry, QUESTION_PARTS)
    for part in ("asks", "steps", "decides"):
        if not entry.get(part):
            raise RegisterError(f"{place}: has no {part}")
    for piece in entry.get("needs", ()):
        if piece not in pieces():
            raise RegisterError(f"{place}: there is no piece {piece!r}{_mend(piece, pieces())}")
    seen = _steps(place, entry)
    choices = assumptions()[name].choices
    for choice in entry["decides"]:
        if choice not in choices:
            raise RegisterError(f"{place}: decides a choice {choice!r}; there are {', '.join(choices)}")
    for choice in choices:
        if not entry["decides"].get(choice):
            raise RegisterError(f"{place}: does not say how the choice {choice!r} would be seen")
    moot = entry.get("moot", {})
    for part in (
        entry.get("provided", ()),
        entry.get("not_yet", ()),
        moot.get("where", ()),
        *entry["decides"].values(),
    ):
        for condition in part:
            _condition(place, condition, seen)
    _distinct(place, entry["decides"])
    return Question(
        id=name,
        asks=entry["asks"],
        steps=tuple(entry["steps"]),
        decides=MappingProxyType({choice: tuple(entry["decides"][choice]) for choice in choices}),
        needs=tuple(entry.get("needs", ())),
        changes=entry.get("changes", ""),
        provided=tuple(entry.get("provided", ())),
        not_yet=tuple(entry.get("not_yet", ())),
        moot=tuple(moot.get("where", ())),
        moot_why=moot.get("why", ""),
    )


def _steps(place: str, entry: Mapping[str, Any]) -> set[str]:
    """Names of the answers that can be looked at in the end: those after the last wait."""
    known = {*GIVEN, *(piece.name for piece in needed(tuple(entry.get("needs", ()))))}
    known |= {f"{piece}_system" for piece in known}
    people: set[str] = set()
    seen: set[str] = set()
    for number, step in enumerate(entry["steps"], start=1):
        kind = next((one for one in STEPS if one in step), None)
        if kind is None:
            raise RegisterError(f"{place}, step {number}: is none of {', '.join(STEPS)}")
        _known(f"{place}, step {number}", step, (kind, *STEPS[kind]))
        if kind == "do" and step["do"] not in operations(OWNER):
            raise RegisterError(
                f"{place}, step {number}: no operation {step['do']!r}{_mend(step['do'], operations(OWNER))}"
            )
        for name in (*_names(step), *([step["who"]] if "who" in step else ())):
            if name not in known | people:
                raise RegisterError(f"{place}, step {number}: nothing is called {name!r}{_mend(name, known | people)}")
        if kind in LATER:
            seen.clear()
        people |= {step["as"]} if "as" in step else set()
        known |= {*step.get("keep", ()), *people}
        if "id" in step:
            seen.add(step["id"])
    return seen


def _condition(place: str, condition: Condition, seen: set[str]) -> None:
    _known(place, condition, CONDITIONS)
    if condition.get("of") not in seen:
        raise RegisterError(
            f"{place}: looks at {condition.get('of')!r}, which no step after the last wait has as its id"
        )
    if len(condition) == 1:
        raise RegisterError(f"{place}: says nothing of {condition['of']!r}")


def _distinct(place: str, decides: Mapping[str, Any]) -> None:
    told: dict[str, str] = {}
    for choice, conditions in decides.items():
        same = told.setdefault(repr(sorted(repr(sorted(one.items())) for one in conditions)), choice)
        if same != choice:
            raise RegisterError(f"{place}: {same!r} and {choice!r} would look the same")


def _names(value: Any) -> Iterator[str]:
    """The names in braces in a step or an entry."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _names(inner)
        for key in value:
            yield from NAME.findall(str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
    elif isinstance(value, str):
        yield from NAME.findall(value)


def _known(place: str, entry: Mapping[str, Any], parts: tuple[str, ...]) -> None:
    unknown = next((key for key in entry if key not in parts), None)
    if unknown is not None:
        raise RegisterError(f"{place}: {unknown!r} is no part of it{_mend(str(unknown), parts)}")


def _mend(name: str, candidates: Any) -> str:
    found = nearest(name, candidates)
    return f"; did you mean {found!r}?" if found else ""
