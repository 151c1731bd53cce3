"""Recorded interactions, as `shrink` needs them: judged in a fresh fake, looked through, made smaller."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from contracts import Interaction, validate
from mock_sessionm import TenantSettings
from scenarios.given import Given
from scenarios.recorded import contract
from scenarios.recordings.masking import Masker
from scenarios.recordings.recorded import Recorded
from scenarios.replay.interactions.again import InteractionJudge, InteractionReplay
from scenarios.verdict import Finding

from .kind import kind_of, kinds
from .reducing import Docs
from .survey import Survey

ID = re.compile(rb"[A-Za-z0-9][\w.@+-]{2,}")
"""What may be somebody's id, in a path or in a body."""
NAMES = frozenset({"external_id", "user_id", "id", "mpid", "email", "external_user_id", "customer_id"})
"""Fields that say whom an interaction is about."""


class InteractionSide:
    """A judge of interactions, which are the ones of one recording; none of their credentials is known.

    A record is `{"entry": its number, "answer": true, "body": the JSON that was sent}`. Without `answer` the answer's
    body counts as not recorded. One that is `whole` has no `body` and stays as it is: where there is something to say
    of an answer, it must be the answer to just this.
    """

    together = 1

    def __init__(self, records: Sequence[Recorded], given: Given, seed: int) -> None:
        masker = Masker()
        self.records = {
            str(number): _known(replace(one, interaction=masker.masked(one.interaction)))
            for number, one in enumerate(records, 1)
        }
        self.given = given
        self.seed = seed

    # --- judging ------------------------------------------------------------------------------------------

    def findings(self, rounds: Sequence[Docs]) -> list[list[Finding]]:
        judge = InteractionJudge(self.given, self.seed)
        return [judge.findings(self.of(docs)) for docs in rounds]

    def afresh(self) -> InteractionSide:
        return self

    def carefully(self, careful: bool) -> bool:  # noqa: ARG002  it always is
        return False

    def sound(self, doc: Any) -> frozenset[str]:
        """What the contract has against a request. Raises `ValueError` for what is no record of this recording."""
        original = self.records.get(doc.get("entry", "")) if isinstance(doc, Mapping) else None
        if original is None or not isinstance(doc.get("body", {}), (dict, list)):
            raise ValueError("no record of this recording")
        found = original.interaction
        if "body" not in doc:
            if not doc.get("whole") and _parts(found.request.body):
                raise ValueError("the body may become smaller, and not be gone")
            return frozenset()
        wrong = validate(found.vendor, found.operation, doc["body"])
        return frozenset(f"{one.rule} {one.pointer.rpartition('/')[2]}" for one in wrong)

    def of(self, docs: Docs) -> list[Recorded]:
        """The interactions that records stand for."""
        return [self._one(doc) for doc in docs]

    def _one(self, doc: Mapping[str, Any]) -> Recorded:
        one = self.records[doc["entry"]]
        if "body" in doc:
            request = replace(one.interaction.request, body=orjson.dumps(doc["body"]))
            one = replace(one, interaction=replace(one.interaction, request=request))
        if doc.get("answer") or one.interaction.response is None:
            return one
        answer = replace(one.interaction.response, body=b"")
        return replace(
            one, interaction=replace(one.interaction, response=answer), missing=one.missing | {"answer body"}
        )

    # --- the whole recording ------------------------------------------------------------------------------

    def look(self, survey: Survey, progress: Callable[[int], None]) -> None:
        """The recording played once; with each interaction about which there is something to say, whatever it may need.

        That is nothing; what speaks of the same people before it; and everything before it.
        """
        every = list(self.records)
        with InteractionReplay(self.given, seed=self.seed) as replay:
            for index, result in enumerate(replay.play(self.records.values())):
                survey.records += 1
                progress(survey.records)
                for finding in filter(survey.wanted, result.findings):
                    self._suspect(survey, finding, every, index)

    def _suspect(self, survey: Survey, finding: Finding, every: Sequence[str], index: int) -> None:
        """The smallest of some contexts in which it is found again. One is enough for each kind of finding."""
        if survey.knows(finding):
            return
        whole = about_answer(finding)
        for context in self._contexts(every, index):
            docs = tuple(self._doc(name, whole=whole) for name in context)
            (found,) = self.findings([docs])
            if kind_of(finding) in kinds(found):
                survey.suspect([finding], docs)
                return
        survey.suspect([finding], docs)

    def _contexts(self, every: Sequence[str], index: int) -> Iterator[list[str]]:
        own = every[index]
        ids = ids_of(self.records[own].interaction)
        near = [name for name in every[:index] if ids & ids_of(self.records[name].interaction)]
        yield [own]
        if near:
            yield [*near, own]
        if len(near) < index:
            yield [*every[:index], own]

    def _doc(self, name: str, *, whole: bool) -> dict[str, Any]:
        doc: dict[str, Any] = {"entry": name, "answer": True}
        if whole:
            return {**doc, "whole": True}
        body = _parts(self.records[name].interaction.request.body)
        return {**doc, "body": body} if body else doc

    def heard(self, docs: Docs) -> tuple[list[Interaction], TenantSettings]:
        """The requests themselves, and the tenant that they are for."""
        return [one.interaction for one in self.of(docs)], self.given.tenant


def about_answer(finding: Finding) -> bool:
    """Whether an answer is found fault with, and not what was sent."""
    return " answer" in finding.pointer or finding.rule.startswith("harness.")


def ids_of(found: Interaction) -> frozenset[str]:
    """By what the people of an interaction may be known: ids in its path, and in its bodies."""
    path = {part.decode() for part in ID.findall(found.request.path.encode()) if any(48 <= sign < 58 for sign in part)}
    bodies = [found.request.body, found.response.body if found.response else b""]
    return frozenset(path | {text for body in bodies for text in _named(_json(body))})


def _named(value: Any, name: str = "") -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _named(inner, key)
        case list():
            for inner in value:
                yield from _named(inner, name)
        case str() | int() if name in NAMES and not isinstance(value, bool):
            yield str(value)


def _parts(body: bytes) -> Any:
    """What a body holds that may be left out; nothing where it is no JSON, or has nothing in it."""
    found = _json(body)
    return found if isinstance(found, (dict, list)) else None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return None


def _known(one: Recorded) -> Recorded:
    """With vendor and operation, where the contract has one for it."""
    # The tenant of the fake's own journal is called by its key.
    known = replace(one.interaction, tenant="")
    call = contract().call(known.request)
    if call is not None:
        known = replace(known, vendor=call.operation.vendor, operation=call.operation.name)
    return replace(one, interaction=known)
