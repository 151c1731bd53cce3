from typing import Any

import pytest

from contracts.validation import operations
from mock_sessionm.control import ORDERS
from mock_sessionm.inspection import ASKS
from tests.mock_sessionm.asking import Asker, asker, basic


def test_every_operation_of_the_control_contract_is_followed_by_one_function() -> None:
    assert set(ASKS).isdisjoint(ORDERS)
    assert set(ASKS) | set(ORDERS) == set(operations("admin"))


def test_a_new_tenant_is_a_twin_with_credentials_that_work(fake: Asker) -> None:
    answer = fake.admin("POST", "/tenants", {})
    core = answer.body["core"]
    assert answer.status == 201
    assert answer.body["events"] == {"defined": ["purchase", "visit"]}
    assert set(answer.body["connect"]) == {"key", "secret", "retailer_id"}
    made = fake.core(
        "POST",
        "/users",
        {"user": {"external_id": "e"}},
        key=core["api_key"],
        auth=basic(core["api_key"], core["api_secret"]),
    )
    assert made.body["status"] == "ok"


def test_the_body_of_a_new_tenant_may_be_left_out(fake: Asker) -> None:
    assert fake.admin("POST", "/tenants").status == 201


def test_what_a_new_tenant_says_stands_over_what_it_leaves_out(fake: Asker) -> None:
    body = {
        "core": {"api_key": "mine"},
        "events": {"defined": []},
        "connect": {"key": "k"},
        "assumptions": {"tag-answer": "list"},
        "on_violation": "note",
    }
    made = fake.admin("POST", "/tenants", body).body
    tenant = fake.world.tenants["mine"]
    assert made["events"] == {"defined": []}
    assert made["profile_attributes"]["names"] == ["FavoriteStore", "LoyaltyTier"]
    assert made["connect"]["key"] == "k"
    assert made["connect"]["secret"]
    assert (tenant.on_violation, tenant.choices["tag-answer"]) == ("note", "list")


def test_the_document_of_a_tenant_makes_the_same_tenant_again(fake: Asker) -> None:
    made = fake.admin("POST", "/tenants", {"users": [{"user": {"external_id": "e"}}]}).body
    fake.admin("DELETE", f"/tenants/{made['core']['api_key']}")
    assert fake.admin("POST", "/tenants", made).body == made


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"core": {"api_key": "key"}}, 409, "already"),
        ({"core": {"api_key": ""}}, 400, "core.api_key"),
        ({"profile_attribute": {}}, 400, "profile_attributes"),
        ({"assumptions": {"tag-answer": "tree"}}, 400, "by-name"),
        ({"on_violation": "shout"}, 400, "on_violation"),
        ({"users": [{"user": {"first_name": "Ada"}}]}, 400, "users.0"),
        ([], 400, "object"),
        ("x", 400, "object"),
    ],
)
def test_a_bad_tenant_is_refused_in_one_line(fake: Asker, body: Any, status: int, says: str) -> None:
    answer = fake.admin("POST", "/tenants", body)
    assert answer.status == status
    assert says in answer.body["error"]
    assert list(fake.world.tenants) == ["key"]


def test_no_environment_variable_is_read_for_what_came_over_the_network(
    fake: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_TEST_SECRET", "from-the-environment")
    answer = fake.admin("POST", "/tenants", {"core": {"api_secret": {"env": "HARNESS_TEST_SECRET"}}})
    assert answer.status == 400
    assert "from-the-environment" not in str(answer.body)


def test_a_tenant_alone_takes_nothing_from_the_tenant_of_the_fake_but_gets_credentials(fake: Asker) -> None:
    made = fake.admin("POST", "/tenants", {"alone": True, "users": []}).body
    assert (made["events"]["defined"], made["profile_attributes"]["names"]) == ([], [])
    assert made["core"]["api_key"] != "key"
    assert made["connect"]["secret"]


def test_a_tenant_can_begin_at_a_time_with_whom_it_brings_along_and_with_trouble(fake: Asker) -> None:
    body = {
        "core": {"api_key": "mine"},
        "users": [{"user": {"external_id": "e"}}],
        "clock": {"now": "2030-01-01T00:00:00Z", "frozen": True},
        "faults": [{"times": 1, "fault": {"kind": "status", "status": 503}}],
    }
    assert fake.admin("POST", "/tenants", body).status == 201
    tenant = fake.world.tenants["mine"]
    assert (tenant.clock.iso(), tenant.clock.frozen) == ("2030-01-01T00:00:00.000Z", True)
    assert tenant.customers.export()[0]["created"] == tenant.clock.now()
    assert tenant.faults.document()[0]["fault"]["status"] == 503
    tenant.clock.advance(5)
    tenant.clock.reset()
    assert tenant.clock.iso() == "2030-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "part",
    [
        {"clock": {"now": "yesterday"}},
        {"clock": {}},
        {"faults": [{"fault": {"kind": "status", "status": 500, "headers": {"Content-Length": "1"}}}]},
        {"faults": [{"fault": {"kind": "none"}}]},
        {"alone": "yes"},
    ],
)
def test_a_bad_beginning_leaves_no_tenant_behind(fake: Asker, part: dict[str, Any]) -> None:
    answer = fake.admin("POST", "/tenants", part)
    assert answer.status == 400
    assert next(iter(part)) in answer.body["error"] or "now" in answer.body["error"]
    assert list(fake.world.tenants) == ["key"]


