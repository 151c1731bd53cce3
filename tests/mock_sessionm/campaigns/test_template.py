from typing import Any

import pytest

from contracts import rules
from mock_sessionm.campaigns.definition import Campaign, Variant
from mock_sessionm.campaigns.template import Awarded, Unsendable, call, door, fields_of, target_of
from tests.mock_sessionm.campaigning import ADA, BOB, campaigning

AT = "2026-06-15T12:00:00.000Z"
BOTH = {"braze_campaign_id": "welcome", "braze_canvas_id": "journey"}


def made(
    variant: dict[str, Any] | None = None,
    *,
    who: str | None = ADA,
    broadcast: bool = False,
    awarded: dict[str, Any] | None = None,
    settings: dict[str, str] | None = None,
    **how: Any,
) -> tuple[str, dict[str, Any]]:
    fake = campaigning(**how)
    campaign = Campaign(id="c", name="Visits", event="visit", advanced_settings=settings or BOTH, custom={"a": 1})
    customer = fake.tenant.customers.by_id(who) if who else None
    told = Awarded(at=AT, **(awarded or {}))
    return call(fake.tenant, Variant(name="v", **(variant or {})), campaign, customer, told, broadcast=broadcast)


@pytest.mark.parametrize(
    ("edition", "target", "settings", "wanted"),
    [
        ("document", None, BOTH, ("campaign", "welcome")),
        ("document", "canvas", BOTH, ("canvas", "welcome")),
        ("current", None, BOTH, ("campaign", "welcome")),
        ("current", "canvas", BOTH, ("canvas", "journey")),
        ("current", None, {"braze_canvas_id": "journey"}, ("canvas", "journey")),
        ("current", None, {"braze_campaign_id": "welcome"}, ("campaign", "welcome")),
    ],
)
def test_the_edition_the_template_and_the_settings_choose_the_endpoint(
    edition: str, target: Any, settings: dict[str, str], wanted: tuple[str, str]
) -> None:
    campaign = Campaign(id="c", name="c", advanced_settings=settings)
    assert target_of(Variant(name="v", target=target), campaign, edition) == wanted


@pytest.mark.parametrize(
    ("edition", "target", "settings", "missing"),
    [
        ("document", None, {}, "braze_campaign_id"),
        ("document", "canvas", {"braze_canvas_id": "journey"}, "braze_campaign_id"),
        ("current", "canvas", {"braze_campaign_id": "welcome"}, "braze_canvas_id"),
        ("current", "campaign", {"braze_canvas_id": "journey"}, "braze_campaign_id"),
        ("current", None, {}, "braze_campaign_id"),
    ],
)
def test_a_setting_that_is_missing_is_named(edition: str, target: Any, settings: dict[str, str], missing: str) -> None:
    campaign = Campaign(id="c", name="c", advanced_settings=settings)
    with pytest.raises(Unsendable, match=missing):
        target_of(Variant(name="v", target=target), campaign, edition)


def test_a_body_has_one_id_the_flag_and_the_customer() -> None:
    assert made() == (
        "/campaigns/trigger/send",
        {
            "campaign_id": "welcome",
            "broadcast": False,
            "recipients": [{"external_user_id": ADA, "attributes": {"email": "ada@example.com"}}],
        },
    )


def test_a_broadcast_names_nobody_and_carries_nobodys_email() -> None:
    path, body = made(who=None, broadcast=True, assume={"message-email": "properties"})
    assert (path, body) == ("/campaigns/trigger/send", {"campaign_id": "welcome", "broadcast": True})
    _, of_somebody = made(broadcast=True, assume={"message-email": "properties"})
    assert of_somebody == body


@pytest.mark.parametrize("who", [ADA, BOB])
def test_who_may_be_created_comes_with_attributes_even_if_there_are_none(who: str) -> None:
    _, body = made({"existing_only": False}, who=who)
    recipient = body["recipients"][0]
    assert recipient["send_to_existing_only"] is False
    assert recipient["attributes"] == ({"email": "ada@example.com"} if who == ADA else {})


