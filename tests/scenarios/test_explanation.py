from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forwarder import Batch, Connection
from forwarder.points import points
from mock_sessionm import TenantSettings
from scenarios.data_plan import DataPlan
from scenarios.explanation import Explanation, explain
from tests.forwarder.recorded import connected

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "data_plan.json"
TENANT = TenantSettings(attributes=("FavoriteStore", "LoyaltyTier"), events=("purchase",))


def explained(tenant: TenantSettings | None = TENANT, assume: dict[str, str] | None = None, **body: Any) -> Explanation:
    batch = Batch.from_json({"mpid": 7, "user_identities": {"customer_id": "c"}, **body})
    return explain(batch, connected(assume=assume), tenant=tenant)


def lands(made: Explanation) -> dict[str, tuple[bool, str | None, str | None]]:
    return {place: (one.kept, one.rule, one.nearest) for place, one in made.landings.items()}


def custom(name: str, **attributes: Any) -> dict[str, Any]:
    data = {"event_name": name, "custom_event_type": "other", "custom_attributes": attributes}
    return {"event_type": "custom_event", "data": data}


def test_fates_come_in_the_order_of_the_batch() -> None:
    body: dict[str, Any] = {"user_attributes": {"b": 1, "---": 2, "a": 3}, "events": [custom("x", z=1, y=2)]}
    made = explained(**body)
    assert [fate.point for fate in made.plan.fates] == list(points(made.batch.body))


def test_without_a_tenant_nobody_is_asked_where_things_land() -> None:
    made = explained(tenant=None)
    assert made.landings == {}
    assert all("lands" not in fate for fate in made.to_json()["fates"])


def test_every_point_that_is_sent_lands_somewhere_and_no_other() -> None:
    made = explained(user_attributes={"a b": 1, "---": 2}, events=[custom("purchase", size="L")])
    assert set(made.landings) == {fate.point for fate in made.plan.fates if fate.fate == "sent"}
    assert all(one.kept for one in made.landings.values())


def test_a_miscased_attribute_is_not_kept_and_the_defined_one_is_named() -> None:
    made = lands(explained(user_attributes={"favoriteStore": "x", "ShoeSize": 9, "$FirstName": "Ada"}))
    assert made["/user_attributes/favoriteStore"] == (False, "sessionm.miscased-attribute", "FavoriteStore")
    assert made["/user_attributes/ShoeSize"] == (True, None, None)
    assert made["/user_attributes/$FirstName"] == (True, None, None)


def test_an_event_that_is_not_defined_is_refused_with_all_its_attributes_and_the_others_land() -> None:
    made = lands(explained(events=[custom("Purchase", size="L"), custom("purchase", size="L")]))
    for place in ("/events/0", "/events/0/data/custom_attributes/size"):
        assert made[place] == (False, "sessionm.undefined-event", "purchase")
    for place in ("/events/1", "/events/1/data/custom_attributes/size"):
        assert made[place] == (True, None, None)


def test_an_event_that_is_passed_over_in_silence_is_not_kept_with_its_attributes() -> None:
    made = lands(explained(assume={"undefined-event": "ignored"}, events=[custom("Purchase", size="L")]))
    assert made["/events/0"] == (False, "sessionm.undefined-event", "purchase")
    assert made["/events/0/data/custom_attributes/size"] == (False, "sessionm.undefined-event", "purchase")


def test_what_does_not_fit_into_a_full_profile_is_not_kept() -> None:
    tenant = TenantSettings(attributes=tuple(f"Defined{index}" for index in range(199)))
    made = lands(explained(tenant=tenant, user_attributes={"Defined0": 1, "one": 1, "two": 2}))
    assert made["/user_attributes/Defined0"] == (True, None, None)
    assert made["/user_attributes/one"] == (True, None, None)
    assert made["/user_attributes/two"] == (False, "sessionm.profile-attributes-max", None)


