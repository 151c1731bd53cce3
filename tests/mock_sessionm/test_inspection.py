import pytest

from contracts import Request
from mock_sessionm import TenantSettings
from tests.mock_sessionm.asking import Asker, asker


@pytest.fixture
def busy(fake: Asker) -> Asker:
    fake.create(external_id="e", email="a@b.c")
    fake.core("PUT", "/external/users/e", {"user": {"user_profile": {"favoritestore": "x"}}})
    fake.core("POST", "/external/users/e/events", {"events": {"visit": 1, "other": 1}})
    return fake


def test_the_fake_says_that_it_lives_and_what_it_is(fake: Asker) -> None:
    assert fake.admin("GET", "/health").body == {"status": "ok"}
    assert fake.admin("GET", "/version").body["name"] == "sessionm-harness"


def test_requests_come_with_answer_and_violations(busy: Asker) -> None:
    body = busy.admin("GET", "/requests?limit=1").body
    (row,) = body["requests"]
    assert (body["total"], body["dropped"]) == (3, 0)
    assert row["operation"] == "postEventsByExternalId"
    assert row["request"]["body"] == {"events": {"visit": 1, "other": 1}}
    assert row["response"]["body"]["status"] == "error"
    assert [violation["rule"] for violation in row["violations"]] == ["sessionm.undefined-event"]
    assert row["violations"][0]["pointer"] == "/events/other"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("tenant=key", 3),
        ("vendor=sessionm", 3),
        ("vendor=braze", 0),
        ("method=post", 2),
        ("path=/events", 1),
        ("path=*/users", 1),
        ("status=200", 3),
        ("status=404", 0),
        ("rule=sessionm.undefined-event", 1),
        ("method=PUT&rule=sessionm.undefined-event", 0),
    ],
)
def test_requests_are_filtered_and_counted(busy: Asker, query: str, count: int) -> None:
    assert len(busy.admin("GET", f"/requests?{query}").body["requests"]) == count
    assert busy.admin("GET", f"/requests/count?{query}").body == {"count": count, "dropped": 0}


@pytest.mark.parametrize(
    "query", ["status=ok", "limit=-1", "limit=1.5", "limit=", "limit=99999999999", "status=%D9%A2"]
)
def test_a_filter_that_is_no_number_is_a_400(fake: Asker, query: str) -> None:
    assert fake.admin("GET", f"/requests?{query}").status == 400


def test_exact_requests_hold_bodies_as_they_were_and_the_time_in_seconds(fake: Asker) -> None:
    fake.tenant.clock.advance(0.0001234)
    fake.core("POST", "/users", raw=b'{ "a":1,"a":2 }')
    fake.core("POST", "/users", raw=b"\xff")
    first, second = fake.admin("GET", "/requests?exact=true").body["requests"]
    assert first["request"]["body"] == '{ "a":1,"a":2 }'
    assert second["request"]["body"] == {"base64": "/w=="}
    assert first["seconds"] == fake.tenant.clock.now()
    assert isinstance(first["response"]["body"], str)
    assert "seconds" not in fake.admin("GET", "/requests?exact=false").body["requests"][0]


def test_requests_can_be_forgotten(busy: Asker) -> None:
    assert busy.admin("DELETE", "/requests?tenant=key").body == {"requests": 0}


def test_requests_come_as_har_too(busy: Asker) -> None:
    log = busy.admin("GET", "/requests.har").body["log"]
    assert len(log["entries"]) == 3
    assert log["entries"][0]["request"]["url"] == "http://127.0.0.1/priv/v1/apps/{api_key}/users"


def test_violations_come_one_by_one(busy: Asker) -> None:
    rows = busy.admin("GET", "/violations").body["violations"]
    assert [(row["request"], row["rule"]) for row in rows] == [
        (2, "sessionm.miscased-attribute"),
        (3, "sessionm.undefined-event"),
    ]
    assert rows[0]["nearest"] == "FavoriteStore"
    only = busy.admin("GET", "/violations?rule=sessionm.undefined-event").body["violations"]
    assert [row["request"] for row in only] == [3]


def test_rules_say_how_often_they_were_tried_and_broken(busy: Asker) -> None:
    rows = {row["id"]: row for row in busy.admin("GET", "/rules?tenant=key").body["rules"]}
    assert (rows["sessionm.credentials"]["tried"], rows["sessionm.credentials"]["broken"]) == (3, 0)
    assert (rows["sessionm.undefined-event"]["tried"], rows["sessionm.undefined-event"]["broken"]) == (1, 1)
    assert rows["sessionm.event-attributes-max"]["limit"] == 10
    assert rows["sessionm.logged-in-only"]["tried"] is None


