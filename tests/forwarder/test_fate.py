from __future__ import annotations

from forwarder import Fate, Plan, PlannedRequest


def test_a_fate_as_json_leaves_out_what_it_has_not() -> None:
    assert Fate("/mpid", "filtered", "r").to_json() == {"point": "/mpid", "fate": "filtered", "rule": "r"}
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
        "fates": [{"point": "/mpid", "fate": "sent", "rule": "r"}],
    }
