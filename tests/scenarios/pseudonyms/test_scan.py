import json
from base64 import b64encode

import pytest

from scenarios.pseudonyms.finding import Known
from scenarios.pseudonyms.scan import Leftover, Scan, kinds_in, lines_of

JWT = ".".join(b64encode(part).decode().rstrip("=") for part in (b'{"alg":"HS256"}', b'{"sub":"12345"}', b"signed"))
MAIL, PHONE, CARD, SECRET = "an email address", "a telephone number", "a payment card", "a credential"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to jane.doe@shop.io now", MAIL),
        ("https://x.example/?e=jane%40shop.io", MAIL),
        ("call +44 7911 123456", PHONE),
        ("call (415) 555-2671", PHONE),
        ("card 4111 1111 1111 1111", CARD),
        ("4111" + "1" * 12, CARD),
        (f"Bearer {'a1' * 12}", SECRET),
        (JWT, SECRET),
        ("https://me:hunter2@shop.example/", SECRET),
        ("AKIA" + "A1B2" * 4, SECRET),
    ],
)
def test_what_must_not_stay_is_known_by_its_look(text: str, kind: str) -> None:
    assert list(kinds_in(text)) == [kind]
    assert [found.kind for found in lines_of("x:1", f'note = "{text}"')] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "jane@example.com", "a@b.test", "+15551234567", "415-555-0142", "1767225600000", "4111111111111112",
        "@media (min-width: 3px)", "2026-01-02T03:04:05+00:00", "order 4000123412341234123", "9 + 1", "a@b",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "Basic ***", "Basic credentials of its own",
        "Bearer authentication is used", "user@localhost", "1.2.3.4",
    ],
)  # fmt: skip
def test_what_is_nobodys_may_stay(text: str) -> None:
    assert list(kinds_in(text)) == []


def test_a_pair_in_basic_form_is_a_credential_and_a_made_up_word_is_none() -> None:
    assert list(kinds_in("Basic " + b64encode(b"key:secret").decode())) == [SECRET]
    assert list(lines_of("x:1", 'api_key = "0a1b2c3d4e5f6071"')) == [Leftover("x:1", "", SECRET)]
    assert not list(lines_of("x:1", 'api_key = "local-key"'))
    assert not list(lines_of("x:1", 'password = "***"'))


def test_a_place_is_named_and_a_value_never() -> None:
    body = {
        "a": [{"b": "jane@shop.io"}],
        "jane@shop.io": 1,
        "ip": "84.17.33.2",
        "password": "hunter22",
        "n": [4111111111111111],
    }
    found = list(Scan().leftovers("x:3", json.dumps(body)))
    assert found == [
        Leftover("x:3", "/a/0/b", MAIL),
        Leftover("x:3", "/\u2026", MAIL),
        Leftover("x:3", "/ip", "an address of a machine"),
        Leftover("x:3", "/password", SECRET),
        Leftover("x:3", "/n/0", CARD),
    ]
    assert "shop" not in " ".join(map(str, found))


def test_it_looks_into_json_in_texts_and_into_base64() -> None:
    inside = json.dumps({"mobile_number": "07911 123456"})
    for carried in (inside, b64encode(b"write to jane@shop.io").decode()):
        assert len(list(Scan().leftovers("x", json.dumps({"blob": carried})))) == 1


def test_a_value_of_a_person_that_stands_where_it_stood_is_left_and_names_of_fields_are_only_told() -> None:
    known = Known()
    known.add("Jane", "name")
    scan = Scan(known)
    before = json.dumps({"note": "hi Jane", "Jane": "Jane", "event_name": "Jane"})
    after = json.dumps({"note": "hi Hset", "Jane": "Jane", "event_name": "Jane"})
    assert list(scan.leftovers("x:1", after, before)) == [Leftover("x:1", "/Jane", "a value of a person's")]
    assert scan.named == {"jane"}


def test_an_invented_value_that_looks_like_somebodys_is_none_of_his() -> None:
    known = Known()
    known.add("Jane", "name")
    assert not list(Scan(known).leftovers("x:1", '{"a":"hi Jane"}', '{"a":"hi Mary"}'))
