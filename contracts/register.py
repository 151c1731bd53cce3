"""The register: every rule, source and assumption as frozen values, loaded from YAML and cross-checked."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

import yaml

HERE = Path(__file__).parent
VENDORS = ("sessionm", "braze", "customerio", "mparticle", "madconnect")
RULE_FILES = (
    *("sessionm", "connect", "campaigns"),
    *("braze", "templates", "segments"),
    *("customerio", "track"),
    *("mparticle", "madconnect", "bucket"),
    "harness",
)
ASSUMPTION_FILES = (
    *("sessionm", "connect", "campaigns"),
    *("braze", "templates", "segments"),
    *("customerio", "track"),
    *("mparticle", "madconnect", "bucket"),
)
SCHEMA_FILES = {name: f"{name}.openapi.yaml" for name in (*VENDORS, "admin")}

Evidence = Literal["documented", "observed", "assumed"]
REQUIRED = ("says", "owner", "effect", "source", "evidence")
OPTIONAL = ("limit", "measure", "table", "examples")


class RegisterError(ValueError):
    """The register contradicts itself, or a name in it is unknown; the text says where and what to mend."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where rules were read. `url` is None for notes that have no stable address."""

    id: str
    title: str
    url: str | None
    read: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A silence of the documents: what we do (`choice`), what else could be true, and what would settle it.

    `observed` is the choice that somebody's tenant was seen to make, and `observed_on` the day; empty where nobody
    looked, or nobody said so to `observe`.
    """

    id: str
    owner: str
    choice: str
    alternatives: tuple[str, ...]
    why: str
    question: str
    observed: str = ""
    observed_on: str = ""

    @property
    def choices(self) -> tuple[str, ...]:
        return (self.choice, *self.alternatives)

    @property
    def holds(self) -> str:
        """What is done unless somebody chooses otherwise: what was observed, else the register's own choice."""
        return self.observed or self.choice

    @property
    def others(self) -> tuple[str, ...]:
        """Every choice but the one that holds."""
        return tuple(choice for choice in self.choices if choice != self.holds)


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence of a document, or one thing that a vendor does.

    `owner` is `forwarder` (an obligation of the sender), `customer` (set-up and advice) or a vendor's name.
    `limit` is the number, read from the schema keyword that carries the rule's mark, or given in the rule
    itself; None for a rule without a number. `measure` names what is counted. `table` is the rule's own data.
    `source` is `<source>#<section>`, or `assumption:<id>` for our own choice.
    """

    id: str
    says: str
    owner: str
    effect: str
    source: str
    evidence: Evidence
    limit: int | None = None
    measure: str | None = None
    table: Mapping[str, Any] = field(default_factory=dict)
    examples: tuple[Mapping[str, Any], ...] = ()

    @property
    def vendor(self) -> str:
        return self.id.partition(".")[0]

    @property
    def severity(self) -> Literal["error", "warn"]:
        return "warn" if self.evidence == "assumed" else "error"

    def row(self) -> dict[str, Any]:
        """What lists of rules show of it, as JSON: everything but its table and its examples."""
        return {
            "id": self.id,
            "says": self.says,
            "owner": self.owner,
            "effect": self.effect,
            "evidence": self.evidence,
            "severity": self.severity,
            "limit": self.limit,
            "measure": self.measure,
            "source": self.source,
            "url": self.url,
        }

    @property
    def assumption(self) -> str | None:
        """The id of the assumption that this rule rests on, if it rests on one."""
        return self.source.removeprefix("assumption:") if self.source.startswith("assumption:") else None

    @property
    def url(self) -> str | None:
        """Where the rule can be read; None for our own choice and for notes that have no stable address."""
        source, _, section = self.source.partition("#")
        found = sources().get(source)
        if found is None or found.url is None:
            return None
        return f"{found.url}#{section}" if section else found.url


class Choices:
    """Which choice holds for each assumption: what was observed, else the register's own; the user's over both."""

    __slots__ = ("_chosen",)

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        """Raises `RegisterError` for an unknown assumption or choice."""
        self._chosen = dict(_registered())
        for name, choice in (chosen or {}).items():
            assumption = assumptions().get(name)
            if assumption is None:
                raise RegisterError(f"unknown assumption {name!r}{_nearest(name, assumptions())}")
            if choice not in assumption.choices:
                raise RegisterError(
                    f"assumption {name!r} has no choice {choice!r}; it is one of {', '.join(assumption.choices)}"
                )
            self._chosen[name] = choice

    @classmethod
    def written(cls) -> Choices:
        """The register's own choices, whatever was observed: those that its examples are written for."""
        return cls({a.id: a.choice for a in assumptions().values()})

    def __getitem__(self, name: str) -> str:
        return self._chosen[name]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._chosen.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choices) and other._chosen == self._chosen

    def __hash__(self) -> int:
        return hash(tuple(sorted(self._chosen.items())))

    def changed(self) -> dict[str, str]:
        """Only what differs from the register's own choices."""
        return {name: choice for name, choice in self if choice != assumptions()[name].choice}

    def over(self, chosen: Mapping[str, str]) -> Choices:
        """These choices with others put over them."""
        return Choices({**self._chosen, **chosen})


