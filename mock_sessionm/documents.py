"""A vendor's contract as one tenant would have it: its key, its names, and dates of birth that make an adult.

A tool that makes up requests from a contract can only be right about names and ages if the contract has them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from contracts.register import SCHEMA_FILES, openapi
from contracts.validation import operations

from .tenant import Tenant

ADULT = 18
OLDEST = 1920


@cache
def plain(vendor: str) -> bytes:
    """A vendor's OpenAPI document as JSON. Raises `KeyError` for an unknown vendor."""
    return orjson.dumps(dict(openapi(vendor)))


def vendors() -> list[str]:
    return list(SCHEMA_FILES)


def specialised(tenant: Tenant) -> dict[str, Any]:
    """SessionM's contract, narrowed to what is set up in a tenant.

    Defined names are listed where the tenant refuses all others; where it takes them, the contract must, too.
    """
    document: dict[str, Any] = orjson.loads(plain("sessionm"))
    parts = document["components"]
    parts["parameters"]["ApiKey"]["schema"] = {"type": "string", "enum": [tenant.api_key]}
    refused = {name for name in ("event", "attribute") if tenant.choices[f"undefined-{name}"] == "refused"}
    if "event" in refused and tenant.settings.events:
        events = parts["requestBodies"]["Events"]["content"]["application/json"]["schema"]["properties"]["events"]
        events["propertyNames"] = {"enum": list(tenant.settings.events)}
    # With one in another casing not refused, a list of the defined names would forbid too much.
    if "attribute" in refused and tenant.choices["miscased-attribute"] == "refused" and tenant.settings.attributes:
        parts["schemas"]["CustomAttributes"]["propertyNames"]["allOf"].append(
            {"enum": list(tenant.settings.attributes)}
        )
    parts["schemas"]["User"]["properties"]["dob"] = {"type": "string", "pattern": _adult(tenant)}
    retailer = tenant.settings.partners["connect"]["retailer_id"]
    _narrow(document, "retailer_id", {"type": "string", "enum": sorted({retailer.lower(), retailer.upper()})})
    if tenant.choices["unknown-offer"] == "refused" and tenant.catalogue.offers:
        issue = document["paths"][operations("sessionm")["issueOffer"][1]]
        _narrow(issue, "offer_id", {"type": "string", "enum": list(tenant.catalogue.offers)})
    return document


def _narrow(part: Any, name: str, schema: dict[str, Any]) -> None:
    """Put a schema in place of that of each property of a name, wherever it stands below."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    if isinstance(part, dict) and name in part.get("properties", ()):
        part["properties"][name] = schema
    for one in inner:
        _narrow(one, name, schema)


def _adult(tenant: Tenant) -> str:
    """A pattern for days that exist in every year and lie at least `ADULT` years back on the tenant's clock."""
    last = datetime.fromtimestamp(tenant.clock.now(), UTC).year - ADULT - 1
    years = "|".join(str(year) for year in range(min(OLDEST, last), last + 1))
    return f"^({years})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"
