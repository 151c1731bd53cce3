"""Observations: what a tenant answered to the questions behind assumptions, as a file that is written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .register import Choices, RegisterError, assumptions, load_yaml
from .settings import SettingsError, sentence

FORMAT = "sessionm-harness.observations/1"
SCHEMA = "observations.schema.yaml"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class ObservationsError(SettingsError):
    """An observations file cannot be used; the text is one line with file, line, place and expectation."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A choice that was seen: on which day (ISO 8601), and what in the answers said so."""

    choice: str
    date: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclear:
    """A question whose answers decided nothing, and what came instead."""

    why: str
    date: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """A question that was left for later. Times are seconds since 1970; `step` is how many steps were taken."""

    since: float
    due: float
    step: int
    names: Mapping[str, Any]
    people: Mapping[str, str]
    to_do: str = ""

    @staticmethod
    def written(moment: float) -> str:
        return datetime.fromtimestamp(moment, UTC).strftime(MOMENT)


@dataclass(frozen=True, slots=True)
class Observations:
    """What one host answered, by the ids of assumptions."""

    host: str
    observed: Mapping[str, Observed] = field(default_factory=dict)
    unclear: Mapping[str, Unclear] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)

    @property
    def choices(self) -> dict[str, str]:
        return {name: seen.choice for name, seen in self.observed.items()}

    def put(self, name: str, found: Observed | Unclear | Pending) -> Observations:
        """The same with one more answer. What was observed stays where a question is pending or unclear again."""
        left = replace(self, pending=_without(self.pending, name), unclear=_without(self.unclear, name))
        match found:
            case Observed():
                return replace(left, observed={**self.observed, name: found})
            case Pending():
                return replace(left, pending={**left.pending, name: found})
            case Unclear():
                return replace(left, unclear={**left.unclear, name: found})

    def text(self) -> str:
        """The file, in the order of the register."""
        parts: dict[str, Any] = {"format": FORMAT, "host": self.host}
        order = [*assumptions()]
        for part in ("observed", "unclear", "pending"):
            entries = getattr(self, part)
            if entries:
                parts[part] = {name: _row(entries[name]) for name in order if name in entries}
        text: str = yaml.safe_dump(parts, sort_keys=False, width=120)
        return (
            "# Written by `sessionm-harness probe`; run, gate, serve, rules and explain take it with --observations.\n"
            + text
        )


class Texts(yaml.SafeLoader):
    """A loader to which a day is a text, quoted or not."""


Texts.yaml_implicit_resolvers = {
    letter: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Observations:
    """The observations in a file. Raises `ObservationsError`, also where the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ObservationsError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ObservationsError(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> Observations:
    """The same from a text; `name` stands for the file in messages."""
    try:
        root = yaml.compose(text, Loader=Texts)
        raw = yaml.load(text, Loader=Texts)  # noqa: S506  a kind of SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ObservationsError(
            f"{name}{line}: is not YAML: {getattr(error, 'problem', None) or 'unreadable'}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ObservationsError(f"{name}: is not YAML that can be read: {error}") from error
    if not isinstance(raw, dict):
        raise ObservationsError(f"{name}: is no table; expected what `sessionm-harness probe` writes")
    if raw.get("format") != FORMAT:
        given = raw.get("format", "none")
        raise ObservationsError(f"{name}{_at(root, ['format'])}: format is {given!r}; this version reads {FORMAT!r}")
    _shaped(raw, root, name)
    for part in ("observed", "unclear", "pending"):
        for entry in raw.get(part) or {}:
            _chosen(raw[part][entry], entry, f"{name}{_at(root, [part, entry])}")
    return Observations(
        host=raw["host"],
        observed={
            key: Observed(one["choice"], one["date"], _lines(one)) for key, one in raw.get("observed", {}).items()
        },
        unclear={key: Unclear(one["why"], one["date"], _lines(one)) for key, one in raw.get("unclear", {}).items()},
        pending={
            key: _pending(one, f"{name}{_at(root, ['pending', key])}") for key, one in raw.get("pending", {}).items()
        },
    )


def _lines(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(entry.get("because", ()))


def _shaped(raw: Mapping[str, Any], root: Any, name: str) -> None:
    errors = _validator().iter_errors(raw)
    for error in sorted(errors, key=lambda one: list(map(str, one.absolute_path)))[:1]:
        place = [str(part) for part in error.absolute_path]
        more = []
        if error.validator == "additionalProperties":
            more = [str(part) for part in error.instance if part not in error.schema["properties"]][:1]
        raise ObservationsError(f"{name}{_at(root, [*place, *more])}: {sentence(place, error)}")


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_yaml(SCHEMA))


def _chosen(entry: Mapping[str, Any], name: str, place: str) -> None:
    """Raises where no assumption has this id, or none of its choices was seen."""
    try:
        Choices({name: entry.get("choice", assumptions()[name].choice if name in assumptions() else "")})
    except RegisterError as error:
        raise ObservationsError(f"{place}: {error}") from error


def _pending(one: Mapping[str, Any], place: str) -> Pending:
    since, due = (_moment(one[part], place) for part in ("since", "due"))
    return Pending(since, due, one["step"], one["names"], one["people"], one.get("to_do", ""))


def _moment(text: str, place: str) -> float:
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise ObservationsError(f"{place}: {text} is no moment of any calendar") from error


def _row(entry: Observed | Unclear | Pending) -> dict[str, Any]:
    match entry:
        case Observed():
            made: dict[str, Any] = {"choice": entry.choice, "date": entry.date}
        case Unclear():
            made = {"why": entry.why, "date": entry.date}
        case Pending():
            moments = {"since": entry.written(entry.since), "due": entry.written(entry.due)}
            todo = {"to_do": entry.to_do} if entry.to_do else {}
            return {**moments, "step": entry.step, "names": dict(entry.names), "people": dict(entry.people), **todo}
    return {**made, "because": list(entry.because)} if entry.because else made


def _without(entries: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: entry for key, entry in entries.items() if key != name}


def _at(node: Any, place: list[str]) -> str:
    """`, line N` of the deepest part of a place that stands in the file."""
    line = 0
    for part in place:
        if not isinstance(node, yaml.MappingNode):
            break
        found = next(((key, value) for key, value in node.value if key.value == part), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return f", line {line}" if line else ""
