"""What came back from a tenant, and whether it is what a question says: a closed vocabulary, a function for a word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts import Response
from contracts.probing import Condition, Question
from scenarios.answers import accepted, at, complaint, missing, there

CODE = re.compile(r"[a-z][a-z_ ]{0,39}")
"""What a code of an API looks like: anything else that stands in its place might be a person's value."""
EMPTY = 204
SHOWN = 6
"""So many names of an object are shown."""

Fill = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, or what the receiver heard (which has no status). `ok` is whether it says that all went well."""

    body: Any
    status: int | None = None
    ok: bool = False

    @classmethod
    def of(cls, response: Response, surface: str) -> Answer:
        """Raises `ValueError` where the body is not JSON."""
        body = response.json()
        ok = response.status < 300 and isinstance(body, dict) and accepted(surface, body)
        ok = ok or (response.status == EMPTY and body is None)
        return cls(body, response.status, ok)

    def said(self) -> str:
        """Status, code and shape in a few words; names and sizes, never a value."""
        told = "heard" if self.status is None else f"HTTP {self.status}, {'accepted' if self.ok else 'refused'}"
        if self.status is not None and not self.ok and isinstance(self.body, dict):
            code = complaint(self.body)[0]
            told += f" ({code})" if CODE.fullmatch(code) else ""
        return f"{told}: {shape(self.body)}"


def choices_of(question: Question, answers: Mapping[str, Answer], fill: Fill) -> list[str]:
    """The choices that the answers fit; none where they do not even count."""
    if not all(holds(condition, answers, fill) for condition in question.provided):
        return []
    return [
        choice
        for choice, conditions in question.decides.items()
        if all(holds(condition, answers, fill) for condition in conditions)
    ]


def holds(condition: Condition, answers: Mapping[str, Answer], fill: Fill) -> bool:
    """Whether everything that a condition says holds of the answer that it names."""
    answer = answers[condition["of"]]
    return all(WORDS[word](fill(wanted), answer) for word, wanted in condition.items() if word != "of")


def because(conditions: tuple[Condition, ...]) -> Iterator[str]:
    """The same in words for people; names stand as they do in the question."""
    for condition in conditions:
        parts = ", ".join(f"{word} {_written(wanted)}" for word, wanted in condition.items() if word != "of")
        yield f"{condition['of']}: {parts}"


def shape(value: Any, depth: int = 2) -> str:
    """The kind of a value, its size and its names."""
    if isinstance(value, Mapping):
        names = list(value)
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        inner = (f"{name} {shape(value[name], depth - 1)}" if depth > 1 else name for name in names[:SHOWN])
        return f"{{{', '.join(inner)}{more}}}"
    if isinstance(value, list):
        return f"list of {len(value)}"
    return kind(value)


def kind(value: Any) -> str:
    """What JSON calls it, in plain words."""
    kinds = (
        (type(None), "nothing"),
        (bool, "true or false"),
        ((int, float), "number"),
        (str, "text"),
        (list, "list"),
    )
    return next((name for types, name in kinds if isinstance(value, types)), "object")


def mentions(value: Any, wanted: str) -> bool:
    """Whether a name or a value anywhere in it is just this."""
    if isinstance(value, Mapping):
        return any(key == wanted or mentions(inner, wanted) for key, inner in value.items())
    if isinstance(value, list):
        return any(mentions(inner, wanted) for inner in value)
    return not isinstance(value, bool) and value is not None and str(value) == wanted


def _written(wanted: Any) -> str:
    if isinstance(wanted, Mapping):
        return ", ".join(f"{name} {_written(inner)}" for name, inner in wanted.items())
    if isinstance(wanted, list):
        return ", ".join(_written(inner) for inner in wanted)
    return str(wanted).lower() if isinstance(wanted, bool) else str(wanted)


def _each(test: Callable[[Any, Any], bool]) -> Callable[[Any, Answer], bool]:
    """A word whose object has a pointer for each thing that it wants: all must be there, and pass."""

    def word(wanted: Mapping[str, Any], answer: Answer) -> bool:
        return all(there(answer.body, place) and test(at(answer.body, place), one) for place, one in wanted.items())

    return word


def _has(found: Any, wanted: Any) -> bool:
    return isinstance(found, list) and any(not list(missing(wanted, one)) for one in found)


def _number(found: Any) -> bool:
    return isinstance(found, (int, float)) and not isinstance(found, bool)


WORDS: dict[str, Callable[[Any, Answer], bool]] = {
    "ok": lambda wanted, answer: answer.ok is wanted,
    "status": lambda wanted, answer: answer.status == wanted,
    "says": lambda wanted, answer: not list(missing(wanted, answer.body)),
    "holds": lambda wanted, answer: all(there(answer.body, place) for place in wanted),
    "lacks": lambda wanted, answer: not any(there(answer.body, place) for place in wanted),
    "sizes": _each(lambda found, size: isinstance(found, (list, dict)) and len(found) == size),
    "kinds": _each(lambda found, wanted: kind(found) == wanted),
    "differs": _each(lambda found, other: found != other),
    "matches": _each(lambda found, form: isinstance(found, str) and re.fullmatch(form, found) is not None),
    "over": _each(lambda found, number: _number(found) and found > number),
    "under": _each(lambda found, number: _number(found) and found < number),
    "among": _each(_has),
    "none": _each(lambda found, wanted: isinstance(found, list) and not _has(found, wanted)),
    "mentions": lambda wanted, answer: mentions(answer.body, str(wanted)),
    "silent_on": lambda wanted, answer: not mentions(answer.body, str(wanted)),
}
"""Word of a condition -> whether an answer is so. `contracts.probing.CONDITIONS` lists them, with `of`."""