@cache
def _registered() -> Mapping[str, str]:
    """What holds unless somebody chooses otherwise; it is asked for very often."""
    return {one.id: one.holds for one in assumptions().values()}


_seen: dict[str, tuple[str, str]] = {}


def observe(found: Mapping[str, tuple[str, str]]) -> None:
    """Let the register hold what was seen: id of an assumption -> the choice, and the day (ISO 8601).

    From then on that choice holds, and rules that rest on it are observed. It holds for the whole process and takes
    the place of what was said before, so a command calls it once, before anything is made of the register.
    Raises `RegisterError` for an unknown assumption or choice.
    """
    Choices({name: choice for name, (choice, _) in found.items()})
    if found != _seen:
        _seen.clear()
        _seen.update(found)
        for known in (assumptions, rules, _registered):
            known.cache_clear()


def load_yaml(name: str) -> Any:
    """One YAML file of this package, by its path below it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((HERE / name).read_text(encoding="utf-8"), loader)  # noqa: S506  both loaders are safe ones


@cache
def sources() -> Mapping[str, Source]:
    return MappingProxyType({name: Source(name, **entry) for name, entry in load_yaml("sources.yaml").items()})


@cache
def assumptions() -> Mapping[str, Assumption]:
    """Every assumption by its id, with what was observed of it."""
    return MappingProxyType(
        {
            name: replace(one, observed=_seen[name][0], observed_on=_seen[name][1]) if name in _seen else one
            for name, one in _written_assumptions().items()
        }
    )


@cache
def _written_assumptions() -> Mapping[str, Assumption]:
    return {
        name: Assumption(name, **{**entry, "alternatives": tuple(entry["alternatives"])})
        for file in ASSUMPTION_FILES
        for name, entry in load_yaml(f"assumptions/{file}.yaml").items()
    }


@cache
def openapi(vendor: str) -> Mapping[str, Any]:
    """A vendor's OpenAPI document. Treat it as read-only: every caller gets the same one."""
    return MappingProxyType(load_yaml(SCHEMA_FILES[vendor]))


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of the files; one that rests on what was observed says so."""
    return MappingProxyType({name: _by_observation(rule) for name, rule in written_rules().items()})


@cache
def written_rules() -> Mapping[str, Rule]:
    """The rules as the files have them; checked against schemas, sources and assumptions."""
    return joined(
        numbers(openapi(vendor) for vendor in VENDORS),
        {vendor: load_yaml(f"rules/{vendor}.yaml") for vendor in RULE_FILES},
        assumptions(),
        sources(),
    )


def numbers(documents: Iterable[Mapping[str, Any]]) -> dict[str, int | None]:
    """The rules that schemas are marked with, each with the number of its keyword; None where that is no number.

    Raises `RegisterError` where a mark has no keyword, or two of them have different numbers.
    """
    marked: dict[str, int | None] = {}
    for document in documents:
        for keyword, value, rule in marks(document):
            number = value if isinstance(value, int) and not isinstance(value, bool) else None
            if number is None or marked.get(rule) is None:
                marked[rule] = number
            elif marked[rule] != number:
                raise RegisterError(f"{rule}: the schemas give both {marked[rule]} and {number} ({keyword})")
    return marked


def joined(
    marked: Mapping[str, int | None],
    files: Mapping[str, Mapping[str, Mapping[str, Any]]],
    known_assumptions: Mapping[str, Any] | None,
    known_sources: Mapping[str, Any] | None,
) -> Mapping[str, Rule]:
    """The rules of `files`, by their ids, with the numbers of the marks.

    Raises `RegisterError` where these contradict one another. None for assumptions or sources: those of
    a rule are not looked up.
    """
    found: dict[str, Rule] = {}
    for entries in files.values():
        for name, entry in entries.items():
            if name in found:
                raise RegisterError(f"{name}: stands in two rule files; once is enough")
            found[name] = _rule(name, entry, marked)
            _check_source(found[name], known_assumptions, known_sources)
    unknown = sorted(set(marked) - set(found))
    if unknown:
        raise RegisterError(f"a schema is marked with {unknown[0]!r}, and no rule has that id")
    return MappingProxyType(found)


def marks(schema: Any) -> Iterator[tuple[str, Any, str]]:
    """Every mark in a schema: (keyword, the keyword's value, rule id)."""
    if isinstance(schema, Mapping):
        for keyword, rule in schema.get("x-rules", {}).items():
            if keyword not in schema:
                raise RegisterError(f"x-rules names {keyword!r} for {rule!r}, which does not stand beside it")
            yield keyword, schema[keyword], rule
        for name, part in schema.items():
            if name != "x-rules":
                yield from marks(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from marks(part)


def nearest(name: str, candidates: Any) -> str | None:
    """The candidate that `name` was probably meant to be, casing aside first; None where none is near."""
    candidates = list(candidates)
    folded = name.casefold()
    for candidate in candidates:
        if candidate.casefold() == folded:
            return str(candidate)
    by_fold = {candidate.casefold(): candidate for candidate in candidates}
    close = difflib.get_close_matches(folded, by_fold, n=1, cutoff=0.6)
    return str(by_fold[close[0]]) if close else None


def _rule(name: str, entry: Mapping[str, Any], marked: Mapping[str, int | None]) -> Rule:
    missing = [key for key in REQUIRED if not entry.get(key)]
    if missing:
        raise RegisterError(f"{name}: has no {missing[0]}; a rule needs {', '.join(REQUIRED)}")
    unknown = [key for key in entry if key not in REQUIRED + OPTIONAL]
    if unknown:
        raise RegisterError(f"{name}: {unknown[0]!r} is no part of a rule{_nearest(unknown[0], REQUIRED + OPTIONAL)}")
    if entry["evidence"] not in get_args(Evidence):
        raise RegisterError(f"{name}: evidence is {entry['evidence']!r}; it is one of {', '.join(get_args(Evidence))}")
    if entry.get("limit") is not None and marked.get(name) is not None:
        raise RegisterError(f"{name}: its number stands in a schema and in the rule; once is enough")
    return Rule(
        id=name,
        says=entry["says"],
        owner=entry["owner"],
        effect=entry["effect"],
        source=entry["source"],
        evidence=entry["evidence"],
        limit=entry.get("limit", marked.get(name)),
        measure=entry.get("measure"),
        table=MappingProxyType(entry.get("table", {})),
        examples=tuple(entry.get("examples", ())),
    )


def _check_source(rule: Rule, assumed: Mapping[str, Any] | None, read: Mapping[str, Any] | None) -> None:
    if rule.assumption is not None:
        if assumed is not None and rule.assumption not in assumed:
            raise RegisterError(f"{rule.id}: its source {rule.source!r} is in no file of assumptions/")
        if rule.evidence != "assumed":
            raise RegisterError(f"{rule.id}: evidence is {rule.evidence!r}, but its source is an assumption")
    elif read is not None and rule.source.partition("#")[0] not in read:
        raise RegisterError(f"{rule.id}: its source {rule.source!r} is not in sources.yaml")


def _by_observation(rule: Rule) -> Rule:
    """The rule on the evidence of what was observed, where it rests on an assumption of which something was."""
    assumption = assumptions().get(rule.assumption or "")
    if assumption is None or not assumption.observed:
        return rule
    more = f" Observed otherwise: {assumption.id} is {assumption.observed}, not {assumption.choice}."
    return replace(
        rule, evidence="observed", says=rule.says + (more if assumption.observed != assumption.choice else "")
    )


def _nearest(name: str, candidates: Any) -> str:
    found = nearest(name, candidates)
    return f"; did you mean {found!r}?" if found else ""
