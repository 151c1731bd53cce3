from __future__ import annotations

from forwarder import Fate, Plan, PlannedRequest


def test_a_fate_as_json_has_all_its_members_whether_they_say_something_or_not() -> None:
    assert Fate("/mpid", "filtered", "r").to_json() == {
        "point": "/mpid",
        "fate": "filtered",
        "as": None,
        "rule": "r",
        "request": None,
        "detail": "",
    }
    assert Fate("/a", "sent", "r", "", "k", "d").to_json() == {
        "point": "/a",
        "fate": "sent",
        "rule": "r",
        "as": "",
        "request": "k",
        "detail": "d",
    }


def test_a_plan_as_json_has_its_format_its_requests_and_its_fates_and_no_platform() -> None:
    request = PlannedRequest("k", "l", "PUT", "/p/{api_key}", b'{"user":{}}', "ios", "/p")
    assert Plan((request,), (Fate("/mpid", "sent", "r"),)).to_json() == {
        "format": "sessionm-harness.explain/1",
        "requests": [{"key": "k", "lane": "l", "method": "PUT", "path": "/p/{api_key}", "body": {"user": {}}}],
        "fates": [Fate("/mpid", "sent", "r").to_json()],
    }
