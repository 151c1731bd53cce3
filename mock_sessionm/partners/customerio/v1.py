"""The Track API's first version: what each call asks the workspace to do."""

from __future__ import annotations

from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.check import known_tenant
from mock_sessionm.surface import View

from .checks import HOSTS, region_of
from .people import People

DONE: dict[str, Any] = {}
"""What every call answers but that for the region: it was taken, and no more is said."""
ENVIRONMENT = 1
"""The number of the workspace, where the tenant file gives none."""


def people_of(call: Call) -> People:
    """The workspace of a call."""
    return known_tenant(call).track


def named(call: Call) -> dict[str, str]:
    """Whom the path names."""
    return people_of(call).named(call.arguments["identifier"])


def identify(call: Call) -> dict[str, Any]:
    people_of(call).identify(named(call), call.body)
    return DONE


def delete(call: Call) -> dict[str, Any]:
    people_of(call).delete(named(call))
    return DONE


def track(call: Call) -> dict[str, Any]:
    people_of(call).track(named(call), call.body)
    return DONE


def track_anonymous(call: Call) -> dict[str, Any]:
    people_of(call).track_anonymous(call.body)
    return DONE


def suppress(call: Call) -> dict[str, Any]:
    people_of(call).suppress(named(call))
    return DONE


def unsuppress(call: Call) -> dict[str, Any]:
    people_of(call).unsuppress(named(call))
    return DONE


def add_device(call: Call) -> dict[str, Any]:
    people_of(call).add_device(named(call), call.body["device"])
    return DONE


def delete_device(call: Call) -> dict[str, Any]:
    people_of(call).delete_device(named(call), call.arguments["device_id"])
    return DONE


def merge(call: Call) -> dict[str, Any]:
    people_of(call).merge(call.body["primary"], call.body["secondary"])
    return DONE


def add_to_segment(call: Call) -> dict[str, Any]:
    people_of(call).add_to_segment(int(call.arguments["segment_id"]), _kind(call), call.body["ids"])
    return DONE


def remove_from_segment(call: Call) -> dict[str, Any]:
    people_of(call).remove_from_segment(int(call.arguments["segment_id"]), _kind(call), call.body["ids"])
    return DONE


def find_region(call: Call) -> dict[str, Any]:
    """Where the workspace is (source: customerio-track-api#region)."""
    region = region_of(call) if people_of(call).has("region-told") else "us"
    environment = people_of(call).settings.get("environment_id", ENVIRONMENT)
    return {"url": f"https://{HOSTS[region]}", "region": region, "environment_id": environment}


def _kind(call: Call) -> str:
    """By which kind of identifier a call names people; by id where it does not say."""
    asked = dict(call.query).get("id_type", "id")
    return asked if people_of(call).has("segment-id-type") else "id"


VIEWS: dict[str, View] = {
    "identifyPerson": identify,
    "deletePerson": delete,
    "trackEvent": track,
    "trackAnonymousEvent": track_anonymous,
    "suppressPerson": suppress,
    "unsuppressPerson": unsuppress,
    "addDevice": add_device,
    "deleteDevice": delete_device,
    "mergePeople": merge,
    "addToSegment": add_to_segment,
    "removeFromSegment": remove_from_segment,
    "findRegion": find_region,
}
"""Every operation of the first version -> the function that answers it."""
