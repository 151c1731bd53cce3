from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from contracts.settings import SettingsError
from mock_sessionm import Clock
from mock_sessionm.partners.braze import workspace
from mock_sessionm.partners.braze.workspace import Workspace
from mock_sessionm.tenant import Tenant
from tests.mock_sessionm.asking import NOON, Asker
from tests.mock_sessionm.campaigning import ADA, BRAZE_KEY, braze, campaigning, tenant_file

POOL: Any = "braze.broadcasts-per-minute"


def made(choice: str = "calendar", **settings: Any) -> tuple[Tenant, Workspace]:
    choices = Choices({"braze-rate-window": choice})
    tenant = Tenant(tenant_file(braze=settings), clock=Clock(NOON, frozen=True), choices=choices)
    return tenant, tenant.workspace


def test_the_limits_are_those_of_brazes_pages_until_the_file_says_others() -> None:
    _, plain = made()
    assert (plain.limit(POOL), plain.limit("braze.requests-per-hour")) == (250, 250_000)
    _, own = made(rate_limits={"broadcasts_per_minute": 2, "requests_per_hour": 9})
    assert (own.limit(POOL), own.limit("braze.requests-per-hour")) == (2, 9)


@given(st.lists(st.integers(0, 30), max_size=40), st.sampled_from(["calendar", "first-call"]))
def test_no_window_ever_has_more_left_than_its_limit_nor_less_than_nothing(waits: list[int], choice: str) -> None:
    tenant, one = made(choice, rate_limits={"broadcasts_per_minute": 3})
    accepted: list[float] = []
    for wait in waits:
        tenant.clock.advance(wait)
        left = one.left(POOL)
        assert 0 <= left <= 3
        assert tenant.clock.now() < one.resets(POOL) <= tenant.clock.now() + 60
        if left:
            accepted.append(tenant.clock.now())
        one.count(POOL)
    if choice == "calendar":
        for minute in {at // 60 for at in accepted}:
            assert sum(at // 60 == minute for at in accepted) <= 3


def test_a_window_lasts_to_its_last_second() -> None:
    for choice, start in (("calendar", NOON), ("first-call", NOON + 50)):
        tenant, one = made(choice, rate_limits={"broadcasts_per_minute": 1})
        tenant.clock.set(NOON + 50)
        one.count(POOL)
        assert (one.left(POOL), one.resets(POOL)) == (0, start + 60)
        tenant.clock.set(start + 59.9)
        assert one.left(POOL) == 0
        tenant.clock.set(start + 60)
        assert one.left(POOL) == 1


def test_a_clock_that_is_set_back_begins_a_window_of_its_own() -> None:
    tenant, one = made(rate_limits={"broadcasts_per_minute": 1})
    one.count(POOL)
    tenant.clock.set(NOON - 3600)
    assert one.left(POOL) == 1


def test_a_key_without_permissions_has_all_of_its_edition() -> None:
    for edition, all_of_them in (
        ("document", {"trigger_send"}),
        ("current", {"campaigns.trigger.send", "canvas.trigger.send"}),
    ):
        _, one = made(
            edition=edition,
            keys=[{"name": "a", "api_key": "a-key"}, {"name": "b", "api_key": "b-key", "permissions": []}],
        )
        assert one.permissions(BRAZE_KEY) == one.permissions("a-key") == all_of_them
        assert one.permissions("b-key") == one.permissions("nobody's") == frozenset()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"campaigns": [{"id": "a"}], "canvases": [{"id": "a"}]}, "braze.canvases.a stands there twice"),
        ({"campaigns": [{"id": "a", "segment": "gold"}]}, "braze.campaigns.a.segment names none"),
        (
            {
                "segments": [
                    {
                        "name": "s",
                        "audience": {"AND": [{"custom_attribute": {"custom_attribute_name": "a", "comparison": "is"}}]},
                    }
                ]
            },
            "braze.segments.0.audience.AND.0.custom_attribute has a comparison that there is not",
        ),
        ({"campaigns": [{"id": "a", "state": "paused"}]}, "braze.campaigns.0.state"),
        ({"endpoint": "rest.iad-01.braze.com"}, "braze.endpoint"),
        ({"permissions": ["trigger.send"]}, "braze.permissions.0"),
    ],
)
def test_a_bad_workspace_is_one_line_that_names_its_place(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        tenant_file(braze=settings)
    assert says in str(caught.value)


# --- messages -----------------------------------------------------------------------------------------------


def rendering(message: str, **how: Any) -> Asker:
    return campaigning(braze={"campaigns": [{"id": "c", "name": "Campaign", "message": message}]}, **how)


def sent_to_ada(fake: Asker, **more: Any) -> dict[str, Any]:
    answer = braze(fake, "campaign", {"campaign_id": "c", "recipients": [{"external_user_id": ADA}], **more})
    assert answer.status == 201
    shown: dict[str, Any] = fake.admin("GET", "/messages").body["messages"][-1]
    return shown


def test_a_message_is_rendered_for_its_user_with_what_the_call_sent() -> None:
    source = "{{${first_name}}} {{${email_address}}} {{api_trigger_properties.${a}}} {{campaign.${name}}}"
    shown = sent_to_ada(rendering(source), trigger_properties={"a": 1})
    assert shown["text"] == "Ada ada@example.com 1 Campaign"
    assert (shown["campaign_id"], shown["external_user_id"], shown["properties"]) == ("c", ADA, {"a": 1})
    assert (shown["tenant"], shown["at"], shown["aborted"], shown["calls"]) == (
        "key",
        "2026-06-15T12:00:00.000Z",
        None,
        [],
    )


def test_a_canvas_reads_context_and_no_trigger_properties() -> None:
    source = "{{context.${a}}}|{{api_trigger_properties.${a}}}"
    fake = campaigning(braze={"canvases": [{"id": "j", "message": source}]})
    braze(fake, "canvas", {"canvas_id": "j", "context": {"a": 1}, "recipients": [{"external_user_id": ADA}]})
    (shown,) = fake.tenant.messages()
    assert (shown["canvas_id"], shown["text"]) == ("j", "1|")
    assert "campaign_id" not in shown


def test_a_message_that_aborts_is_kept_with_its_reason() -> None:
    shown = sent_to_ada(rendering("{% abort_message('nobody home') %}"))
    assert (shown["aborted"], shown["text"]) == ("nobody home", "")


def test_a_template_that_cannot_be_read_stops_the_message_and_not_the_call() -> None:
    shown = sent_to_ada(rendering("{% if %}"))
    assert shown["aborted"].startswith("the template cannot be rendered: ")
    assert "\n" not in shown["aborted"]


def test_connected_content_of_a_message_is_answered_by_the_same_fake() -> None:
    source = (
        "{% connected_content {{endpoint_core}}/priv/v1/apps/{{appkey_core}}/users/{{${user_id}}}"
        ' :headers {"Authorization": "Basic {{base64_encoded_string}}"} :save found %}'
        "{{found.user.first_name}}"
    )
    fake = rendering(source)
    shown = sent_to_ada(fake)
    assert shown["text"] == "Ada"
    assert [(call["method"], call["status"]) for call in shown["calls"]] == [("GET", 200)]
    assert [entry.vendor for entry in fake.world.journal.entries()] == ["sessionm", "braze"]
    assert "secret" not in repr(shown)


def test_only_the_latest_messages_are_kept_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "REMEMBERED", 2)
    fake = rendering("a")
    for _ in range(3):
        sent_to_ada(fake)
    answer = fake.admin("GET", "/messages").body
    assert (answer["dropped"], len(answer["messages"])) == (1, 2)


def test_messages_and_counted_calls_come_back_after_an_import() -> None:
    one, other = rendering("Hello {{${first_name}}}"), rendering("")
    sent_to_ada(one)
    assert other.admin("PUT", "/state", one.admin("GET", "/state").body).status == 200
    assert other.tenant.messages() == one.tenant.messages()
    assert other.tenant.workspace.left("braze.requests-per-hour") == 249_999
