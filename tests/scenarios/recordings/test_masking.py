"""No credential is written, wherever it stands; what is none is left as it is, to the byte."""

import json
from base64 import b64encode

import pytest

from contracts import Interaction, Request, Response
from scenarios.recordings.masking import Masker

KEY, SECRET = "a1b2c3d4e5f6a7b8", "s3cr3t-of-the-shop"


def interaction(target: str = "/x", body: bytes = b"", answer: bytes = b"", **headers: str) -> Interaction:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Interaction(1, 0.0, "", "", "", Request("POST", target, named, body), Response(200, {}, answer))


def text(one: Interaction) -> str:
    assert one.response is not None
    return repr((one.request, one.response))


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("authorization", f"Basic {b64encode(f'{KEY}:{SECRET}'.encode()).decode()}", "Basic ***"),
        ("authorization", "Bearer abcdefghijkl", "Bearer ***"),
        ("authorization", "abcdefghijkl", "***"),
        ("proxy-authorization", "Basic eDp5", "Basic ***"),
        ("cookie", "a=1; b=2", "***"),
        ("x-api-key", "k", "***"),
        ("ocp-apim-subscription-key", "k", "***"),
        ("x-auth-token", "k", "***"),
        ("www-authenticate", 'Basic realm="shop"', 'Basic realm="shop"'),
        ("content-type", "application/json", "application/json"),
        ("idempotency-key", "7", "7"),
        (
            "referer",
            f"https://h/priv/v1/apps/{KEY}/users?api_key={KEY}&a=1",
            "https://h/priv/v1/apps/{api_key}/users?api_key=***&a=1",
        ),
    ],
)
def test_headers_that_prove_who_one_is_are_masked(name: str, value: str, masked: str) -> None:
    one = Masker().masked(
        Interaction(1, 0.0, "", "", "", Request("GET", "/", {name: value}), Response(200, {name: value}))
    )
    assert one.response is not None
    assert one.request.headers == one.response.headers == {name: masked}


@pytest.mark.parametrize(
    ("target", "masked"),
    [
        (f"/priv/v1/apps/{KEY}/external/users/1%2F2?x=%20y", "/priv/v1/apps/{api_key}/external/users/1%2F2?x=%20y"),
        (f"/proxied/priv/v1/apps/{KEY}", "/proxied/priv/v1/apps/{api_key}"),
        (f"/api/v1/apps/{KEY}?a", "/api/v1/apps/{api_key}?a"),
        (f"/__admin/tenants/{KEY}/users/1", "/__admin/tenants/{api_key}/users/1"),
        ("/x?access_token=abc&monkey=1&KEY=2&token", "/x?access_token=***&monkey=1&KEY=***&token"),
        ("/api/v1/customers/token/events", "/api/v1/customers/token/events"),
    ],
)
def test_keys_in_paths_and_queries_are_masked(target: str, masked: str) -> None:
    assert Masker().masked(interaction(target)).request.target == masked


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        (b'{"api_key" : "a\\"b", "n": 9223372036854775807}', b'{"api_key" : "***", "n": 9223372036854775807}'),
        (
            b'{"client_secret":"x","password":123,"passwords":"y"}',
            b'{"client_secret":"***","password":"***","passwords":"y"}',
        ),
        (b'{"body":"{\\"access_token\\":\\"x\\",\\"a\\":1}"}', b'{"body":"{\\"access_token\\":\\"***\\",\\"a\\":1}"}'),
        (
            b"grant_type=client_credentials&client_secret=x&scope=a",
            b"grant_type=client_credentials&client_secret=***&scope=a",
        ),
        (b"\xff\xfe\x00", b"\xff\xfe\x00"),
    ],
)
def test_secrets_in_bodies_are_masked_and_every_other_byte_stays(body: bytes, masked: bytes) -> None:
    one = Masker().masked(interaction(body=body, answer=body))
    assert one.response is not None
    assert (one.request.body, one.response.body) == (masked, masked)


def test_a_secret_in_a_form_of_several_parts_is_masked() -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--x\r\n'
    body += b'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
    one = Masker().masked(interaction(body=body, content_type="multipart/form-data; boundary=x"))
    assert one.request.body == body.replace(b"hunter2", b"***")


def test_a_credential_is_known_again_wherever_it_turns_up_later() -> None:
    masker = Masker()
    basic = "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()
    masker.masked(interaction(authorization=basic, cookie="session=9a8b7c6d5e4f"))
    answer = json.dumps({"note": f"{SECRET} of {KEY}", "seen": "9a8b7c6d5e4f"}).encode()
    told = text(masker.masked(interaction(f"/x/{KEY}", answer=answer)))
    assert not any(secret in told for secret in (KEY, SECRET, "9a8b7c6d5e4f"))


@pytest.mark.parametrize(
    "first",
    [
        interaction(x_api_key=SECRET),
        interaction(authorization=f"Bearer {SECRET}"),
        interaction(f"/priv/v1/apps/{SECRET}/users"),
        interaction(answer=json.dumps({"auth_token": SECRET}).encode()),
    ],
)
def test_it_is_known_again_from_wherever_it_stood(first: Interaction) -> None:
    masker = Masker()
    masker.masked(first)
    told = masker.masked(interaction("/x", f"as {SECRET} said".encode(), x_note=SECRET)).request
    assert (told.body, told.headers) == (b"as *** said", {"x-note": "***"})


def test_a_short_value_or_a_number_is_not_looked_for_elsewhere() -> None:
    masker = Masker()
    masker.masked(interaction(authorization="Basic " + b64encode(b"shop:1234567890123").decode()))
    assert masker.masked(interaction(body=b"shop 1234567890123")).request.body == b"shop 1234567890123"


def test_what_is_masked_is_counted_and_not_masked_again() -> None:
    masker = Masker()
    once = masker.masked(interaction(f"/priv/v1/apps/{KEY}/users", b'{"token":"x"}', authorization="Bearer abc"))
    assert masker.count == 3
    assert Masker().masked(once) == once
    again = Masker()
    again.masked(once)
    assert again.count == 0


def test_the_key_of_a_batch_goes_and_its_attributes_stay() -> None:
    masker = Masker()
    batch = {"api_key": "k", "api_keys": ["a", "b"], "user_attributes": {"token": "1"}, "mpid": 1}
    assert masker.batch(batch) == {**batch, "api_key": "***", "api_keys": ["***", "***"]}
    assert masker.count == 3
    assert masker.batch({"mpid": 1}) == {"mpid": 1}
