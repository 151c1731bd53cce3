from base64 import b64encode

from contracts import Choices, Request, Response
from mock_sessionm import default_tenant
from scenarios.compare.receiver import Names, Receiver, document, trouble

PAIRS = {"default": ("key-1", "secret-1"), "ios": ("key-2", "secret-2")}


def basic(key: str, secret: str) -> str:
    return f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}"


def test_credentials_are_shown_by_their_names() -> None:
    names = Names(PAIRS)
    assert names.target("/priv/v1/apps/key-1/users") == "/priv/v1/apps/{api_key}/users"
    assert names.target("/priv/v1/apps/key-2/users") == "/priv/v1/apps/{api_key of ios}/users"
    assert names.header("Authorization", basic("key-1", "secret-1")) == "Basic {credentials}"
    assert names.header("authorization", basic("key-2", "secret-2")) == "Basic {credentials of ios}"
    assert names.header("Authorization", f" {basic('key-1', 'secret-1')}") == " Basic {credentials}"
    assert names.header("Authorization", basic("key-1", "other")) == basic("key-1", "other")
    assert names.header("Authorization", "Bearer ä") == "Bearer ä"


def test_every_pair_of_credentials_leads_to_a_tenant() -> None:
    made = Receiver.of(document(default_tenant(), PAIRS, "sessionm", now=0, seed=1, choices=Choices()))
    for key, secret in PAIRS.values():
        headers = {"Authorization": basic(key, secret), "Content-Type": "application/json"}
        request = Request("PUT", f"/priv/v1/apps/{key}/external/users/1", headers, b'{"user": {"external_id": "1"}}')
        assert trouble(made.answer(request)) == "user_not_found"


def test_a_vendors_word_for_what_is_wrong_is_read_out_of_the_answer() -> None:
    assert trouble(Response(200, {}, b'{"status":"error","errors":{"code":"validation"}}')) == "validation"
    for body in (b"", b'{"status":"ok"}', b'{"status":"error"', b'["error"]'):
        assert trouble(Response(200, {}, body)) == ""
    assert trouble(None) == ""
