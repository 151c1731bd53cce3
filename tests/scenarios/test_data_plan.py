from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from contracts.settings import SettingsError
from scenarios.data_plan import DataPlan
from tests.forwarder.recorded import LAW, batches

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "data_plan.json"
PLAN = DataPlan.load(SHOP)


def found(**batch: Any) -> list[tuple[str, str, str | None]]:
    return [(one.pointer, one.kind, one.nearest) for one in PLAN.check(batch)]


def asked(name: str = "Size Asked", kind: str = "search", /, **attributes: Any) -> dict[str, Any]:
    data = {"event_name": name, "custom_event_type": kind, "custom_attributes": attributes}
    return {"event_type": "custom_event", "data": data}


GOOD: dict[str, Any] = {
    "user_attributes": {"FavoriteStore": "Boston", "ShoeSize": 42, "Newsletter": True},
    "user_identities": {"customer_id": "c-1", "email": "ada@example.com"},
    "events": [
        asked(size="42", store="Boston", width="wide"),
        {"event_type": "screen_view", "data": {"screen_name": "Catalogue", "custom_attributes": {"anything": 1}}},
        {"event_type": "screen_view", "data": {"screen_name": "Basket", "custom_attributes": {"pairs": 2}}},
        {
            "event_type": "commerce_event",
            "data": {"product_action": {"action": "purchase", "products": [{"id": "s-1", "price": 79.5}]}},
        },
        {"event_type": "session_start", "data": {}},
    ],
}


def test_a_batch_that_follows_the_plan_deviates_nowhere() -> None:
    assert found(**GOOD) == []


def test_text_that_stands_for_a_number_or_a_truth_value_follows_the_plan_as_on_mparticles_server() -> None:
    assert found(user_attributes={"ShoeSize": "42.5", "Newsletter": "false"}) == []
    assert found(user_attributes={"ShoeSize": "large", "Newsletter": "1"}) == [
        ("/user_attributes/Newsletter", "invalid_value", None),
        ("/user_attributes/ShoeSize", "invalid_value", None),
    ]


def test_a_miscased_attribute_is_unplanned_and_the_planned_one_is_named() -> None:
    assert found(user_attributes={"favoriteStore": "Boston"}) == [
        ("/user_attributes/favoriteStore", "unplanned", "FavoriteStore")
    ]


@pytest.mark.parametrize(
    ("event", "near"),
    [
        (asked("size asked", size="42", store="x"), "Size Asked"),
        (asked("Size Asked", "other", size="42", store="x"), "Size Asked"),
        (asked("Refund"), None),
        ({"event_type": "screen_view", "data": {"screen_name": "basket"}}, "Basket"),
        ({"event_type": "screen_view"}, None),
        ({"event_type": "custom_event", "data": {}}, None),
        ({"event_type": "commerce_event", "data": {"product_action": {"action": "refund"}}}, None),
        ({"event_type": "commerce_event", "data": {"product_action": "purchase"}}, None),
        ({"event_type": "commerce_event", "data": {"product_action": [1]}}, None),
        ({"event_type": "commerce_event", "data": None}, None),
    ],
)
def test_an_event_that_no_data_point_matches_is_unplanned(event: dict[str, Any], near: str | None) -> None:
    ((place, kind, nearest),) = found(events=[event])
    assert (place, kind) == ("/events/0", "unplanned")
    assert nearest == near


def test_each_required_attribute_that_is_missing_is_told_once() -> None:
    assert found(events=[asked(width="wide")]) == [
        ("/events/0/data/custom_attributes/size", "missing_required", None),
        ("/events/0/data/custom_attributes/store", "missing_required", None),
    ]


def test_an_event_without_its_required_attributes_misses_them_all_at_once() -> None:
    event = asked()
    del event["data"]["custom_attributes"]
    assert found(events=[event]) == [("/events/0/data/custom_attributes", "missing_required", None)]


def test_each_unplanned_attribute_is_told_once() -> None:
    places = [place for place, _, _ in found(events=[asked(size="42", store="x", Width="wide", **{"a/b": 1})])]
    assert places == ["/events/0/data/custom_attributes/Width", "/events/0/data/custom_attributes/a~1b"]


@pytest.mark.parametrize(("name", "value"), [("size", "4"), ("size", 42), ("width", "huge"), ("store", None)])
def test_a_value_that_the_plan_does_not_allow_is_told_without_the_value(name: str, value: Any) -> None:
    attributes = {"size": "42", "store": "x", name: value}
    ((place, kind, _),) = found(events=[asked(**attributes)])
    assert (place, kind) == (f"/events/0/data/custom_attributes/{name}", "invalid_value")
    (deviation,) = PLAN.check({"events": [asked(**{**attributes, "store": attributes["store"] and "geheim"})]})
    assert "geheim" not in deviation.detail


