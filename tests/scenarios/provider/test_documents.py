"""Contracts are looked through before anything is tried, and narrowed to what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.provider import VENDORS, Unusable, document_from
from scenarios.provider.documents import document_of, linked_in, narrowed, sound
from scenarios.provider.inhabitants import CAMPAIGN, PEOPLE, SEGMENT


def written(folder: Path, text: str) -> Path:
    file = folder / "api.yaml"
    file.write_text(text, encoding="utf-8")
    return file


BROKEN = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /users:
    get:
      operationId: list
      responses:
        '200': {$ref: '#/components/responses/Peoples'}
components:
  responses:
    People: {description: everybody}
"""


def test_a_broken_ref_is_one_line_with_file_ref_place_and_the_nearest_name(tmp_path: Path) -> None:
    file = written(tmp_path, BROKEN)
    with pytest.raises(Unusable) as told:
        document_from("braze", file)
    line = str(told.value)
    assert "\n" not in line
    for part in (f"braze={file}", "#/components/responses/Peoples", "/paths/~1users/get", "People?"):
        assert part in line


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "neither YAML nor JSON at line"),
        ("[]", "no OpenAPI document"),
        ("openapi: 3.1.0", "needs openapi and paths"),
        (BROKEN.replace("#/components/responses/Peoples", "other.yaml#/People"), "leads out of the document"),
    ],
)
def test_what_is_no_contract_is_one_line_too(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Unusable, match=says) as told:
        document_from("braze", written(tmp_path, text))
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="No such file"):
        document_from("braze", tmp_path / "none.yaml")


@pytest.mark.parametrize("vendor", VENDORS)
def test_our_own_contracts_are_sound_narrowed_or_not(vendor: str) -> None:
    sound(document_of(vendor), vendor)
    sound(narrowed(document_of(vendor)), vendor)


@given(st.recursive(st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=3), st.lists))
def test_a_document_without_refs_has_no_broken_ones(part: Any) -> None:
    sound({"paths": {}, "x": part} if "$ref" not in str(part) else {}, "x")


def test_a_narrowed_contract_asks_for_people_who_are_there_and_leaves_answers_alone() -> None:
    whole = narrowed(document_of("sessionm"))
    assert whole["components"]["parameters"]["UserId"]["schema"]["enum"] == list(PEOPLE)
    assert whole["components"]["schemas"]["UserOffer"] == document_of("sessionm")["components"]["schemas"]["UserOffer"]
    braze = narrowed(document_of("braze"))["components"]["schemas"]["CampaignTrigger"]["properties"]
    assert braze["campaign_id"]["enum"] == [CAMPAIGN]
    segment = narrowed(document_of("customerio"))["paths"]["/api/v1/segments/{segment_id}/add_customers"]
    assert segment["parameters"][0]["schema"] == {"type": "integer", "enum": [SEGMENT]}


def test_sequences_lead_through_every_contract_in_which_something_is_made() -> None:
    led_to = {vendor: linked_in(document_of(vendor)) for vendor in VENDORS}
    assert {"updateUser", "manualRedeem", "unlockOffer", "reinstateOffer", "depositPoints"} <= led_to["sessionm"]
    assert {"trackEvent", "deleteDevice", "unsuppressPerson"} <= led_to["customerio"]
    assert led_to["mparticle"] == {"postBatch"}
    assert led_to["braze"] == set()  # nothing that Braze answers can be asked for