def test_assumptions_say_what_holds_and_how_often_it_mattered(busy: Asker) -> None:
    rows = {row["id"]: row for row in busy.admin("GET", "/assumptions").body["assumptions"]}
    row = rows["undefined-event"]
    assert (row["choice"], row["alternatives"], row["used"]) == ("refused", ["ignored", "stored"], 1)
    assert rows["tag-answer"]["used"] == 0
    made = busy.admin("POST", "/tenants", {"assumptions": {"undefined-event": "stored"}}).body["core"]["api_key"]
    rows = {row["id"]: row for row in busy.admin("GET", f"/assumptions?tenant={made}").body["assumptions"]}
    assert (rows["undefined-event"]["choice"], rows["undefined-event"]["used"]) == ("stored", 0)


def test_tenants_are_listed_without_secrets(busy: Asker) -> None:
    body = busy.admin("GET", "/tenants").body
    assert body == {"tenants": [{"api_key": "key", "users": 1, "on_violation": "reject", "assumptions": {}}]}


def test_everything_about_one_customer_is_told_by_any_id(busy: Asker) -> None:
    by_external = busy.admin("GET", "/tenants/key/users/e").body
    by_id = busy.admin("GET", f"/tenants/key/users/{by_external['user']['id']}").body
    assert by_id == by_external
    assert set(by_id) == {"user", "tags", "events", "offers", "points"}
    assert by_id["user"]["identifiers"] == [{"external_id": "e"}]
    assert busy.admin("GET", "/tenants/key/users/nobody").status == 404
    assert busy.admin("GET", "/tenants/nobody/users/e").status == 404


def test_an_id_with_a_slash_is_one_id(fake: Asker) -> None:
    fake.create(external_id="a/b")
    assert fake.admin("GET", "/tenants/key/users/a%2Fb").body["user"]["external_id"] == "a/b"


def test_the_page_for_people_shows_requests_and_escapes_what_came(fake: Asker) -> None:
    fake.core("GET", "/external/users/<script>alert(1)")
    for path in ("/", ""):
        page = fake.admin("GET", path).body.decode()
        assert "local time" not in page
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
        assert "sessionm.user-exists" in page
        assert "secret" not in page


def test_no_answer_of_the_control_api_holds_a_credential(busy: Asker) -> None:
    for path in ("/requests", "/requests.har", "/violations", "/state", "/tenants", "/rules", "/", "/faults"):
        text = str(busy.admin("GET", path).body)
        assert "a2V5OnNlY3JldA" not in text  # base64 of the pair
        assert "'secret'" not in text


def test_the_dashboard_shows_what_braze_would_have_sent() -> None:
    settings = TenantSettings.of(
        {
            "core": {"api_key": "key", "api_secret": "secret"},
            "events": {"defined": ["visit"]},
            "users": [{"user": {"external_id": "ada", "first_name": "Ada"}}],
            "message_variants": [{"name": "Braze"}],
            "campaigns": [
                {
                    "id": "c",
                    "trigger": {"event": "visit"},
                    "outcomes": [{"message": "Braze"}],
                    "advanced_settings": {"braze_campaign_id": "hello"},
                }
            ],
            "braze": {"campaigns": [{"id": "hello", "message": "Hello {{${first_name}}} & <b>"}]},
        }
    )
    fake = asker(settings)
    assert "Latest messages" not in page(fake)
    fake.core("POST", "/external/users/ada/events", {"events": {"visit": 1}})
    assert "Hello Ada &amp; &lt;b&gt;" in page(fake)


def page(fake: Asker) -> str:
    return fake.transport.send(Request("GET", "/__admin/")).body.decode()


def test_the_dashboard_leads_to_who_is_at_customer_io_and_to_what_mparticle_took() -> None:
    fake = asker(TenantSettings(api_key="a/b", api_secret="secret"))
    fake.tenant.track.identify({"id": "ada"}, {"plan": "gold"})
    shown = page(fake)
    assert '<a href="/__admin/tenants/a%2Fb/customerio/people">1 people</a>' in shown
    assert '<a href="/__admin/tenants/a%2Fb/mparticle/batches">0</a>' in shown
    assert "gold" not in shown