def test_a_variant_chooses_where_the_email_travels_whatever_is_assumed() -> None:
    _, body = made({"email": "recipient"}, assume={"message-email": "none"})
    assert body["recipients"] == [
        {"email": "ada@example.com", "prioritization": ["identified", "most_recently_updated"]}
    ]
    with pytest.raises(Unsendable, match="no email"):
        made({"email": "recipient"}, who=BOB)


def test_an_email_of_nobodys_is_no_field() -> None:
    assert "trigger_properties" not in made({"email": "properties"}, who=BOB)[1]
    assert made({"email": "properties"})[1]["trigger_properties"] == {"email": "ada@example.com"}


def test_groups_travel_only_where_the_template_has_them_and_something_fills_them() -> None:
    awarded = {"offers": ({"offer_id": "o"},), "points": ({"point_award_amount": 5},), "event": "visit"}
    assert "trigger_properties" not in made(awarded=awarded)[1]
    for group, name in (("offer", "offer_id"), ("points", "point_award_amount"), ("event", "event_name")):
        assert list(made({"groups": (group,)}, awarded=awarded)[1]["trigger_properties"]) == [name]
        assert "trigger_properties" not in made({"groups": (group,)})[1]


def test_the_campaign_tells_four_things_of_itself() -> None:
    _, body = made({"groups": ("campaign",)})
    assert body["trigger_properties"] == {
        "campaign_runtime": AT,
        "campaign_id": "c",
        "campaign_name": "Visits",
        "campaign_custom_data": {"a": 1},
    }


def test_a_name_of_the_event_never_hides_a_field_of_another_group() -> None:
    awarded = {"event": "visit", "context": {"campaign_id": "of the event", "store": "Boston"}}
    _, body = made({"groups": ("campaign", "event")}, awarded=awarded)
    assert (body["trigger_properties"]["campaign_id"], body["trigger_properties"]["store"]) == ("c", "Boston")


def test_a_name_of_the_templates_own_stands_over_that_of_the_document() -> None:
    variant = {"groups": ("campaign",), "keys": {"campaign_name": "name"}}
    _, body = made(variant, assume={"property-names": "as-written"})
    assert set(body["trigger_properties"]) == {"Campaign runtime", "campaign id", "name", "campaign custom data"}


@pytest.mark.parametrize("name", ["context", "canvas_entry_properties", "trigger_properties"])
def test_a_canvas_gets_the_fields_where_the_template_puts_them(name: str) -> None:
    variant = {"target": "canvas", "groups": ("campaign",)}
    assert name in made({**variant, "canvas_properties": name})[1]
    assert name in made(variant, assume={"canvas-properties": name})[1]


def test_every_field_of_the_document_has_a_name_that_a_template_can_read() -> None:
    for group in ("offer", "points", "event", "campaign"):
        words = rules()[f"sessionm.message-{group}-group"].table["fields"]
        assert list(fields_of(group).values()) == words
        assert all(name.isidentifier() and name.islower() for name in fields_of(group))


def test_a_template_that_is_not_there_sends_nothing() -> None:
    fake = campaigning()
    campaign = Campaign(id="c", name="c", advanced_settings=BOTH)
    with pytest.raises(Unsendable, match="no messaging variant"):
        call(fake.tenant, None, campaign, None, Awarded(at=AT), broadcast=True)


def test_a_template_calls_its_own_address_else_that_of_the_workspace() -> None:
    fake = campaigning(braze={"endpoint": "https://rest.fra-02.braze.eu/"})
    assert door(fake.tenant, Variant(name="v")) == ("https://rest.fra-02.braze.eu", "workspace-key")
    own = Variant(name="v", endpoint="http://127.0.0.1:9/", api_key="own")
    assert door(fake.tenant, own) == ("http://127.0.0.1:9", "own")
