from typing import Any

import pytest

from contracts.settings import SettingsError, checked
from mock_sessionm import TenantSettings
from mock_sessionm.catalogue import CULTURE, DEFAULT_CATEGORY, DEFAULT_GROUP, NONE, Catalogue, wrong_offers
from mock_sessionm.clock import LAST

COFFEE = "1a2b3324-1da6-4e49-b921-afc386dabb60"
TEA = "2b3c4435-2eb7-4f5a-8a32-b0d497ebcc71"
STORE = "6e4b2c1a-0d3f-4a5b-8c7d-9e0f1a2b3c4d"
SOLD = "bbbbbbbb-0000-4000-8000-000000000001"
JUNE = 1_780_272_000.0
"""2026-06-01 00:00:00 UTC."""


def catalogue(**tables: Any) -> Catalogue:
    checked(tables, "tenant.schema.yaml", "test")
    assert list(wrong_offers(tables)) == []
    return Catalogue.of(tables)


def offer(**fields: Any) -> Any:
    return catalogue(offers=[{"id": COFFEE, **fields}]).offers[COFFEE]


def test_an_offer_is_found_in_whatever_letters_its_id_comes_and_nothing_else_is() -> None:
    made = catalogue(offers=[{"id": COFFEE.upper()}])
    assert made.offer(COFFEE) is made.offer(COFFEE.upper()) is made.offers[COFFEE]
    assert made.offer(TEA) is None


def test_an_offer_of_which_little_is_said_has_what_every_offer_has() -> None:
    made = offer(name="coffee")
    assert (made.offer_type, made.name, made.title, made.description, made.terms) == (
        "manual_fulfillment",
        "coffee",
        "coffee",
        "",
        "",
    )
    assert (made.root_offer_id, made.group_id, made.media, made.logo) == (COFFEE, NONE, (), "")
    assert made.active
    assert not made.pending
    assert (made.inventory, made.per_user, made.points) == (None, None, 0)
    assert (made.redeem_from(5.0), made.expires(5.0)) == (5.0, None)
    assert offer(title="Coffee").name == "Coffee"


def test_texts_of_a_culture_leave_the_rest_as_it_is() -> None:
    made = offer(title="Coffee", terms="None", texts={"de-DE": {"title": "Kaffee"}, "fr-FR": {"terms": "Aucune"}})
    assert [(made.texts[name].title, made.texts[name].terms) for name in (CULTURE, "de-DE", "fr-FR")] == [
        ("Coffee", "None"),
        ("Kaffee", "None"),
        ("Coffee", "Aucune"),
    ]


@pytest.mark.parametrize(
    ("fields", "opens", "ends"),
    [
        ({}, JUNE, None),
        ({"opens_after": "1d"}, JUNE + 86_400, None),
        ({"redemption_start_date": "2026-06-03"}, JUNE + 2 * 86_400, None),
        ({"redemption_start_date": "2026-06-03", "opens_after": "3d"}, JUNE + 3 * 86_400, None),
        ({"redemption_start_date": "2026-05-03"}, JUNE, None),
        ({"expires_after": "1h30m"}, JUNE, JUNE + 5_400),
        ({"redemption_end_date": "2026-06-01T00:00:10Z"}, JUNE, JUNE + 10),
        ({"redemption_end_date": "2026-06-02", "expires_after": "1h"}, JUNE, JUNE + 3_600),
        ({"redemption_end_date": "2026-06-02", "expires_after": "2d"}, JUNE, JUNE + 86_400),
        ({"opens_after": "999999999w", "expires_after": "999999999w"}, LAST, LAST),
    ],
)
def test_the_later_beginning_and_the_earlier_end_hold(fields: dict[str, Any], opens: float, ends: float | None) -> None:
    made = offer(**fields)
    assert (made.redeem_from(JUNE), made.expires(JUNE)) == (opens, ends)


def test_the_newest_version_is_the_last_active_one_of_the_same_root() -> None:
    made = catalogue(
        offers=[
            {"id": COFFEE},
            {"id": TEA},
            {"id": SOLD, "root_offer_id": COFFEE.upper()},
            {"id": STORE, "root_offer_id": COFFEE, "active": False},
        ]
    )
    first, tea, second, third = made.offers.values()
    assert [made.newest(one) for one in (first, tea, second, third)] == [second, tea, second, second]
    alone = catalogue(offers=[{"id": COFFEE, "active": False}]).offers[COFFEE]
    assert catalogue(offers=[{"id": COFFEE, "active": False}]).newest(alone) is alone


