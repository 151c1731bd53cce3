import gzip

import orjson
import pytest

from scenarios.compare.sent import Sent
from scenarios.compare.written import Form, has, leaves, shown, template


def form(target: str = "/x", body: bytes = b"", **headers: str) -> Form:
    return Form.of(Sent(0, 0, "POST", target, tuple(headers.items()), body, 200, ""))


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("/priv/v1/apps/{api_key}/users", "/priv/v1/apps/{api_key}/users"),
        (
            "/priv/v1/apps/{api_key}/external/users/42/events",
            "/priv/v1/apps/{api_key}/external/users/{external_id}/events",
        ),
        ("/priv/v1/apps/{api_key}/external/user/42/events", "/priv/v1/apps/{api_key}/external/user/{…}/events"),
        ("/people/alice@example.com", "/{…}/{…}"),
    ],
)
def test_a_path_is_shown_without_what_may_be_a_value(target: str, wanted: str) -> None:
    assert template("POST", tuple(target.split("/")[1:])) == wanted


def test_names_that_somebody_gave_stand_for_one_another() -> None:
    body = orjson.dumps({"events": {"purchase": {"qty": 1, "context": {"size": "m"}}}, "user": {"user_profile": {}}})
    places = {shown(place): names for place, names, _ in leaves(form(body=body)) if place[0] == "body"}
    assert places == {
        "/events/*/qty": "purchase",
        "/events/*/context/size": "purchase",
        "/user/user_profile": "",
    }
    assert has(form(body=body), ("body", "events", "*", "context", "size"))
    assert not has(form(body=body), ("body", "events", "*", "context", "sku"))


def test_what_says_the_same_has_the_same_digest() -> None:
    one, other = form(body=b'{"a": 1, "b": 2}'), form(body=b'{"b":2.0,"a":1}')
    assert one.digest() == other.digest() != form(body=b'{"a":1}').digest()
    noise = frozenset({("body", "b")})
    assert form(body=b'{"a":1,"b":2}').digest(noise) == form(body=b'{"a":1,"b":3}').digest(noise)


def test_a_packed_body_is_unpacked() -> None:
    made = form(body=gzip.compress(b'{"a": 1}'))
    assert (made.body, made.packed) == ({"a": 1}, True)


@pytest.mark.parametrize("body", [b"\x1f\x8bnot gzip", b"{", b"\xff\xfe", b"[" * 2000])
def test_any_body_has_a_form(body: bytes) -> None:
    assert form(body=body).digest() == form(body=body).digest()
    assert list(leaves(form(body=body)))
