from __future__ import annotations

import base64
from typing import Any

import pytest

from contracts import Request
from mock_sessionm import TenantSettings
from mock_sessionm.partners.braze import Person, Sent, TemplateError, Unsendable, WebhookCampaign
from scenarios.surroundings import Surroundings
from scenarios.webhook_run import OneHost, TagsArrived, WebhookReport, document, lines, send_campaign

ADA = "11111111-1111-1111-8111-111111111111"
SETTINGS = TenantSettings(users=({"id": ADA, "user": {"external_id": "ada"}},))
TAGS: dict[str, Any] = {
    "webhook": {
        "url": "{{endpoint_core}}/priv/v1/apps/{{appkey_core}}/users/{{${user_id}}}/tags",
        "headers": {"Content-Type": "application/json", "Authorization": " Basic YOUR-ENCODED-STRING-KEY"},
        "body": '{"tags": ["braze_test"], "ttl": 2592000}',
    }
}


def sent(document: dict[str, Any], *ids: str, **how: Any) -> WebhookReport:
    surroundings = how.pop("surroundings", None) or Surroundings.embedded(SETTINGS, seed=1, start=1_000.0)
    people = [Person({"user_id": id_}) for id_ in ids]
    return send_campaign(WebhookCampaign.of(document), people, surroundings, seed=1, **how)


def test_the_documents_own_message_arrives_with_its_tag_and_time_to_live() -> None:
    report = sent(TAGS, ADA)
    assert report.sent == (Sent(0, "received", 1, 200),)
    assert report.tags == (TagsArrived("braze_test", 1, 2_592_000, 2_592_000),)
    assert report.kept
    assert report.bound == ("endpoint_core", "appkey_core", "YOUR-ENCODED-STRING-KEY")


def test_the_placeholders_in_braces_work_as_the_documents_curl_line_has_them() -> None:
    webhook = {
        **TAGS["webhook"],
        "url": "{{endpoint_core}}/priv/v1/apps/{{apikey_core}}/users/{{${user_id}}}/tags",
        "headers": {"Content-Type": "application/json", "Authorization": "Basic {{base64_encoded_string}}"},
        "body": '{\n"tags":[\n"tagname1",\n"tagname2"\n],\n"ttl":20000\n}',
    }
    report = sent({"webhook": webhook}, ADA)
    assert report.tags == (TagsArrived("tagname1", 1, 20_000, 20_000), TagsArrived("tagname2", 1, 20_000, 20_000))


def test_a_user_whom_sessionm_does_not_know_makes_the_report_red_and_says_why() -> None:
    report = sent(TAGS, ADA, "ada")
    told = "\n".join(lines(report))
    assert not report.kept
    assert "failed         1  HTTP 404, user_not_found" in told
    assert "braze.webhook-user-id" in told


def test_a_refusal_under_200_is_received_and_red() -> None:
    report = sent({"webhook": {**TAGS["webhook"], "body": '{"tags": ["a"], "ttl": 0}'}}, ADA)
    assert [one.outcome for one in report.sent] == ["received"]
    assert not report.kept
    assert report.tags == ()
    assert "tags: none arrived" in list(lines(report))
    assert any("braze.webhook-status-only" in line for line in lines(report))


def test_a_tag_without_a_time_to_live_is_counted_and_noted() -> None:
    report = sent({"webhook": {**TAGS["webhook"], "body": '{"tags": ["a"]}'}}, ADA)
    assert report.tags == (TagsArrived("a", 1, None, None),)
    assert "tag a: 1 user, counted" in list(lines(report))
    assert any("braze.webhook-tag-ttl" in line for line in lines(report))


def test_time_passes_for_braze_and_not_for_us() -> None:
    said: list[float] = []
    report = sent(
        {**TAGS, "schedule": {"every": "1d", "times": 3, "re_eligible": True}},
        ADA,
        waiting=said.append,
    )
    assert report.waited == 2 * 86_400
    assert said == [86_400, 86_400]
    assert report.tags == (TagsArrived("braze_test", 1, 2_592_000, 2_592_000),)


def test_a_message_that_is_no_liquid_is_sent_to_nobody() -> None:
    surroundings = Surroundings.embedded(SETTINGS, seed=1, start=0.0)
    for part in ("url", "body"):
        with pytest.raises(TemplateError):
            sent({"webhook": {**TAGS["webhook"], part: "{% if %}"}}, ADA, surroundings=surroundings)
    with pytest.raises(TemplateError):
        sent({"webhook": {**TAGS["webhook"], "headers": {"X": "{{ a | nothing_such }}"}}}, ADA)
    journal = surroundings.ask("GET", "/requests/count")
    assert journal["count"] == 0 if "count" in journal else journal["total"] == 0


def test_a_message_to_another_host_is_not_sent_there() -> None:
    report = sent({"webhook": {"url": "https://api-real.ent-sessionm.com/x"}}, ADA)
    assert "say --url https://api-real.ent-sessionm.com" in report.sent[0].why
    with pytest.raises(Unsendable):
        OneHost(Surroundings.embedded(SETTINGS, seed=1, start=0.0).web, "http://a").fetch(
            "http://b", Request("GET", "/"), timeout=1
        )


def test_neither_report_holds_a_credential_or_an_id() -> None:
    report = sent(TAGS, ADA, "nobody-knows-me")
    pair = base64.b64encode(f"{SETTINGS.api_key}:{SETTINGS.api_secret}".encode()).decode()
    for told in ("\n".join(lines(report)), str(document(report, 1))):
        for secret in (SETTINGS.api_secret, pair, ADA, "nobody-knows-me"):
            assert secret not in told


def test_the_report_groups_those_who_fared_alike() -> None:
    report = WebhookReport(
        (
            Sent(0, "received", 1, 200),
            Sent(1, "received", 1, 200),
            Sent(2, "received", 3, 200),
            Sent(3, "failed", 6, 503, why="HTTP 503"),
            Sent(4, "aborted", why="not you"),
        ),
        5,
        (),
        0.0,
        (TagsArrived("a", 2, 10, 20),),
    )
    assert list(lines(report)) == [
        "received       2",
        "received       1  after 2 retries",
        "aborted        1  not you",
        "failed         1  after 5 retries; HTTP 503",
        "tag a: 2 users, for 10 to 20 s",
    ]
    assert document(report, 7)["counts"] == {"received": 3, "aborted": 1, "failed": 1}
