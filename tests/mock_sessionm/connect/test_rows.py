import pytest

from mock_sessionm.catalogue import NONE
from mock_sessionm.connect.rows import texts_in, user_offers, writer
from tests.mock_sessionm.asking import NOON
from tests.mock_sessionm.connect.selling import ADA, COFFEE, TEA, shop


@pytest.mark.parametrize(
    ("choice", "written"), [("iso-8601", "2026-06-15T12:00:00Z"), ("as-core", "2026-06-15 12:00:00")]
)
def test_a_moment_is_written_in_the_chosen_form_and_none_stays_none(choice: str, written: str) -> None:
    write = writer(shop({"connect-times": choice}).tenant)
    assert [write(NOON), write(NOON + 0.9), write(None)] == [written, written, None]
    assert write(1e15) in {"9999-12-31T23:59:59Z", "9999-12-31 23:59:59"}


@pytest.mark.parametrize(
    ("culture", "unknown", "told", "asked"),
    [
        ("de-DE", "english", "Tee", False),
        ("en-US", "language", "Tea", False),
        ("de-AT", "english", "Tea", True),
        ("de-AT", "language", "Tee", True),
        ("en-GB", "language", "Tea", False),
        ("it-IT", "language", "Tea", False),
        ("de", "english", "Tee", False),
    ],
)
def test_a_culture_has_its_texts_and_the_choice_is_asked_for_only_where_it_matters(
    culture: str, unknown: str, told: str, asked: bool
) -> None:
    tenant = shop({"culture-unknown": unknown}).tenant
    assert texts_in(tenant, tenant.catalogue.offers[TEA], culture)[1].title == told
    assert bool(tenant.used["culture-unknown"]) is asked


def test_media_have_an_id_of_their_own_that_stays_the_same() -> None:
    media = [{"uri": "https://example.com/1"}, {"uri": "https://example.com/2", "id": COFFEE.upper()}]
    tenant = shop(offers=[{"id": COFFEE, "media": media}]).tenant
    first, again = (user_offers(tenant, tenant.wallets.held(ADA), "en-US")[0]["media"] for _ in range(2))
    assert first == again
    assert (first[1]["id"], first[0]["category_id"]) == (COFFEE, NONE)
    assert first[0]["id"] not in {COFFEE, NONE}


def test_a_user_offer_whose_offer_is_not_defined_any_more_can_still_be_read() -> None:
    fake = shop()
    kept = fake.tenant.wallets.export()
    fake.tenant.wallets.restore([{**one, "offer_id": NONE} for one in kept])
    (row,) = user_offers(fake.tenant, fake.tenant.wallets.held(ADA), "en-US")
    assert (row["offer_id"], row["name"], row["media"]) == (NONE, "", [])