def test_a_tenant_can_be_deleted_once_and_says_what_it_leaned_on(fake: Asker) -> None:
    fake.tenant.choice("tag-answer")
    assert fake.admin("DELETE", "/tenants/key").body == {"deleted": "key", "used": {"tag-answer": 1}}
    assert fake.admin("DELETE", "/tenants/key").status == 404


def test_a_tenant_may_tell_at_its_end_what_it_was_and_what_came_to_it(fake: Asker) -> None:
    fake.create(external_id="e")
    state = fake.admin("GET", "/state?tenant=key").body["tenants"][0]
    heard = fake.admin("GET", "/requests?tenant=key&exact=true").body["requests"]
    told = fake.admin("DELETE", "/tenants/key?tell=true").body
    assert (told["state"], told["requests"]) == (state, heard)
    assert len(heard) == 1
    assert not fake.world.tenants


def test_a_clock_that_is_stopped_and_set_shows_just_that_time(fake: Asker) -> None:
    fake.world.clock.freeze(False)
    fake.tenant.clock.freeze(False)
    fake.admin("PUT", "/clock?tenant=key", {"now": 1_000_000_000, "frozen": True})
    assert fake.tenant.clock.now() == 1_000_000_000


def test_a_state_goes_out_and_in_again(fake: Asker) -> None:
    fake.create(external_id="e", email="a@b.c", user_profile={"FavoriteStore": "Boston"})
    fake.core("POST", "/external/users/e/events", {"events": {"visit": 1}})
    fake.core("POST", "/external/users/e/tags", {"tags": ["gold"], "ttl": 60})
    fake.tenant.clock.advance(10)
    state = fake.admin("GET", "/state").body
    fake.admin("POST", "/reset")
    assert len(fake.tenant.customers) == 0
    assert fake.admin("PUT", "/state", state).body == {"imported": 1}
    assert fake.admin("GET", "/state").body == state
    assert fake.core("GET", "/external/users/e/tags").body["tags"]["gold"]["ttl"] == 50


def test_the_state_of_one_tenant_can_go_into_another(fake: Asker) -> None:
    fake.create(external_id="e")
    other = fake.world.create()
    state = fake.admin("GET", "/state?tenant=key").body
    assert fake.admin("PUT", f"/state?tenant={other.api_key}", state).status == 200
    assert other.customers.by_external("e") is not None


def test_a_state_holds_no_secret(fake: Asker) -> None:
    assert "secret" not in str(fake.admin("GET", "/state").body)


def damaged(change: str) -> Any:
    fake = asker()
    fake.create(external_id="e", email="a@b.c")
    state: dict[str, Any] = fake.admin("GET", "/state").body
    tenant = state["tenants"][0]
    match change:
        case "format":
            state["format"] = "other/1"
        case "clock":
            tenant["clock"]["now"] = "soon"
        case "id":
            tenant["customers"][0]["id"] = "x"
        case "email":
            tenant["customers"][0]["fields"]["email"] = 5
        case "missing":
            del tenant["customers"][0]["tags"]
        case "tag":
            tenant["customers"][0]["tags"] = {"gold": {"count": 1}}
        case "list":
            state = tenant["customers"]
    return state


@pytest.mark.parametrize("change", ["format", "clock", "id", "email", "missing", "tag", "list"])
def test_a_damaged_state_is_refused_in_one_line_and_changes_nothing(fake: Asker, change: str) -> None:
    fake.create(external_id="mine")
    answer = fake.admin("PUT", "/state", damaged(change))
    assert answer.status == 400
    assert "\n" not in answer.body["error"]
    assert fake.tenant.customers.by_external("mine") is not None


def test_a_state_of_a_tenant_that_is_not_here_is_a_404_and_of_two_is_too_many(fake: Asker) -> None:
    fake.world.create()
    state = fake.admin("GET", "/state").body
    assert fake.admin("PUT", "/state?tenant=key", state).status == 400
    assert asker().admin("PUT", "/state", state).status == 404


