"""What a person does not show is noticed all the same: another body, another id, more requests than needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from forwarder.destinations import mparticle_batch, mparticle_node
from scenarios.mparticle.journeys import journeys
from scenarios.verdict import Report
from tests.scenarios.experiments import run


def stories() -> Report:
    return run(scenarios=list(journeys()), destination="mparticle")


def rules_of(report: Report) -> set[str]:
    """The rules that are blamed; what was assumed is told under the rule that says so."""
    found = {finding.rule for _, finding in report.findings}
    return found | {finding.message.partition(":")[0] for _, finding in report.findings}


Body = dict[str, Any]


def without_id(body: Body) -> None:
    body.pop("source_request_id", None)


def one_id(body: Body) -> None:
    body["source_request_id"] = "one for all"


def with_key(body: Body) -> None:
    body["api_key"] = "of-the-source"


def as_list(body: Body) -> None:
    kinds = body.get("user_identities", {})
    body["user_identities"] = [{"identity_type": kind, "identity": value} for kind, value in kinds.items()]


def text_ids(body: Body) -> None:
    for event in body["events"]:
        event["data"].update({name: str(event["data"][name]) for name in event["data"] if name == "session_id"})


def one_kind(body: Body) -> None:
    for event in body["events"]:
        event["event_type"] = "custom_event"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (without_id, "madconnect.request-id"),
        (one_id, "madconnect.request-id"),
        (with_key, "madconnect.input-form"),
        (as_list, "madconnect.identity-map"),
        (text_ids, "madconnect.session-id"),
        (one_kind, "madconnect.event-type"),
        (lambda body: body["events"].reverse(), "madconnect.event-node"),
        (lambda body: body.pop("mpid", None), "madconnect.events-api"),
    ],
    ids=["no id", "one id", "the key", "a list", "ids as text", "one kind", "another order", "no mpid"],
)
def test_a_request_that_is_put_differently_is_found_out(
    change: Callable[[Body], None], rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mparticle_batch._Batch.body

    def body(self: Any, *arguments: Any) -> bytes:
        made = orjson.loads(whole(self, *arguments))
        change(made)
        return orjson.dumps(made)

    monkeypatch.setattr(mparticle_batch._Batch, "body", body)
    assert rule in rules_of(stories())


def test_more_requests_than_needed_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def each_alone(sizes: list[int], _first: int, _room: int) -> list[slice]:
        return [slice(index, index + 1) for index in range(len(sizes))]

    monkeypatch.setattr(mparticle_batch, "shares", each_alone)
    assert "madconnect.split" in rules_of(stories())


def test_user_attributes_that_are_told_twice_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mparticle_batch._Batch.body

    def body(self: Any, id_: Any, _attributes: Any, events: Any) -> bytes:
        return whole(self, id_, self.draft.attributes, events)

    monkeypatch.setattr(mparticle_batch._Batch, "body", body)
    assert "madconnect.split" in rules_of(stories())


def test_another_path_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mparticle_batch, "PATH", "/v2/events?again=1")
    assert "madconnect.events-api" in rules_of(stories())


def test_a_selection_that_nobody_looks_at_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mparticle_node._node
    every = mparticle_node.PROPERTIES
    monkeypatch.setattr(mparticle_node, "_node", lambda event, _selected, choices: whole(event, every, choices))
    assert "madconnect.selected-parameters" in rules_of(stories())


def test_with_nothing_changed_there_is_nothing_to_find() -> None:
    assert stories().verdict == "kept"