def test_groups_and_categories_are_sorted_and_there_is_one_where_none_is_defined() -> None:
    plain = catalogue()
    assert (plain.groups, plain.categories) == ((DEFAULT_GROUP,), (DEFAULT_CATEGORY,))
    made = catalogue(
        offer_groups=[{"id": TEA, "name": "b", "sort_order": 2}, {"id": COFFEE, "name": "a", "sort_order": 1}],
        offer_categories=[{"id": TEA, "name": "c"}, {"id": COFFEE, "name": "d"}],
    )
    assert [(group["name"], group["sort_order"]) for group in made.groups] == [("a", 1), ("b", 2)]
    assert [(group["name"], group["sort_order"]) for group in made.categories] == [("c", 0), ("d", 1)]


def test_what_a_store_sells_is_on_sale_from_its_start_until_its_end() -> None:
    entry = {"id": SOLD.upper(), "offer_id": COFFEE, "price": 5}
    dated = {**entry, "start_date": "2026-06-01", "end_date": "2026-06-02"}
    sold = catalogue(offers=[{"id": COFFEE}], reward_stores=[{"id": STORE, "offers": [dated]}]).store_offer(SOLD)
    assert sold is not None
    assert [sold.on_sale(JUNE + by) for by in (-1, 0, 86_399, 86_400)] == [False, True, True, False]
    always = catalogue(offers=[{"id": COFFEE}], reward_stores=[{"id": STORE, "offers": [entry]}])
    found = always.store_offer(SOLD.upper())
    assert found is not None
    assert found.on_sale(0.0)
    assert always.store_offer(COFFEE) is None


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"offers": [{"id": COFFEE}, {"id": COFFEE.upper()}]}, "offers.1.id stands there twice"),
        ({"offers": [{"id": COFFEE, "redemption_end_date": "2026-02-31"}]}, "redemption_end_date is no day of the cal"),
        (
            {"users": [{"user": {"email": "a@b.c"}, "offers": [{"offer_id": TEA}]}]},
            "users.0.offers.0.offer_id names no",
        ),
        (
            {"reward_stores": [{"id": STORE, "offers": [{"id": SOLD, "offer_id": TEA, "price": 1}]}]},
            "reward_stores.0.offers.0.offer_id names no offer",
        ),
        (
            {
                "offers": [{"id": COFFEE}],
                "reward_stores": [
                    {"id": STORE, "offers": [{"id": SOLD, "offer_id": COFFEE, "price": 1, "end_date": "2026-04-31"}]}
                ],
            },
            "reward_stores.0.offers.0.end_date is no day",
        ),
        (
            {
                "offers": [{"id": COFFEE}],
                "users": [{"user": {"email": "a@b.c"}, "offers": [{"offer_id": COFFEE, "id": SOLD}] * 2}],
            },
            "users.0.offers.1.id stands there twice",
        ),
    ],
)
def test_what_no_schema_sees_is_said_in_one_line(tables: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told) as raised:
        TenantSettings.of(checked(tables, "tenant.schema.yaml", "tenant.toml"), "tenant.toml")
    assert str(raised.value).startswith("tenant.toml: ")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"offers": [{"id": "coffee"}]}, "offers.0.id has an unknown form; expected a GUID"),
        ({"offers": [{"id": COFFEE, "colour": "red"}]}, "offers.0.colour is not a setting"),
        ({"offers": [{"title": "Coffee"}]}, "missing required setting offers.0.id"),
        ({"offers": [{"id": COFFEE, "expires_after": "soon"}]}, "expected a period such as 30d"),
        ({"offers": [{"id": COFFEE, "acquisition_end_date": "2026-13-01"}]}, "expected a day such as"),
        ({"offers": [{"id": COFFEE, "texts": {"de": {}}}]}, "expected a culture such as de-DE"),
        ({"offers": [{"id": COFFEE, "per_user": -1}]}, "offers.0.per_user must be at least 0"),
        ({"offer_groups": [{"id": COFFEE}]}, "missing required setting offer_groups.0.name"),
        ({"reward_stores": [{"id": STORE, "offers": [{"id": SOLD, "offer_id": COFFEE}]}]}, "offers.0.price"),
    ],
)
def test_a_wrong_table_is_told_with_its_place(tables: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        checked(tables, "tenant.schema.yaml", "tenant.toml")
