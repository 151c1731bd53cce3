from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from contracts import Request, Response, validate
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.campaigning import ADA, campaigning, visit

FEED = {"endpoint": "http://127.0.0.1:9", "key": "k", "secret": "s"}
MPID = 1_000_000_000_000_000_001
PERSON = {"id": ADA, "user": {"external_id": str(MPID), "external_id_type": "mpid"}}
BY_MPID = f"/external/users/{MPID}"


@dataclass(slots=True)
class Back:
    """Whoever takes the feed writes back to the tenant at once, so often."""

    fake: Asker | None = None
    asked: list[tuple[str, Request]] = field(default_factory=list)

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        assert timeout <= 2
        self.asked.append((url, request))
        if self.fake is not None:
            self.fake.core("POST", f"{BY_MPID}/tags", {"tags": [f"round-{len(self.asked)}"]})
        return Response(202)


def fed(outside: Any = None, **how: Any) -> Asker:
    return campaigning(users=[PERSON], outside=outside or Back(), **{"feed": FEED, **how})


def batches(fake: Asker) -> list[dict[str, Any]]:
    return [dict(one.body) for one in fake.tenant.outgoing]


def test_a_batch_goes_to_mparticles_events_api_with_key_and_secret() -> None:
    outside = Back()
    fake = fed(outside)
    fake.core("POST", f"{BY_MPID}/tags", {"tags": ["gold"]})
    ((url, request),) = outside.asked
    assert (url, request.target) == ("http://127.0.0.1:9/v2/events", "/v2/events")
    assert request.headers["Authorization"] == "Basic " + b64encode(b"k:s").decode()
    assert orjson.loads(request.body)["mpid"] == MPID


def test_every_batch_is_one_that_mparticle_takes() -> None:
    fake = fed(feed={**FEED, "environment": "production"})
    fake.core("POST", f"{BY_MPID}/tags", {"tags": ["gold", "new"], "ttl": 5})
    fake.core("PUT", BY_MPID, {"user": {"user_profile": {"FavoriteStore": "Boston"}}})
    assert [one["environment"] for one in batches(fake)] == ["production", "production"]
    assert [validate("mparticle", "postBatch", body) for body in batches(fake)] == [[], []]


def test_every_way_to_a_tag_or_an_attribute_is_told() -> None:
    campaign = {"id": "c", "trigger": {"event": "visit"}, "outcomes": [{"tag": "visitor"}]}
    fake = fed(campaigns=[campaign])
    visit(fake, str(MPID))
    fake.core("PUT", BY_MPID, {"user": {"user_profile": {"FavoriteStore": "Boston"}}})
    fake.core("POST", "/users", {"user": {"external_id": "7", "external_id_type": "mpid", "user_profile": {"a": "1"}}})
    ada = fake.tenant.customers.by_id(ADA)
    assert ada is not None
    fake.tenant.customers.tag(ada, ["by hand"], None)
    assert [one["mpid"] for one in batches(fake)] == [MPID, MPID, 7, MPID]


def test_nothing_is_told_of_whom_the_settings_bring_along() -> None:
    person = {**PERSON, "tags": [{"tags": ["gold"]}]}
    assert batches(campaigning(users=[person], feed=FEED)) == []


@pytest.mark.parametrize("feed", [None, {"enabled": False}, {**FEED, "enabled": False}])
def test_without_a_feed_nothing_is_told(feed: dict[str, Any] | None) -> None:
    tables = {"feed": feed} if feed is not None else {}
    fake = campaigning(users=[PERSON], **tables)
    fake.core("POST", f"{BY_MPID}/tags", {"tags": ["gold"]})
    assert not fake.tenant.feed.on
    assert len(fake.tenant.outgoing) == 0


@pytest.mark.parametrize("feed", [FEED, {"enabled": True}])
def test_a_table_is_enough_to_turn_the_feed_on(feed: dict[str, Any]) -> None:
    assert campaigning(feed=feed).tenant.feed.on


def test_without_an_address_batches_are_only_remembered() -> None:
    outside = Back()
    fake = fed(outside, feed={"enabled": True})
    fake.core("POST", f"{BY_MPID}/tags", {"tags": ["gold"]})
    assert ([one.state for one in fake.tenant.outgoing], outside.asked) == (["triggered"], [])


def test_a_request_that_changes_nothing_is_not_told() -> None:
    fake = fed()
    fake.core("PUT", BY_MPID, {"user": {"city": "Boston"}})
    fake.core("PUT", BY_MPID, {"user": {"user_profile": {}}})
    fake.core("GET", f"{BY_MPID}/tags")
    assert batches(fake) == []


def test_the_whole_profile_is_told_only_where_that_is_the_choice() -> None:
    for choice, names in (("changed", {"SessionM_b"}), ("all", {"SessionM_a", "SessionM_b"})):
        fake = fed(assume={"feed-attributes": choice})
        for name in ("a", "b"):
            fake.core("PUT", BY_MPID, {"user": {"user_profile": {name: "1"}}})
        assert batches(fake)[-1]["user_attributes"].keys() == names


def test_a_feed_does_not_feed_on_itself_within_a_request() -> None:
    outside = Back()
    fake = outside.fake = fed(outside)
    fake.core("POST", f"{BY_MPID}/tags", {"tags": ["gold"]})
    assert len(outside.asked) == 1
    assert fake.tenant.feed.waiting
    for number in range(2, 5):
        fake.core("GET", BY_MPID)
        assert len(outside.asked) == number
    last = orjson.loads(outside.asked[-1][1].body)
    assert last["events"][0]["data"]["custom_attributes"] == {"tag": "round-3"}


def test_what_waits_is_exported_and_goes_out_after_an_import() -> None:
    outside = Back()
    one = outside.fake = fed(outside)
    one.core("POST", f"{BY_MPID}/tags", {"tags": ["gold"]})
    state, calm = one.admin("GET", "/state").body, Back()
    other = fed(calm)
    assert other.admin("PUT", "/state", state).status == 200
    other.core("GET", BY_MPID)
    assert orjson.loads(calm.asked[0][1].body)["events"][0]["data"]["custom_attributes"] == {"tag": "round-1"}


@pytest.mark.parametrize(
    ("external_id", "kind", "told"),
    [
        (str(2**63 - 1), "mpid", True),
        (str(2**63), "mpid", False),
        (str(-(2**63)), "mpid", True),
        ("-", "mpid", False),
        ("٣", "mpid", False),
        ("12", "customer_id", False),
    ],
)
def test_an_mpid_is_a_number_of_64_bits_that_is_marked_as_one(external_id: str, kind: str, *, told: bool) -> None:
    fake = campaigning(feed=FEED)
    id_ = fake.create(external_id=external_id, external_id_type=kind)
    fake.core("POST", f"/users/{id_}/tags", {"tags": ["gold"]})
    assert bool(batches(fake)) is told