@pytest.mark.parametrize("spelling", ["customer_id", "customerid", "customer"])
def test_every_spelling_of_the_customer_id_is_the_planned_one(spelling: str) -> None:
    assert found(user_identities={spelling: "c-1"}) == []
    assert found(user_identities=[{"identity_type": spelling, "identity": "c-1"}]) == []


def test_an_unplanned_identity_is_told_where_it_stands_in_either_form() -> None:
    as_array = [{"identity_type": "customer_id", "identity": "c"}, {"identity_type": "a/b", "identity": "x"}]
    assert [place for place, _, _ in found(user_identities=as_array)] == ["/user_identities/1"]
    assert [place for place, _, _ in found(user_identities={"customer": "c", "a/b": "x"})] == ["/user_identities/a~1b"]


def test_products_of_a_purchase_are_looked_at() -> None:
    event = {
        "event_type": "commerce_event",
        "data": {"product_action": {"action": "purchase", "products": [{"id": 5, "sku": "x"}, {}]}},
    }
    parent = "/events/0/data/product_action/products"
    assert set(found(events=[event])) == {
        (f"{parent}/0/id", "invalid_value", None),
        (f"{parent}/0/sku", "unplanned", None),
        (f"{parent}/1/id", "missing_required", None),
    }


def test_a_plan_that_says_nothing_of_a_kind_finds_nothing_in_it() -> None:
    plan = DataPlan.of_points([])
    assert plan.check({"user_attributes": {"a": 1}, "user_identities": {"x": "y"}}) == []
    assert [one.kind for one in plan.check({"events": [asked()]})] == ["unplanned"]


@LAW
@given(batches)
def test_any_batch_that_is_taken_can_be_held_against_a_plan(body: dict[str, Any]) -> None:
    places = [one.pointer for one in PLAN.check(body)]
    assert all(place.split("/")[1] in {"events", "user_attributes", "user_identities"} for place in places)


# --- the file ---------------------------------------------------------------------------------------------


def load(folder: Path, document: Any) -> DataPlan:
    path = folder / "plan.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return DataPlan.load(path)


def point(definition: Any, **match: Any) -> dict[str, Any]:
    return {
        "match": {"type": "user_attributes", "criteria": {}, **match},
        "validator": {"type": "json_schema", "definition": definition},
    }


def document(*points: Any) -> dict[str, Any]:
    return {"version_document": {"data_points": list(points)}}


DEEP = json.dumps(document(point("here"))).replace('"here"', '{"not":' * 900 + "{}" + "}" * 900)


def test_of_several_versions_the_latest_holds(tmp_path: Path) -> None:
    versions = [
        {"version": 1, **document(point({"properties": {}, "additionalProperties": False}))},
        {"version": 10, **document(point({}))},
        {"version": 9, **document(point({"required": ["x"]}))},
    ]
    assert load(tmp_path, {"data_plan_versions": versions}).check({"user_attributes": {"a": 1}}) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a data plan"),
        ("7", "is not a data plan"),
        ("{}", "is not a data plan"),
        ({"data_plan_versions": [1]}, "is not a data plan"),
        ({"version_document": {"data_points": {}}}, ""),
        (document(7), "is not a data plan"),
        (document({"match": {}}), "is not a data plan"),
        (document(point({}, criteria=[1])), "is not a data plan"),
        (document(point({}, criteria="ab")), "is not a data plan"),
        (DEEP, "goes too deep"),
        (document(point("text")), "user_attributes"),
        (document(point({"type": "txt"})), "user_attributes"),
        (document(point({"properties": []})), "user_attributes"),
        (document(point({"properties": {"a": {"pattern": "("}}})), "user_attributes"),
        (document(point({"properties": {"a": {"$ref": "http://127.0.0.1:1/x"}}})), "user_attributes"),
        (document(point({"properties": {"a": {"$ref": "#/nowhere"}}})), "user_attributes"),
    ],
)
def test_what_is_no_plan_is_one_line_with_file_and_reason(tmp_path: Path, content: Any, said: str) -> None:
    if not said:
        assert load(tmp_path, content).check({"user_attributes": {"a": 1}}) == []
        return
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, content)
    line = str(caught.value)
    assert line.startswith(str(tmp_path / "plan.json"))
    assert said in line
    assert "\n" not in line


def test_a_plan_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        DataPlan.load(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="is not JSON"):
        DataPlan.load(tmp_path / "plan.json")