def test_time_is_told_set_stopped_and_advanced(fake: Asker) -> None:
    assert fake.admin("GET", "/clock").body == {"now": "2026-06-15T12:00:00.000Z", "frozen": True}
    assert fake.admin("PUT", "/clock", {"now": "2027-01-01"}).body["now"] == "2027-01-01T00:00:00.000Z"
    assert fake.admin("POST", "/clock/advance", {"by": "30d"}).body["now"] == "2027-01-31T00:00:00.000Z"
    assert fake.admin("POST", "/clock/advance", {"by": 1.5}).body["now"] == "2027-01-31T00:00:01.500Z"
    assert fake.admin("PUT", "/clock", {"frozen": False}).body["frozen"] is False
    assert fake.tenant.clock.frozen is False


def test_the_time_of_one_tenant_can_be_moved_alone(fake: Asker) -> None:
    other = fake.world.create()
    fake.admin("POST", f"/clock/advance?tenant={other.api_key}", {"by": "1d"})
    assert other.clock.now() - fake.tenant.clock.now() == 86_400
    fake.admin("POST", "/clock/advance", {"by": "1d"})
    assert other.clock.now() - fake.tenant.clock.now() == 86_400


def test_a_tenant_made_later_starts_with_the_time_of_all(fake: Asker) -> None:
    fake.admin("POST", "/clock/advance", {"by": "1d"})
    assert fake.world.create().clock.now() == fake.tenant.clock.now()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/clock", {}),
        ("PUT", "/clock", {"now": "soon"}),
        ("PUT", "/clock", {"now": -1}),
        ("PUT", "/clock", {"frozen": "yes"}),
        ("PUT", "/clock", {"time": 5}),
        ("POST", "/clock/advance", {}),
        ("POST", "/clock/advance", {"by": "30 days"}),
        ("POST", "/clock/advance", {"by": -5}),
        ("POST", "/clock/advance", {"by": 1e300}),
        ("POST", "/reset", {"only": ["world"]}),
        ("POST", "/reset", {"only": "state"}),
        ("POST", "/reset", []),
        ("PUT", "/state", None),
        ("PUT", "/clock", None),
    ],
)
def test_a_bad_order_is_one_line_and_changes_nothing(fake: Asker, method: str, path: str, body: Any) -> None:
    before = fake.admin("GET", "/clock").body
    answer = fake.admin(method, path, body)
    assert answer.status == 400
    assert "\n" not in answer.body["error"]
    assert fake.admin("GET", "/clock").body == before


@pytest.mark.parametrize("raw", [b"{", b"\xff", b'"\\ud800"', b"[" * 5000, b"[" * 500 + b"]" * 500])
@pytest.mark.parametrize("place", ["PUT /state", "PUT /faults", "POST /tenants", "POST /reset", "PUT /clock"])
def test_what_cannot_be_read_is_a_400(fake: Asker, place: str, raw: bytes) -> None:
    method, _, path = place.partition(" ")
    assert fake.admin(method, path, raw=raw).status == 400


@pytest.mark.parametrize(
    "place",
    ["GET /requests", "DELETE /requests", "GET /state", "POST /reset", "GET /clock", "GET /faults", "GET /rules"],
)
def test_an_unknown_tenant_is_a_404(fake: Asker, place: str) -> None:
    method, _, path = place.partition(" ")
    assert fake.admin(method, f"{path}?tenant=nobody").status == 404


def test_a_reset_says_what_it_put_back(fake: Asker) -> None:
    fake.create(external_id="e")
    assert fake.admin("POST", "/reset", {"only": ["journal"]}).body == {"reset": ["journal"]}
    assert len(fake.tenant.customers) == 1
    assert fake.admin("POST", "/reset", {}).body == {"reset": ["state", "journal", "faults", "clock"]}
    assert len(fake.tenant.customers) == 0


def test_faults_are_shown_with_how_far_they_have_come_and_taken_away(fake: Asker) -> None:
    entry = {"fault": {"kind": "status", "status": 500}, "times": 1}
    fake.admin("PUT", "/faults?tenant=key", {"schedule": [entry]})
    fake.core("GET", "/users/x")
    assert fake.admin("GET", "/faults?tenant=key").body == {"schedule": [{**entry, "seen": 1, "struck": 1}]}
    assert fake.admin("DELETE", "/faults").body == {"schedule": []}
    assert fake.admin("GET", "/faults?tenant=key").body == {"schedule": []}


def test_an_unknown_path_or_method_of_the_control_api_is_said_in_its_own_shape(fake: Asker) -> None:
    answer = fake.admin("GET", "/clok")
    assert (answer.status, set(answer.body)) == (404, {"error"})
    assert "/__admin/clock" in answer.body["error"]
    assert fake.admin("PATCH", "/clock").status == 405
