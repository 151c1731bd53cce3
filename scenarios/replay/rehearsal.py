"""A replay in which nothing is sent: batches are planned, and each planned request is held against the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import orjson

from contracts import Interaction, Request
from contracts.register import observe
from contracts.validation import compiled, operations, request_schema, takes_body
from forwarder import Batch, BatchError, Connection, Plan, PlannedRequest
from forwarder.fate import KEY_PLACE
from mock_sessionm import SURFACE_OF
from scenarios.fates import FateCount
from scenarios.in_contract import JSON, REQUESTS, wrong_requests
from scenarios.recorded import AGELESS, SUITE, contract
from scenarios.recordings.recorded import Bad
from scenarios.verdict import ScenarioResult, Side, SideName

from .planner import Planner
from .playing import Terms
from .tally import Tally

BLOCK = 2048
"""Batches that one worker plans at a time."""
HEADERS = {"content-type": JSON}


class Text(NamedTuple):
    """A batch of a recording: its number in it, where it stands, its JSON, or what it was read as already."""

    number: int
    place: str
    raw: bytes = b""
    batch: Batch | None = None


class Rehearsal:
    """A forwarder that plans and sends nothing."""

    def __init__(self, terms: Terms) -> None:
        observe(terms.seen)
        self.terms = terms
        given, choices = terms.given, terms.given.choices
        settings = {name: part for name, part in given.settings_for(terms.destination).items() if name != "rules"}
        made = Connection.from_settings({**settings, **AGELESS}, dict(choices), destination=terms.destination)
        self.connection = replace(made, rule=given.connection.rule)
        self.planner = Planner(terms.planning)

    def play(self, block: Iterable[Text]) -> Tally:
        """What is found in the requests that these batches lead to."""
        tally, fates = Tally(), FateCount()
        self.planner.raised = tally.raised
        for text in block:
            batch = text.batch or self._read(text, tally)
            if batch is None:
                continue
            plan = self.planner(batch, self.connection, now=0.0)
            fates.add(plan, batch.body)
            self._hold(tally, text, plan, str(batch.mpid or ""))
        self._sum_up(tally, fates)
        return tally

    def _read(self, text: Text, tally: Tally) -> Batch | None:
        try:
            return Batch.read(text.raw, duplicate_keys=self.terms.given.choices["duplicate-keys"])
        except BatchError as error:
            tally.bad.add(Bad(text.place, f"{error.pointer}: {error.reason}".removeprefix(": ")))
            return None

    def _hold(self, tally: Tally, text: Text, plan: Plan, mpid: str) -> None:
        """Hold the requests of one batch against the contract."""
        counts = tally.counts
        counts["scenarios"] += 1
        counts["batches"] += 1
        counts["requests"] += len(plan.requests)
        if all(map(in_contract, plan.requests)):
            return
        choices = self.terms.given.choices
        findings = dict.fromkeys(wrong_requests(map(as_heard, plan.requests), choices, mpid))
        place = f"{SUITE}/{self.terms.destination}/{text.place}"
        result = ScenarioResult(place, f"the batch {text.place}", SUITE, tuple(findings))
        counts["scenarios"] -= 1
        tally.add(text.number, result)

    def _sum_up(self, tally: Tally, fates: FateCount) -> None:
        """The cases of a block: every point is one of the rule that decided about it."""
        tally.fates.update(fates.named())
        tally.counts["data_points"] += fates.total
        broken = {rule for rule, _ in tally.mistakes}
        if tally.counts["batches"]:
            held = Side(tally.counts["batches"], sum(one.people for one in tally.mistakes.values()))
            tally.sides[REQUESTS, "at"] = held
        for (rule, _, fate), count in tally.fates.items():
            side: SideName = "at" if fate == "sent" else "above"
            tally.sides.setdefault((rule, side), Side()).merge(Side(count, count if rule in broken else 0))


def in_contract(planned: PlannedRequest) -> bool:
    """Whether a planned request surely is as the contract has it; a No is for somebody slower to explain."""
    for pattern, valid in _shapes(planned.method, planned.path.count("/")):
        if pattern.fullmatch(planned.path):
            return valid is None or valid(orjson.loads(planned.body))
    return False


@cache
def _shapes(method: str, slashes: int) -> list[tuple[re.Pattern[str], Callable[[Any], bool] | None]]:
    """The operations that such a request can be for: how their paths look, and what says yes to their bodies."""
    made = []
    for vendor in sorted({surface.vendor for surface in SURFACE_OF.values()}):
        for name, (their_method, template) in operations(vendor).items():
            if their_method == method and template.count("/") == slashes:
                path = re.escape(template).replace(re.escape("{api_key}"), re.escape(KEY_PLACE))
                pattern = re.compile(re.sub(r"\\\{.*?\\\}", "[^/?]+", path))
                body = takes_body(vendor, name)
                valid = compiled(vendor, request_schema(vendor, name)).is_valid if body else None
                made.append((pattern, valid))
    # `/users/search` before `/users/{user_id}`.
    return sorted(made, key=lambda one: one[0].pattern.count("[^/?]+"))


def as_heard(planned: PlannedRequest) -> Interaction:
    """A planned request as if somebody had received it."""
    request = Request(planned.method, planned.path, HEADERS, planned.body)
    call = contract().call(request)
    vendor, operation = (call.operation.vendor, call.operation.name) if call else ("", "")
    return Interaction(0, 0.0, "", vendor, operation, request, None)


_rehearsals: dict[str, Rehearsal] = {}


def rehearse(terms: Terms, block: list[Text]) -> Tally:
    """The same, with a rehearsal that this process keeps for other blocks under the same terms."""
    if terms.key not in _rehearsals:
        _rehearsals.clear()
        _rehearsals[terms.key] = Rehearsal(terms)
    return _rehearsals[terms.key].play(block)
