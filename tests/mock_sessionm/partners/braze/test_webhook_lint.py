from __future__ import annotations

import pytest

from contracts import rules
from mock_sessionm.partners.braze.webhook import Webhook
from mock_sessionm.partners.braze.webhook_lint import webhook_notes

TYPED = {"Content-Type": "application/json"}


def notes(url: str = "https://a.example/", headers: dict[str, str] | None = None, body: str = "") -> list[str]:
    return [note.rule for note in webhook_notes(Webhook(url, "POST", headers or {}, body))]


def test_the_documents_own_message_has_one_thing_to_say() -> None:
    url = "{{endpoint_core}}/priv/v1/apps/{{appkey_core}}/users/{{${user_id}}}/tags"
    headers = {**TYPED, "Authorization": " Basic YOUR-ENCODED-STRING-KEY"}
    assert notes(url, headers, '{"tags": ["a"], "ttl": 1}') == ["braze.webhook-header-space"]


@pytest.mark.parametrize(
    "read",
    [
        "{{${email_address}}}",
        "{{ ${first_name} }}",
        "{{${first_name} | default: 'x'}}",
        "{{custom_attribute.${city}}}",
        "a {{ x }} b {{${phone_number}}}",
    ],
)
def test_what_more_than_the_id_is_sent_is_named(read: str) -> None:
    (note,) = webhook_notes(Webhook("https://a.example/", "POST", TYPED, read))
    assert note.rule == "braze.webhook-no-personal-data"
    assert note.pointer == "/webhook/body"


@pytest.mark.parametrize("read", ["{{${user_id}}}", "{{ ${braze_id} }}", "{% if ${first_name} %}a{% endif %}", "${x}"])
def test_the_id_and_what_is_only_asked_about_is_not(read: str) -> None:
    assert notes(body=read, headers=TYPED) == []


def test_no_note_holds_the_value_of_a_header() -> None:
    told = webhook_notes(Webhook("https://a.example/", "POST", {"Authorization": " Basic c2VjcmV0"}, "x"))
    assert {note.rule for note in told} == {"braze.webhook-header-space", "braze.webhook-content-type-given"}
    assert "c2VjcmV0" not in str(told)


def test_every_note_is_about_a_rule_of_the_register() -> None:
    told = webhook_notes(Webhook("{{${a}}}", "POST", {"X": " y"}, '{"tags": []}'))
    assert {note.rule for note in told} <= set(rules())
    assert len(told) == 4
