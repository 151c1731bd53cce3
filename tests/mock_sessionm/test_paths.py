from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.paths import nearest_route, raw_path, target_of
from tests.mock_sessionm.asking import asker

SHARED = asker()


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_external_id_survives_the_road_through_a_path(external_id: str) -> None:
    fake = SHARED.afresh()
    fake.create(external_id=external_id)
    answer = fake.core("GET", f"/external/users/{quote(external_id, safe='')}")
    assert answer.body["user"]["external_id"] == external_id


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])).filter(lambda text: "/" not in text))
def test_without_a_raw_path_everything_but_a_slash_survives(external_id: str) -> None:
    environ: dict[str, Any] = {"PATH_INFO": f"/x/{external_id}".encode().decode("latin-1"), "QUERY_STRING": ""}
    raw_path(environ)
    kept = environ["PATH_INFO"].replace("%25", "%").encode("latin-1").decode()
    assert kept == f"/x/{external_id}"


@pytest.mark.parametrize("target", ["/a/%75sers", "http://host/a/%2F", "*", "/%zz", "/%"])
def test_any_target_is_taken_as_it_is(target: str) -> None:
    environ: dict[str, Any] = {"PATH_INFO": "/a", "RAW_URI": target, "QUERY_STRING": "q=1"}
    raw_path(environ)
    assert target_of(environ).startswith("/")


def test_a_path_that_is_escaped_without_need_is_the_same_path() -> None:
    fake = asker()
    fake.create(external_id="e")
    assert fake.core("GET", "/external/%75sers/%65").body["status"] == "ok"


def test_a_query_without_raw_target_is_kept() -> None:
    assert target_of({"PATH_INFO": "/a", "QUERY_STRING": "b=c"}) == "/a?b=c"
    assert target_of({"PATH_INFO": "/a", "QUERY_STRING": ""}) == "/a"


def test_the_nearest_route_is_the_one_with_most_alike() -> None:
    templates = ["/priv/v1/apps/{api_key}/users", "/priv/v1/apps/{api_key}/users/{user_id}/tags", "/__admin/clock"]
    assert nearest_route("/priv/v1/apps/k/usrs", templates) == templates[0]
    assert nearest_route("/priv/v1/apps/k/users/1/tag", templates) == templates[1]
    assert nearest_route("/__admin/clok", templates) == templates[2]
    assert nearest_route("/", templates) is None
    assert nearest_route("/wholly/else", templates) is None
