"""What a person does not show is noticed all the same: moments, ids, quantities, kinds of phone, headers, tries."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contracts import Choices, Request
from contracts.transport import WsgiTransport
from forwarder import Delivery
from forwarder.destinations import sessionm
from mock_sessionm.customers import Customers
from scenarios.faults import faults
from scenarios.sessionm.journeys import journeys
from scenarios.verdict import Report
from tests.scenarios.experiments import run


def stories() -> Report:
    return run(scenarios=[*journeys(), *(fault for fault in faults(Choices()) if fault.id == "fault/408-1")])


def places(report: Report) -> set[str]:
    return {finding.pointer.rpartition("/")[2] for _, finding in report.findings}


def test_with_nothing_changed_there_is_nothing_to_find() -> None:
    assert stories().verdict == "kept"


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda event: event.pop(name, None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (without("date"), "date"),
        (lambda event: event.update(date="2026-01-01T00:00:00Z"), "date"),
        (without("transaction_id"), "transaction_id"),
        (lambda event: event.update(transaction_id="one for all"), "transaction_id"),
        (lambda event: event.update(qty=2), "qty"),
    ],
    ids=["no date", "one date for all", "no transaction", "one transaction for all", "two of each"],
)
def test_an_event_that_is_put_differently_is_found_out(
    change: Callable[[dict[str, Any]], None], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sessionm._event

    def changed(*arguments: Any) -> dict[str, Any]:
        event = whole(*arguments)
        change(event)
        return event

    monkeypatch.setattr(sessionm, "_event", changed)
    assert place in places(stories())


def test_an_mpid_of_another_type_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessionm, "MPID_TYPE", "number")
    assert "mpid" in places(stories())


def test_a_phone_of_another_kind_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Customers.write

    def write(self: Customers, customer: Any, user: Any) -> None:
        whole(self, customer, user)
        for phone in customer.fields.get("phone_numbers") or ():
            phone["phone_type"] = "home"

    monkeypatch.setattr(Customers, "write", write)
    assert "phones" in places(stories())


def test_a_consent_that_nobody_gave_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Customers.write

    def write(self: Customers, customer: Any, user: Any) -> None:
        whole(self, customer, user)
        customer.fields["opted_in"] = False

    monkeypatch.setattr(Customers, "write", write)
    assert "opted_in" in places(stories())


def test_a_body_that_does_not_say_it_is_json_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = WsgiTransport.send

    def send(self: WsgiTransport, request: Request) -> Any:
        return whole(self, replace(request, headers={**request.headers, "Content-Type": "text/plain"}))

    monkeypatch.setattr(WsgiTransport, "send", send)
    assert "header:content-type" in places(stories())


def test_tries_that_are_not_told_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Delivery._delivered
    monkeypatch.setattr(
        Delivery, "_delivered", lambda self, request, stopped: replace(whole(self, request, stopped), attempts=1)
    )
    assert "tries" in places(stories())


def test_a_customer_who_is_created_without_being_asked_for_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Delivery._try

    def twice(self: Delivery, request: Any, access: Any) -> Any:
        tried = whole(self, request, access)
        if tried.creating:
            self._sent(request, "POST", request.creates, access)
        return tried

    monkeypatch.setattr(Delivery, "_try", twice)
    found = {finding.rule for _, finding in stories().findings if "a creation" in finding.message}
    assert found == {"sessionm.create-or-update"}
