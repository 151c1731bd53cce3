import re
from dataclasses import replace
from typing import Any

import jsonschema_rs
import orjson
import pytest

from contracts.register import marks
from mock_sessionm import documents
from tests.mock_sessionm.asking import SETTINGS, Asker, asker

STRICT = {"undefined-attribute": "refused", "miscased-attribute": "refused"}


def test_a_tenants_contract_has_its_key_its_names_and_all_marks() -> None:
    fake = asker(assume=STRICT)
    made = fake.admin("GET", "/openapi/sessionm.json?tenant=key").body
    parts = made["components"]
    events = parts["requestBodies"]["Events"]["content"]["application/json"]["schema"]["properties"]["events"]
    assert parts["parameters"]["ApiKey"]["schema"]["enum"] == ["key"]
    assert events["propertyNames"]["enum"] == ["purchase", "visit"]
    assert {"enum": ["FavoriteStore", "LoyaltyTier"]} in parts["schemas"]["CustomAttributes"]["propertyNames"]["allOf"]
    plain: Any = orjson.loads(documents.plain("sessionm"))
    assert sorted(map(str, marks(made))) == sorted(map(str, marks(plain)))


def test_the_contract_of_one_tenant_leaves_that_of_all_alone(fake: Asker) -> None:
    before = documents.plain("sessionm")
    documents.specialised(fake.tenant)
    assert documents.plain("sessionm") == before
    assert (
        "enum" not in fake.admin("GET", "/openapi/sessionm.json").body["components"]["parameters"]["ApiKey"]["schema"]
    )


def test_a_tenant_that_declares_nothing_has_nothing_narrowed(fake: Asker) -> None:
    made = fake.admin("POST", "/tenants", {"profile_attributes": {"names": []}, "events": {"defined": []}}).body
    document = fake.admin("GET", f"/openapi/sessionm.json?tenant={made['core']['api_key']}").body
    events = document["components"]["requestBodies"]["Events"]["content"]["application/json"]["schema"]
    assert "propertyNames" not in events["properties"]["events"]


@pytest.mark.parametrize(
    ("assume", "events", "attributes"),
    [
        ({}, True, False),
        (STRICT, True, True),
        ({"undefined-attribute": "refused"}, True, False),
        ({"undefined-event": "ignored"}, False, False),
        ({"undefined-event": "stored"}, False, False),
    ],
)
def test_names_are_listed_only_where_the_tenant_refuses_all_others(
    assume: dict[str, str], events: bool, attributes: bool
) -> None:
    """A tool that holds the fake against the contract would else be told of refusals that never come."""
    fake = asker(assume=assume)
    parts = documents.specialised(fake.tenant)["components"]
    event = parts["requestBodies"]["Events"]["content"]["application/json"]["schema"]["properties"]["events"]
    assert ("enum" in event.get("propertyNames", {})) is events
    assert any("enum" in one for one in parts["schemas"]["CustomAttributes"]["propertyNames"]["allOf"]) is attributes


def test_dates_of_birth_are_real_days_of_adults_on_the_tenants_clock(fake: Asker) -> None:
    fake.tenant.clock.set("2050-01-01")
    dob = documents.specialised(fake.tenant)["components"]["schemas"]["User"]["properties"]["dob"]
    pattern = re.compile(dob["pattern"])
    assert pattern.search("2031-12-28")
    assert not pattern.search("2032-01-01")
    assert not pattern.search("1999-02-29")


def test_a_specialised_contract_is_still_a_schema_that_can_be_used(fake: Asker) -> None:
    document = documents.specialised(fake.tenant)
    schema = {**document, "$ref": "#/components/requestBodies/Events/content/application~1json/schema"}
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid({"events": {"visit": 1}})
    assert not validator.is_valid({"events": {"other": 1}})


def test_every_vendors_contract_is_served_and_an_unknown_one_named(fake: Asker) -> None:
    for vendor in documents.vendors():
        assert fake.admin("GET", f"/openapi/{vendor}.json").body["openapi"].startswith("3.1")
    answer = fake.admin("GET", "/openapi/klaviyo.json")
    assert answer.status == 404
    assert "sessionm" in answer.body["error"]
    assert fake.admin("GET", "/openapi.json").body == fake.admin("GET", "/openapi/admin.json").body


def test_a_tenants_contract_has_its_retailer_everywhere_and_its_offers_where_others_are_refused() -> None:
    offers = {"offers": [{"id": "1a2b3324-1da6-4e49-b921-afc386dabb60"}]}
    retailer = "00000000-0000-4000-8000-00000000000a"
    settings = replace(
        SETTINGS, tables=offers, partners={"connect": {"key": "k", "secret": "s", "retailer_id": retailer}}
    )

    def body(path: str, **assume: str) -> Any:
        document = documents.specialised(asker(settings, assume=assume).tenant)
        found = document["paths"][f"/offers/api/2.0/offers/{path}"]["post"]["requestBody"]
        return found["content"]["application/json"]["schema"]["properties"]

    for path in ("get_user_offers", "acquisition/issue", "rewardstores/purchase_offer"):
        assert body(path)["retailer_id"]["enum"] == sorted([retailer.upper(), retailer])
    assert body("acquisition/issue")["offer_id"]["enum"] == ["1a2b3324-1da6-4e49-b921-afc386dabb60"]
    assert "enum" not in body("acquisition/issue", **{"unknown-offer": "fail-reason"})["offer_id"]
    plain = orjson.loads(documents.plain("sessionm"))
    document = documents.specialised(asker().tenant)
    assert document["paths"].keys() == plain["paths"].keys()
