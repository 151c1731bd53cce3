from typing import Any

import pytest

from tests.mock_sessionm.campaigning import ADA, Answering, behaviors, braze, campaigning, sent, tags, visit

OFFER = "1a2b3324-1da6-4e49-b921-afc386dabb60"


def campaign(*outcomes: dict[str, Any], **parts: Any) -> dict[str, Any]:
    settings = {"advanced_settings": {"braze_campaign_id": "welcome"}, "repeats": True}
    return {"id": "c", "trigger": {"event": "visit"}, "outcomes": list(outcomes), **settings, **parts}


BRAZE = {"campaigns": [{"id": "welcome"}]}
VARIANTS = [{"name": "Braze", "groups": ["offer", "points"]}]


def test_outcomes_are_told_in_the_order_of_the_file_with_messages_done_last() -> None:
    fake = campaigning(
        campaigns=[campaign({"message": "Braze"}, {"points": 5}, {"tag": "a"})], message_variants=VARIANTS, braze=BRAZE
    )
    told = behaviors(visit(fake))[0]["outcomes"]
    assert [one["type"] for one in told] == ["message", "points", "tag"]
    assert fake.tenant.messages()[0]["properties"]["point_award_amount"] == 5


def test_a_message_tells_of_the_offer_that_was_given_last() -> None:
    offers = [{"id": OFFER, "title": "First"}, {"id": OFFER.replace("1a", "2a"), "title": "Second"}]
    fake = campaigning(
        offers=offers,
        campaigns=[campaign(*({"offer": one["id"]} for one in offers), {"message": "Braze"})],
        message_variants=VARIANTS,
        braze=BRAZE,
    )
    visit(fake)
    assert fake.tenant.messages()[0]["properties"]["offer_title"] == "Second"
    assert "expiration_date" not in fake.tenant.messages()[0]["properties"]


def test_an_offer_that_cannot_be_given_is_told_as_not_applied_and_the_others_are() -> None:
    fake = campaigning(offers=[{"id": OFFER, "active": False}], campaigns=[campaign({"offer": OFFER}, {"tag": "a"})])
    assert [one["applied"] for one in behaviors(visit(fake))[0]["outcomes"]] == [False, True]
    assert tags(fake) == {"a": 1}


def test_points_name_the_campaign_they_come_from() -> None:
    fake = campaigning(campaigns=[campaign({"points": 5}, name="Visits")])
    visit(fake)
    entry = fake.tenant.books.log(ADA)[0]
    assert (entry.amount, entry.origin.source, entry.origin.reference_id) == (5, "Visits", "c")


def test_a_message_goes_with_the_key_of_its_variant() -> None:
    outside = Answering(lambda _number: 200)
    fake = campaigning(
        campaigns=[campaign({"message": "Braze"})],
        message_variants=[{"name": "Braze", "endpoint": "http://127.0.0.1:9/", "api_key": "variant-key"}],
        braze=BRAZE,
        outside=outside,
    )
    visit(fake)
    url, request = outside.asked[0]
    assert url == "http://127.0.0.1:9/campaigns/trigger/send"
    assert request.target == "/campaigns/trigger/send"
    assert request.headers["Authorization"] == "Bearer variant-key"


def test_no_credential_is_in_what_is_remembered() -> None:
    fake = campaigning(campaigns=[campaign({"message": "Braze"})], message_variants=VARIANTS, braze=BRAZE)
    visit(fake)
    for text in (repr(list(fake.tenant.outgoing)), repr(fake.admin("GET", "/state").body["tenants"][0]["stores"])):
        assert "workspace-key" not in text


@pytest.mark.parametrize("status", [200, 201, 299, 300, 404, 500])
def test_a_message_is_applied_where_the_receiver_took_it(status: int) -> None:
    fake = campaigning(
        campaigns=[campaign({"message": "Braze"})],
        message_variants=[{"name": "Braze", "endpoint": "http://127.0.0.1:9"}],
        outside=Answering(lambda _number: status),
    )
    assert behaviors(visit(fake))[0]["outcomes"][0]["applied"] is (status < 300)


def test_a_broadcast_of_an_event_leaves_for_each_event_and_one_of_a_time_once() -> None:
    everybody = [{"name": "All", "broadcast": True}]
    timed = campaign({"message": "All"}, id="t", trigger={"at": "2026-06-16T00:00:00Z"})
    fake = campaigning(campaigns=[campaign({"message": "All"}), timed], message_variants=everybody, braze=BRAZE)
    visit(fake)
    visit(fake, "bob")
    assert len(fake.tenant.outgoing) == 2
    fake.tenant.clock.advance("1d")
    fake.tenant.settle()
    assert [one.customer_id for one in fake.tenant.outgoing][2:] == [""]


def test_a_broadcast_flag_of_the_outcome_stands_over_that_of_the_variant() -> None:
    fake = campaigning(
        campaigns=[campaign({"message": "All", "broadcast": False})],
        message_variants=[{"name": "All", "broadcast": True}],
        braze=BRAZE,
    )
    visit(fake)
    assert sent(fake) == [ADA]


def test_what_the_workspace_refuses_is_in_the_journal_beside_the_event() -> None:
    fake = campaigning(campaigns=[campaign({"message": "Braze"})], message_variants=VARIANTS, braze={"campaigns": []})
    visit(fake)
    assert [(one.vendor, one.status) for one in fake.world.journal.entries()] == [("braze", 400), ("sessionm", 200)]
    assert braze(fake, "campaign", {"campaign_id": "welcome", "broadcast": True}).rules == ["braze.known-id"]