def test_where_the_vendor_refuses_the_customer_nothing_of_the_batch_is_kept() -> None:
    made = explained(
        assume={"miscased-attribute": "refused"},
        user_attributes={"favoritestore": "x", "LoyaltyTier": "gold"},
        events=[custom("purchase")],
    )
    assert not any(one.kept for one in made.landings.values())
    assert lands(made)["/user_attributes/LoyaltyTier"][1] == "sessionm.miscased-attribute"


def test_a_name_that_stands_in_the_profile_and_among_the_fields_is_looked_for_in_its_own_place() -> None:
    """`city` is a custom attribute, `$City` the field of that name."""
    tenant = TenantSettings(attributes=("City",))
    made = lands(explained(tenant=tenant, user_attributes={"city": "x", "$City": "Boston"}))
    assert made["/user_attributes/city"] == (False, "sessionm.miscased-attribute", "City")
    assert made["/user_attributes/$City"] == (True, None, None)


def test_what_was_there_before_does_not_hide_that_a_miscased_value_is_not_kept() -> None:
    known = {"user": {"external_id": "7", "user_profile": {"favoriteStore": "Boston"}}}
    tenant = TenantSettings(attributes=("FavoriteStore",), users=(known,))
    made = lands(explained(tenant=tenant, user_attributes={"favoriteStore": "Quincy"}))
    assert made["/user_attributes/favoriteStore"] == (False, "sessionm.miscased-attribute", "FavoriteStore")


def test_deviations_from_a_data_plan_stand_beside_the_fates() -> None:
    batch = Batch.from_json({"mpid": 7, "user_attributes": {"favoriteStore": "x"}})
    made = explain(batch, connected(), data_plan=DataPlan.load(SHOP)).to_json()
    assert [(one["pointer"], one["kind"], one["nearest"]) for one in made["deviations"]] == [
        ("/user_attributes/favoriteStore", "unplanned", "FavoriteStore")
    ]
    assert "deviations" not in explain(batch, connected()).to_json()


def test_warnings_stand_in_the_json_where_there_are_any() -> None:
    batch = Batch.from_json({})
    assert explain(batch, connected(), warnings=("a",)).to_json()["warnings"] == ["a"]
    assert "warnings" not in explain(batch, connected()).to_json()


@pytest.mark.parametrize("name", ["a/b~c", "caf\u00e9", "\x00", "\U0001f600x"])
def test_odd_names_are_found_where_they_land(name: str) -> None:
    made = explained(user_attributes={name: 1, "favoritestore": 2}, events=[custom("purchase", **{name: 1})])
    sent = {fate.point for fate in made.plan.fates if fate.fate == "sent"}
    assert {place for place, one in made.landings.items() if not one.kept} == {"/user_attributes/favoritestore"}
    assert set(made.landings) == sent


def explained_to(destination: str, **body: Any) -> Explanation:
    batch = Batch.from_json({"mpid": 7, "user_identities": {"customer_id": "c", "email": "ada@example.com"}, **body})
    assume = {"customerio-oversized-value": "sent"}
    return explain(batch, Connection.default(assume, destination), tenant=TenantSettings())


def test_what_customer_io_refuses_is_not_kept_and_the_events_of_the_user_are() -> None:
    made = explained_to("customerio", user_attributes={"long": "x" * 1001}, events=[custom("visit", size="L")])
    landed = lands(made)
    assert landed["/user_attributes/long"] == (False, "customerio.attribute-value-max", None)
    assert landed["/user_identities/email"][0] is False
    assert landed["/events/0/data/custom_attributes/size"] == (True, None, None)
    assert "/mpid" not in landed
    assert made.kept_by == "Customer.io"


def test_what_mparticle_leaves_out_is_not_kept_and_its_namesake_elsewhere_is() -> None:
    made = explained_to("mparticle", user_attributes={"a/b": "x" * 5000}, events=[custom("visit", **{"a/b": "y"})])
    landed = lands(made)
    assert landed["/user_attributes/a~1b"][:2] == (False, "mparticle.user-attribute-value-max")
    assert landed["/events/0/data/custom_attributes/a~1b"] == (True, None, None)
    assert landed["/mpid"] == (True, None, None)
