from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices, rules
from mock_sessionm.partners.braze.webhook import METHODS, PORTS, Composed, Unsendable, Webhook, compose, guessed
from mock_sessionm.partners.webhooks_kept import WEBHOOK_BEHAVIOURS

CHOICES = Choices()


def composed(webhook: Webhook, **how: Any) -> Composed:
    return compose(webhook, lambda text: text, sender="0" * 40, choices=CHOICES, **how)


def test_an_address_is_taken_apart_into_origin_host_and_target() -> None:
    made = composed(Webhook("https://API.example.com/a%2Fb/c?d=e#f", "PUT", {"X": "y"}, "z"))
    assert (made.origin, made.host) == ("https://api.example.com", "api.example.com")
    assert (made.request.method, made.request.target, made.request.body) == ("PUT", "/a%2Fb/c?d=e", b"z")
    assert made.request.headers["X"] == "y"


def test_the_line_break_at_the_end_of_an_address_is_left_out() -> None:
    assert composed(Webhook(" https://api.example.com/a\n")).request.target == "/a"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "webhook.url is empty"),
        (" \n ", "webhook.url is empty"),
        ("https://api.example.com/a\nb", "line break"),
        ("https://api.example.com/a\x00b", "control character"),
        ("/priv/v1/apps", "is every placeholder in it bound"),
        ("ftp://api.example.com/", "no http or https address"),
        ("https://ada:secret@api.example.com/", "Authorization instead"),
        ("https://api.example.com:8080/", "port 8080; Braze calls only 80 and 443"),
        ("https://api.example.com:99999/", "no address"),
    ],
)
def test_an_address_that_cannot_be_called_is_one_line_without_what_stands_there(url: str, says: str) -> None:
    with pytest.raises(Unsendable) as found:
        composed(Webhook(url))
    assert says in str(found.value)
    assert "\n" not in str(found.value)
    assert "secret" not in str(found.value)


def test_an_address_that_is_allowed_may_have_any_port() -> None:
    url = "http://127.0.0.1:8600/x"
    assert composed(Webhook(url), allowed={"http://127.0.0.1:8600"}).origin == "http://127.0.0.1:8600"
    with pytest.raises(Unsendable):
        composed(Webhook(url), allowed={"http://127.0.0.1:8601"})


def test_an_at_sign_behind_the_host_is_no_credential() -> None:
    assert composed(Webhook("https://api.example.com/a@b?c=d@e")).request.target == "/a@b?c=d@e"


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\r\nX: y", "日本", "a\x00"])
def test_a_header_that_cannot_be_sent_is_named_and_not_shown(value: str) -> None:
    with pytest.raises(Unsendable) as found:
        composed(Webhook("https://api.example.com/", headers={"X-Key": value}))
    assert "webhook.headers.X-Key" in str(found.value)
    assert "日本" not in str(found.value)


def test_the_name_of_a_header_may_come_out_of_no_address_book() -> None:
    with pytest.raises(Unsendable, match="cannot be sent"):
        composed(Webhook("https://api.example.com/", headers={"X Key": "a"}))


def test_only_the_four_methods_are_sent() -> None:
    for method in rules()[METHODS].table["methods"]:
        assert composed(Webhook("https://api.example.com/", method)).request.method == method
    with pytest.raises(Unsendable, match="choose POST, GET, PUT, DELETE"):
        composed(Webhook("https://api.example.com/", "HEAD"))


def test_a_user_agent_of_the_message_stays() -> None:
    made = composed(Webhook("https://api.example.com/", headers={"user-agent": "mine"}))
    assert made.request.headers == {"user-agent": "mine"}


@pytest.mark.parametrize(
    ("body", "choice", "kind"),
    [
        ('{"a": 1}', "json-form-text", "application/json"),
        ("[1]", "json-text", "application/json"),
        ("a=1", "json-form-text", "application/x-www-form-urlencoded"),
        ("a=1&b=", "json-form-text", "application/x-www-form-urlencoded"),
        ("a=1&b", "json-form-text", "text/plain"),
        ("a=1", "json-text", "text/plain"),
        ("é", "json-form-text", "text/plain"),
    ],
)
def test_the_type_is_guessed_from_the_body(body: str, choice: str, kind: str) -> None:
    assert guessed(body.encode(), Choices({"webhook-content-type": choice})) == kind


@given(st.one_of(st.text(), st.text().map("https://api.example.com/".__add__)))
def test_whatever_an_address_renders_to_ends_in_a_call_or_in_one_line(text: str) -> None:
    made, why = None, ""
    try:
        made = composed(Webhook(text))
    except Unsendable as error:
        why = str(error)
    if made is None:
        assert len(why.splitlines()) == 1
    else:
        assert made.request.target.startswith("/")
        assert made.request.target.isascii()


def test_without_the_rule_about_ports_any_is_called() -> None:
    made = composed(Webhook("https://api.example.com:8080/"), behaviours=WEBHOOK_BEHAVIOURS - {PORTS})
    assert made.origin == "https://api.example.com:8080"
