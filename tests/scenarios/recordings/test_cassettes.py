"""Cassettes of every VCR are read, in YAML and in JSON, interaction by interaction."""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
import yaml

from scenarios.recordings.opening import entries, read_recording
from scenarios.recordings.recorded import Recorded

FIXTURES = Path(__file__).parents[2] / "fixtures/recordings"
BIG = 2**63 - 1


def interaction(**parts: Any) -> dict[str, Any]:
    request = {"method": "POST", "uri": "https://api.example.com/x", "headers": {"A": ["1", "2"]}, "body": "{}"}
    answer = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
    return {"request": request | parts.pop("request", {}), "response": answer | parts.pop("response", {}), **parts}


def read(tmp_path: Path, text: str) -> list[Any]:
    (tmp_path / "it").write_text(text)
    return list(entries([str(tmp_path / "it")]))


@pytest.mark.parametrize("name", ["vcrpy.yaml", "vcrpy.json", "betamax.json"])
def test_what_the_real_ones_wrote_is_read(name: str) -> None:
    """`vcrpy.yaml` has packed answers and bytes in base64, as vcrpy keeps them by default."""
    found = read_recording(FIXTURES / name)
    first, second = [one.interaction for one in found.interactions[:2]]
    assert found.bad == ()
    assert first.request.json() == {"user": {"external_id": "1001", "n": BIG}}
    assert first.request.target == "/priv/v1/apps/example-key/users"
    assert second.request.target == "/gzip/users/1%2F2?x=%20y"
    for one in (first, second):
        assert one.response is not None
        assert (one.response.status, one.response.json()) == (200, {"status": "ok", "n": BIG})
        assert one.at > 1_700_000_000
    if name == "vcrpy.yaml":
        third = found.interactions[2].interaction
        assert third.request.body == b"\xff\x00"
        assert third.response is not None
        assert third.response.body == bytes(range(256))


RUBY = """---
http_interactions:
- request:
    method: post
    uri: https://api.example.com/users?a=%2F
    body:
      encoding: UTF-8
      string: '{"n": 9223372036854775807}'
    headers:
      Content-Type:
      - &1 application/json
  response:
    status: {code: 201, message: Created}
    headers:
      Content-Type:
      - *1
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        /wA=
  recorded_at: Thu, 01 Jan 2026 00:00:00 GMT
- request:
    method: get
    uri: https://api.example.com/
    body: {encoding: US-ASCII, string: ''}
    headers: {Accept: [*1]}
  response:
    status: {code: 200, message: OK}
    headers: !ruby/hash:Hash {}
    body: {encoding: UTF-8, base64_string: e30=}
recorded_with: VCR 6.0
"""


def test_rubys_own_is_read_with_its_anchors_binaries_and_times(tmp_path: Path) -> None:
    first, second = [one.interaction for one in read(tmp_path, RUBY)]
    assert (first.request.method, first.request.target) == ("POST", "/users?a=%2F")
    assert (first.request.json(), first.at) == ({"n": BIG}, 1767225600.0)
    assert (first.response.status, first.response.body) == (201, b"\xff\x00")
    assert first.response.headers == {"content-type": "application/json"}
    assert second.request.headers == {"accept": "application/json"}
    assert second.response.body == b"{}"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (None, b""),
        ("é", "é".encode()),
        (b"\xff", b"\xff"),
        ({"string": "a"}, b"a"),
        ({"string": b"a"}, b"a"),
        ({"base64_string": b64encode(b"\xff").decode()}, b"\xff"),
        ({"a": BIG}, b'{"a":9223372036854775807}'),
    ],
)
def test_a_body_is_read_in_every_form(body: Any, wanted: bytes, tmp_path: Path) -> None:
    made = {"interactions": [interaction(request={"body": body})], "version": 1}
    (one,) = read(tmp_path, yaml.safe_dump(made))
    assert one.interaction.request.body == wanted


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("text", "has no request"),
        (interaction(request={"method": 1}), "request.method is no method"),
        (interaction(request={"uri": None}), "request.uri is no text"),
        (interaction(request={"body": 7}), "request.body is no text"),
        (interaction(request={"body": {"base64_string": "secret!"}}), "request.body.base64_string is not base64"),
        (interaction(response={"status": "secret"}), "response.status is no status"),
    ],
)
@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump])
def test_a_bad_interaction_is_named_and_its_neighbours_are_kept(write: Any, bad: Any, why: str, tmp_path: Path) -> None:
    first, told, last = read(tmp_path, write({"interactions": [interaction(), bad, interaction()], "version": 1}))
    assert isinstance(first, Recorded)
    assert isinstance(last, Recorded)
    assert str(told) == f"{tmp_path}/it interaction 2: {why}"


def test_a_cassette_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    text = yaml.safe_dump({"interactions": [interaction()] * 3}) + '- request: "cut'
    found = read(tmp_path, text)
    assert len([one for one in found if isinstance(one, Recorded)]) == 3
    assert "interaction 4: line" in str(found[-1])
    assert "not YAML" in str(found[-1])
    *good, bad = read(tmp_path, json.dumps({"interactions": [interaction()] * 3})[:-40])
    assert len(good) == 2
    assert "interaction 3: line 1: is cut short; what comes before is read" in str(bad)


def test_an_object_of_the_writers_language_is_never_made(tmp_path: Path) -> None:
    text = yaml.safe_dump({"interactions": [interaction()]}).replace(
        "body: '{}'", "body: !!python/object/apply:os.getcwd []"
    )
    (bad,) = read(tmp_path, text)
    assert "request.body" not in str(bad) or str(bad).endswith("is no text")
