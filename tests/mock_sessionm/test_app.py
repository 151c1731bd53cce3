import json

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from contracts.register import openapi
from contracts.serving import Server
from contracts.validation import operations
from mock_sessionm import GATE, create_app, world
from mock_sessionm.app import served
from mock_sessionm.customers import Customers
from mock_sessionm.surfaces import SURFACE_OF, VENDORS
from tests.mock_sessionm.asking import Asker, asker, basic

SHARED = asker()


def test_an_app_needs_nothing_and_is_a_world_of_its_own() -> None:
    one, other = create_app(), create_app()
    assert world(one) is not world(other)
    assert list(world(one).tenants) == ["local-key"]


def test_every_operation_of_the_contract_has_a_view() -> None:
    assert set(SURFACE_OF) == set(served())


def test_an_operation_without_a_view_is_an_error_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(SURFACE_OF, "getUser")
    with pytest.raises(LookupError, match="getUser"):
        create_app()


def test_an_operation_has_one_name_among_all_vendors() -> None:
    assert len(served()) == sum(len(operations(vendor)) for vendor in VENDORS)


def test_an_unknown_path_is_a_loud_404_that_names_the_nearest_route(fake: Asker) -> None:
    answer = fake.core("GET", "/user/1")
    assert (answer.status, answer.code) == (404, "not_found")
    assert "/priv/v1/apps/{api_key}/users/{user_id}" in answer.message
    assert "key/" not in answer.message


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/users", {"GET", "POST"}),
        ("PUT", "/users/search", {"GET"}),
        ("POST", "/users/x", {"GET", "PUT", "DELETE"}),
        ("OPTIONS", "/users", {"GET", "POST"}),
        ("DELETE", "/users/x/tags", {"GET", "POST"}),
    ],
)
def test_another_method_is_a_405_that_says_which_are_allowed(
    fake: Asker, method: str, path: str, allow: set[str]
) -> None:
    answer = fake.core(method, path)
    assert answer.status == 405
    assert {name.strip() for name in answer.headers["allow"].split(",")} - {"HEAD"} == allow


def test_every_request_is_journaled_but_those_to_the_control_api(fake: Asker) -> None:
    fake.core("GET", "/users/x")
    fake.core("GET", "/nowhere")
    fake.core("PUT", "/users")
    fake.core("GET", "/users/x", auth="")
    fake.core("GET", "/users/x", key="unknown", auth="")
    fake.admin("GET", "/health")
    assert [(entry.status, entry.tenant, entry.operation) for entry in fake.world.journal] == [
        (404, "key", "getUser"),
        (404, "key", ""),
        (405, "key", ""),
        (401, "key", "getUser"),
        (401, "", "getUser"),
    ]
    for entry in fake.world.journal:
        assert "key/" not in entry.target.replace("{api_key}/", "")


def test_a_mistake_of_ours_is_one_line_in_the_vendors_shape(
    fake: Asker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.create(external_id="e")
    monkeypatch.setattr(Customers, "write", None)
    answer = fake.core("PUT", "/external/users/e", {"user": {"city": "secret-city"}})
    assert (answer.status, answer.code) == (500, "internal_server_error")
    assert "Traceback" not in answer.message
    assert "failed" in caplog.text
    assert fake.world.journal.entries()[-1].status == 500


def test_without_its_first_two_checks_a_stranger_still_has_no_tenant() -> None:
    open_gate = tuple(check for check in GATE if check.rule not in {"sessionm.credentials", "sessionm.api-key-in-path"})
    fake = asker(gate=open_gate)
    assert fake.core("GET", "/users/x", key="unknown", auth="").status == 401
    assert fake.core("POST", "/users", {"user": {"external_id": "e"}}, auth="").body["status"] == "ok"


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps).map(str.encode),
)
def test_no_request_makes_the_fake_fail(method: str, rest: str, raw: bytes) -> None:
    fake = SHARED.afresh()
    fake.create(external_id="e")
    for path in (f"/{rest}", "/users", "/external/users/e", "/external/users/e/events", "/external/users/e/tags"):
        answer = fake.core(method, path, raw=raw)
        assert answer.status < 500
        assert answer.body["status"] in {"ok", "error"}


def test_answers_are_the_same_over_a_real_port_and_in_process() -> None:
    one, other = asker(), asker()
    steps = [
        ("POST", "/users", {"user": {"external_id": "a/b c%", "user_profile": {"FavoriteStore": "é"}}}),
        ("GET", "/external/users/a%2Fb%20c%25?user%5Buser_profile%5D=true", None),
        ("POST", "/external/users/a%2Fb%20c%25/events", {"events": {"nope": 1}}),
        ("GET", "/nowhere", None),
    ]
    with Server(other.app) as server, requests.Session() as session:
        session.trust_env = False
        for method, path, body in steps:
            mine = one.core(method, path, body)
            theirs = session.request(
                method, f"{server.url}/priv/v1/apps/key{path}", json=body, auth=("key", "secret"), timeout=5
            )
            assert (theirs.status_code, theirs.json()) == (mine.status, mine.body)
            assert theirs.headers.get("X-Harness-Rule", "") == ",".join(mine.rules)


def test_flasks_own_test_client_can_be_used(fake: Asker) -> None:
    client = fake.app.test_client()
    answer = client.post(
        "/priv/v1/apps/key/users",
        json={"user": {"external_id": "a/b"}},
        headers={"Authorization": basic("key", "secret")},
    )
    assert answer.json is not None
    assert answer.json["user"]["external_id"] == "a/b"
    again = client.get("/priv/v1/apps/key/external/users/a%2Fb", headers={"Authorization": basic("key", "secret")})
    assert again.status_code == 200


def test_every_answer_fits_the_contract(fake: Asker) -> None:
    import jsonschema_rs

    document = dict(openapi("sessionm"))
    id_ = fake.create(external_id="e", email="a@b.c", phone_numbers=[], user_profile={"a": "1"})
    fake.core("POST", "/external/users/e/tags", {"tags": ["gold"], "ttl": 5})
    cases = {
        "UserAnswer": [
            fake.core("GET", "/external/users/e?user[user_profile]=true&show_identifiers=true"),
            fake.core("PUT", f"/users/{id_}", {"user": {"x": 1}}),
            fake.core("GET", "/users/unknown"),
        ],
        "UsersAnswer": [fake.core("GET", f"/users?user_ids[]={id_}")],
        "EventsAnswer": [fake.core("POST", "/external/users/e/events", {"events": {"visit": 1}})],
        "TagsAnswer": [
            fake.core("POST", "/external/users/e/tags", {"tags": ["new"]}),
            fake.core("GET", "/external/users/e/tags"),
        ],
    }
    for name, answers in cases.items():
        validator = jsonschema_rs.Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})
        for answer in answers:
            validator.validate(answer.body)
