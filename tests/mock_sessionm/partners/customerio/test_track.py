"""The Track API on the wire: what is answered, and identifiers on every road into the fake."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from contracts.serving import Server
from contracts.transport import HttpTransport
from contracts.validation import check, operations, response_schema
from mock_sessionm.partners.customerio.checks import GATE
from mock_sessionm.partners.customerio.envelope import REFUSALS, TEXTS
from mock_sessionm.partners.customerio.kept import TRACK_BEHAVIOURS
from mock_sessionm.partners.customerio.v1 import VIEWS
from mock_sessionm.tenant import ON_VIOLATION
from tests.mock_sessionm.tracking import Tracker, tracker

SHARED = tracker()
ODD = [
    "a@b.co/1",
    "a/b",
    "100%",
    "%2F",
    "%252F",
    "a+b",
    "a b",
    "ünï@exämple.com",
    "名前",
    "a?b#c",
    "a&b=c",
    "..",
    "~",
    "😀",
]
RECORDED = {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-cache, no-store, must-revalidate, max-age=0",
    "access-control-allow-origin": "*",
    "content-length": "3",
}
"""What every call was seen to be answered with (source: customerio-clients)."""


@pytest.fixture
def workspace() -> Tracker:
    return tracker()


def known_by(people: Any, identifier: str) -> bool:
    """Whether there is one person, whom this identifier and no other names."""
    (one,) = people.profiles
    return identifier in {one.id, one.email} and people.person(identifier) is one


def test_success_is_200_with_an_empty_object_a_newline_and_the_recorded_headers(workspace: Tracker) -> None:
    answer = workspace.identify("ada", plan="gold")
    assert (answer.status, answer.raw) == (200, b"{}\n")
    assert {name: answer.headers[name] for name in RECORDED} == RECORDED


def test_no_credentials_are_refused_with_the_recorded_body(workspace: Tracker) -> None:
    answer = workspace.ask("PUT", "/customers/a", {}, Authorization="")
    assert answer.status == 401
    assert answer.raw == b'{\n  "meta": {\n    "error": "Unauthorized request"\n  }\n}\n'
    assert answer.headers["content-type"] == RECORDED["content-type"]


def test_everything_that_is_wrong_is_told_at_once_as_it_was_recorded(workspace: Tracker) -> None:
    answer = workspace.identify("7", id="8", token="x" * 1001)
    assert answer.status == 400
    assert answer.raw == (
        b'{\n  "meta": {\n    "errors": [\n      "id attribute and identifier are not the same value",\n'
        b"      \"value for attribute 'token' cannot be longer than 1000 bytes\"\n    ]\n  }\n}\n"
    )
    assert answer.rules == ["customerio.id-conflict", "customerio.attribute-value-max"]


def test_the_journal_has_what_the_answer_does_not_say(workspace: Tracker) -> None:
    workspace.identify("bob", email="bob@example.com")
    answer = workspace.identify("ada", email="bob@example.com", plan="gold")
    other = workspace.identify("eve")
    answer = workspace.identify("eve", email="bob@example.com")
    assert (other.status, answer.status, answer.raw) == (200, 200, b"{}\n")
    (found,) = workspace.fake.world.journal.entries()[-1].violations
    assert found.rule == "customerio.two-people"
    assert "Attribute Update Failure" in found.message
    assert "bob" not in found.message


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_what_is_not_served_is_refused_loudly_in_the_vendors_shape(workspace: Tracker, method: str) -> None:
    wrong_method = workspace.ask(method, "/customers/ada", {})
    unknown = workspace.ask("POST", "/customer/ada/events", {"name": "visit"})
    assert (wrong_method.status, unknown.status) == (405, 404)
    assert wrong_method.headers["allow"]
    assert "/api/v1/customers/{identifier}/events" in unknown.body["meta"]["error"]


@pytest.mark.parametrize("operation", VIEWS)
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"{", b'{"ids":["a"]}', b'{"name":"n"}', b'{"device":{}}', b"5"])
@pytest.mark.parametrize("mode", ON_VIOLATION)
def test_every_answer_has_the_shape_of_the_contract(operation: str, body: bytes, mode: Any) -> None:
    workspace = SHARED
    workspace.fake.afresh()
    workspace.fake.tenant.on_violation = mode
    method, path = operations("customerio")[operation]
    for name, value in {"identifier": "ada", "device_id": "d", "segment_id": "7"}.items():
        path = path.replace(f"{{{name}}}", value)
    answer = workspace.ask(method, path.removeprefix("/api/v1"), raw=body)
    shape = response_schema("customerio", operation, answer.status)
    assert shape is not None
    assert check("customerio", shape, answer.body) == []
    workspace.fake.tenant.on_violation = "reject"


@pytest.mark.parametrize("operation", [name for name, (method, _) in operations("customerio").items() if name in VIEWS])
def test_a_fault_is_answered_in_the_vendors_shape(operation: str) -> None:
    workspace = tracker()
    workspace.fake.tenant.faults.set([{"match": {"vendor": "customerio"}, "fault": {"kind": "status", "status": 500}}])
    method, path = operations("customerio")[operation]
    for name in ("identifier", "device_id", "segment_id"):
        path = path.replace(f"{{{name}}}", "1")
    answer = workspace.ask(method, path.removeprefix("/api/v1"), {})
    shape = response_schema("customerio", operation, 500)
    assert answer.status == 500
    assert shape is not None
    assert check("customerio", shape, answer.body) == []


@pytest.mark.parametrize("mode", ON_VIOLATION)
def test_the_vendors_own_limits_hold_in_every_mode(mode: Any) -> None:
    workspace = tracker()
    workspace.fake.tenant.on_violation = mode
    assert workspace.identify("ada", plan="x" * 1001).rules == ["customerio.attribute-value-max"]
    assert workspace.people.profiles == []


def test_only_reject_all_refuses_what_fails_silently() -> None:
    for mode, status in {"note": 200, "reject": 200, "reject-all": 400}.items():
        workspace = tracker(people=[{"id": "ada", "email": "ada@example.com"}, {"id": "bob"}])
        workspace.fake.tenant.on_violation = mode  # type: ignore[assignment]  # the three modes
        answer = workspace.identify("bob", email="ada@example.com")
        assert (answer.status, answer.rules) == (status, ["customerio.two-people"])


def test_every_rule_of_the_track_api_is_kept_by_one_check_or_by_a_behaviour() -> None:
    checked = {check.rule for check in GATE}
    assert not checked & TRACK_BEHAVIOURS
    assert set(REFUSALS) | set(TEXTS) <= checked
    assert checked | TRACK_BEHAVIOURS <= set(rules())


# --- roads into the fake ----------------------------------------------------------------------------------


@given(st.text(min_size=1, max_size=30, alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_identifier_survives_the_road_through_a_path(identifier: str) -> None:
    SHARED.fake.afresh()
    if not identifier.startswith("cio_"):
        assert SHARED.identify(identifier).status == 200
        assert known_by(SHARED.people, identifier)


@pytest.mark.parametrize("identifier", ODD)
def test_an_encoded_identifier_is_one_segment_in_every_path(workspace: Tracker, identifier: str) -> None:
    inside = quote(identifier, safe="")
    assert workspace.identify(identifier).status == 200
    assert workspace.track(identifier, "visit").status == 200
    device = {"device": {"id": identifier, "platform": "ios"}}
    assert workspace.ask("PUT", f"/customers/{inside}/devices", device).status == 200
    assert known_by(workspace.people, identifier)
    (person,) = workspace.people.profiles
    assert [event["name"] for event in person.events] == ["visit"]
    assert list(person.devices) == [identifier]
    assert workspace.ask("DELETE", f"/customers/{inside}/devices/{inside}").status == 200
    assert person.devices == {}
    assert workspace.ask("POST", f"/customers/{inside}/suppress", {}).status == 200
    assert workspace.people.profiles == []


def test_every_identifier_survives_a_real_server() -> None:
    workspace = tracker()
    with Server(workspace.fake.app) as server:
        workspace.transport = HttpTransport(server.url)
        for identifier in ODD:
            if identifier != "..":  # An HTTP client takes two dots for a step upwards, encoded or not.
                assert workspace.identify(identifier).status == 200
                assert workspace.people.person(identifier) is not None
        assert len(workspace.people.profiles) == len(ODD) - 1


def test_a_real_server_hands_over_the_path_just_as_it_was_sent() -> None:
    workspace = tracker()
    with Server(workspace.fake.app) as server, socket.create_connection(("127.0.0.1", server.port)) as line:
        header = workspace_header()
        line.sendall(
            f"PUT /api/v1/customers/a%40b.co%2F1%252F+%C3%A9 HTTP/1.1\r\nHost: x\r\nAuthorization: {header}\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}".encode()
        )
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n{}\n")
    assert known_by(workspace.people, "a@b.co/1%2F+é")


def workspace_header() -> str:
    from tests.mock_sessionm.asking import basic
    from tests.mock_sessionm.tracking import PAIR

    return basic(PAIR["site_id"], PAIR["api_key"])


def test_the_short_way_and_flasks_way_answer_alike() -> None:
    short, long = tracker(), tracker()
    long.fake.app.before_request(lambda: None)
    told: list[list[tuple[int, bytes, list[str]]]] = []
    for workspace in (short, long):
        answers = [
            workspace.identify("ada", plan="gold"),
            workspace.identify("ada", id="bob"),
            workspace.track("ada", ""),
            workspace.ask("GET", "/accounts/region"),
            workspace.ask("GET", "/accounts/region", Authorization="Basic nobody"),
            workspace.ask("DELETE", "/customers/ada", {}),
            workspace.ask("POST", "/merge_customers", {"primary": {}, "secondary": {}}),
        ]
        told.append([(answer.status, answer.raw, answer.rules) for answer in answers])
        assert [answer.headers["content-type"] for answer in answers] == [RECORDED["content-type"]] * len(answers)
    assert told[0] == told[1]
