"""Recorded traffic on trial: batches become stories of their people, interactions are held against the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from contracts import Choices, Interaction
from contracts.conformance import Conformance
from contracts.register import openapi
from contracts.revision import Contract
from mock_sessionm import SURFACE_OF

from .destinations import FORWARDED
from .in_contract import ANSWERS, REQUESTS, wrong_answers, wrong_requests
from .recordings.opening import read_recording
from .recordings.recorded import Recorded
from .replay.people import People
from .scenario import Scenario, Suite
from .verdict import Case, Finding, ScenarioResult

SUITE: Suite = "recorded"
AGELESS = {"max_data_age_hours": 10**9}
"""A recording is old by nature: a hundred thousand years are not too many for it."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """One recording: what could be judged at once, and the stories of its people."""

    results: tuple[ScenarioResult, ...]
    stories: tuple[Scenario, ...]


def traffic(path: Path, choices: Choices, destinations: Iterable[str]) -> Traffic:
    """What a recording holds, its batches for each of these destinations. Raises `RecordingError`."""
    found = read_recording(path, duplicate_keys=choices["duplicate-keys"])
    batches = [(one.place, one.batch.body) for one in found.batches]
    towards = [name for name in FORWARDED if name in set(destinations)]
    results = [spoilt(one.place, one.why) for one in found.bad]
    results += [heard(one, choices) for one in found.interactions]
    return Traffic(tuple(results), tuple(story for name in towards for story in stories(batches, name)))


def stories(batches: Iterable[tuple[str, Mapping[str, Any]]], destination: str = "sessionm") -> Iterator[Scenario]:
    """A story for each person in a recording: that person's batches, in their order.

    `batches` are places, such as `traffic.ndjson:7`, with what stands there. People are known by MPID and identities;
    who share one play together. A batch that names nobody is a story of its own.
    """
    people = People()
    batches = list(batches)
    numbers = [people.number(batch) for _, batch in batches]
    several: dict[int, list[tuple[str, Mapping[str, Any]]]] = {}
    for number, one in zip(numbers, batches, strict=True):
        several.setdefault(people.first(number), []).append(one)
    return (story(one, destination) for one in several.values())


def story(batches: Sequence[tuple[str, Mapping[str, Any]]], destination: str, on_violation: Any = "note") -> Scenario:
    """The story of one person, or of several who share an identity: their batches with the places of these."""
    first, last = batches[0][0], batches[-1][0]
    told = f"the batch of one person, {first}" if first == last else f"{len(batches)} batches, {first} to {last}"
    return Scenario(
        id=f"{SUITE}/{destination}/{first}",
        title=told,
        suite=SUITE,
        destination=destination,
        batches=tuple(batch for _, batch in batches),
        settings=AGELESS,
        on_violation=on_violation,
        at=_moment(batches[0][1]),
    )


def heard(one: Recorded, choices: Choices) -> ScenarioResult:
    """A recorded interaction on trial; one that is for nobody whom we know is passed over, and told."""
    found = one.interaction
    call = contract().call(found.request)
    if call is None:
        why = "it is for no operation of any contract"
        return ScenarioResult(f"{SUITE}/{one.place}", f"{found.request.method} of a path", SUITE, untried=why)
    if "request body" in one.missing:
        return ScenarioResult(f"{SUITE}/{one.place}", call.operation.name, SUITE, untried="its body was not recorded")
    known = replace(found, vendor=call.operation.vendor, operation=call.operation.name)
    return held(one.place, known, choices, answered="answer body" not in one.missing)


@cache
def contract() -> Conformance:
    """The contracts of the APIs that the fake serves, ready to find the operation of a request."""
    served = {surface.vendor for surface in SURFACE_OF.values()}
    return Conformance(Contract("the installed contract", {vendor: openapi(vendor) for vendor in served}, {}))


def held(place: str, interaction: Interaction, choices: Choices, *, answered: bool = True) -> ScenarioResult:
    """One recorded request, and its answer where it was `answered`, held against the contract."""
    findings = list(wrong_requests([interaction], choices))
    findings += wrong_answers([interaction]) if answered else ()
    broken = {finding.rule for finding in findings}
    cases = [Case(REQUESTS, "at", held=REQUESTS not in broken)]
    cases += [Case(ANSWERS, "at", held=ANSWERS not in broken)] if answered else []
    title = f"{interaction.request.method} {interaction.operation or 'of no known operation'}"
    return ScenarioResult(f"{SUITE}/{place}", title, SUITE, tuple(findings), tuple(cases), requests=1)


def spoilt(place: str, why: str) -> ScenarioResult:
    """A record that cannot be read; what stands beside it is tried all the same."""
    found = Finding(REQUESTS, f"{place}: {why}", "a record")
    return ScenarioResult(f"{SUITE}/{place}", "a record that cannot be read", SUITE, (found,))


def _moment(batch: Mapping[str, Any]) -> str:
    """When a batch was made, as far as it says."""
    try:
        return datetime.fromtimestamp(int(batch["timestamp_unixtime_ms"]) / 1000, UTC).isoformat()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return "2026-01-01T00:00:00+00:00"
