import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.population import Population
from scenarios.pseudonyms.files import CannotPseudonymise, pseudonymise

KEY = b"1" * 32
JANE: dict[str, Any] = {
    "mpid": 3000000000000000001,
    "user_identities": {"email": "jane@shop.io"},
    "user_attributes": {"$FirstName": "Jane"},
}


def lines(path: Path, *bodies: Any) -> Path:
    path.write_text("".join(f"{body if isinstance(body, str) else json.dumps(body)}\n" for body in bodies), "utf-8")
    return path


def test_a_folder_becomes_a_folder_with_one_person_in_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    lines(tmp_path / "in" / "a.ndjson", JANE)
    lines(tmp_path / "in" / "mParticle_Bucket_Verification_x", "not a batch")
    (tmp_path / "in" / "sub" / "b.json.gz").write_bytes(
        gzip.compress(json.dumps({**JANE, "user_attributes": {"n": "Jane"}}).encode())
    )
    made = pseudonymise(tmp_path / "in", tmp_path / "out", KEY)
    assert made.clean
    one = json.loads((tmp_path / "out" / "a.ndjson").read_text("utf-8"))
    two = json.loads(gzip.decompress((tmp_path / "out" / "sub" / "b.json.gz").read_bytes()))
    assert (one["mpid"], one["user_attributes"]["$FirstName"]) == (two["mpid"], two["user_attributes"]["n"])


def test_a_cassette_in_a_folder_becomes_har_and_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    body = json.dumps({"email": "jane@shop.io"})
    told = {
        "request": {"method": "PUT", "uri": "https://track.example/api/v1/customers/7", "body": body, "headers": {}}
    }
    told["response"] = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
    (tmp_path / "in" / "c.json").write_text(json.dumps({"version": 1, "interactions": [told]}), "utf-8")
    assert pseudonymise(tmp_path / "in", tmp_path / "out", KEY).interactions == 1
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["c.har"]
    assert "shop.io" not in (tmp_path / "out" / "c.har").read_text("utf-8")


def test_lines_stay_as_they_are_written_but_for_people(tmp_path: Path) -> None:
    odd = '{"mpid": 12, "user_attributes" : {"n":1.50, "e":"\\u00e9", "n":2e3},"x_unknown":[ ]}'
    path = lines(tmp_path / "a.ndjson", odd)
    pseudonymise(path, tmp_path / "b.ndjson", KEY)
    made = (tmp_path / "b.ndjson").read_text("utf-8")
    assert made[12:] == odd[12:] + "\n"


def test_two_runs_with_one_key_write_the_same_bytes(tmp_path: Path) -> None:
    population = Population(1)
    path = lines(tmp_path / "a.ndjson", *(population.batch() for _ in range(20)))
    for name in ("b", "c"):
        assert pseudonymise(path, tmp_path / name, KEY).clean
    assert (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()
    assert pseudonymise(path, tmp_path / "d", b"2" * 32).clean
    assert (tmp_path / "b").read_bytes() != (tmp_path / "d").read_bytes()
    assert len((tmp_path / "b").read_bytes()) == len(path.read_bytes())


@pytest.mark.parametrize(
    ("where", "planted"),
    [
        ("/user_attributes/note", "write to bob@gmail.com"),
        ("/user_attributes/note", "call +44 7911 123456"),
        ("/user_attributes/list/1/0", "pay with 4111 1111 1111 1111"),
        ("/user_attributes/note", "Bearer abcdefghijklmnop1234"),
        ("/events/0/data/event_name", "visit of bob@gmail.com"),
        ("/events/0/data/custom_attributes/url", "https://x.example/?who=bob%40gmail.com"),
        ("/events/0/data/product_action/products/0/name", "Mug for bob@gmail.com"),
    ],
)
def test_what_may_be_somebodys_and_is_not_known_is_named_and_nothing_is_written(
    where: str, planted: str, tmp_path: Path
) -> None:
    event: dict[str, Any] = {"custom_attributes": {}, "product_action": {"products": [{}]}, "event_name": "visit"}
    body: dict[str, Any] = {
        "user_attributes": {"list": ["x", ["y"]]},
        "events": [{"event_type": "custom_event", "data": event}],
    }
    inner: Any = body
    *parts, last = where.split("/")[1:]
    for part in parts:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    inner[int(last) if isinstance(inner, list) else last] = planted
    path = lines(tmp_path / "a.ndjson", JANE, body)
    made = pseudonymise(path, tmp_path / "out" / "b.ndjson", KEY)
    assert [(one.place, one.pointer) for one in made.leftovers] == [(f"{path}:2", where)]
    assert [one.name for one in tmp_path.iterdir()] == ["a.ndjson"]


def test_an_address_as_the_name_of_a_field_cannot_be_taken_out(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.ndjson", {"user_attributes": {"bob@gmail.com": "1"}})
    made = pseudonymise(path, tmp_path / "b", KEY)
    assert [one.pointer for one in made.leftovers] == ["/user_attributes/\u2026"]
    assert not (tmp_path / "b").exists()


def test_what_cannot_be_read_is_refused_or_left_out_and_counted(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.ndjson", JANE, "half a lin", JANE)
    made = pseudonymise(path, tmp_path / "b", KEY)
    assert [one.place for one in made.bad] == [f"{path}:2"]
    assert not (tmp_path / "b").exists()
    made = pseudonymise(path, tmp_path / "b", KEY, leave_out_bad=True)
    assert (made.clean, made.left_out) == (True, 1)
    assert len((tmp_path / "b").read_text("utf-8").splitlines()) == 2


def test_interactions_become_har_without_people_and_credentials(tmp_path: Path) -> None:
    posted = {
        "mimeType": "application/json",
        "text": json.dumps({"user": {"email": "jane@shop.io", "first_name": "Jane"}}),
    }
    request = {
        "method": "POST",
        "url": "https://api.example/priv/v1/apps/0a1b2c3d4e5f/users",
        "headers": [{"name": "Authorization", "value": "Basic a2V5OnNlY3JldA=="}],
        "postData": posted,
    }
    answer = {"status": 200, "headers": [], "content": {"text": "SGkgSmFuZSE=", "encoding": "base64", "size": 8}}
    entry = {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": answer}
    (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}), "utf-8")
    assert pseudonymise(tmp_path / "a.har", tmp_path / "b.har", KEY).interactions == 1
    text = (tmp_path / "b.har").read_text("utf-8")
    assert len(json.loads(text)["log"]["entries"]) == 1
    for gone in ("Jane", "shop.io", "0a1b2c3d4e5f", "a2V5OnNl"):
        assert gone not in text


@pytest.mark.parametrize(
    ("source", "target"), [("a.ndjson", "a.ndjson"), ("none", "b"), (".", "inside"), ("empty", "b")]
)
def test_a_place_that_cannot_be_read_or_written_is_told(source: str, target: str, tmp_path: Path) -> None:
    lines(tmp_path / "a.ndjson", JANE)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CannotPseudonymise):
        pseudonymise(tmp_path / source, tmp_path / target, KEY)
