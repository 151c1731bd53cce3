from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given

from forwarder import Batch, BatchError
from forwarder.batch import DEEPEST, duplicate_names, identities, identity_type
from tests.forwarder.recorded import LAW, batches


def refusal(raw: bytes) -> BatchError:
    with pytest.raises(BatchError) as caught:
        Batch.read(raw)
    assert "\n" not in str(caught.value)
    return caught.value


@LAW
@given(batches)
def test_every_recorded_shape_is_taken_and_kept_as_it_came(body: dict[str, Any]) -> None:
    batch = Batch.read(json.dumps(body).encode())
    assert batch.body == body
    assert batch.mpid == (int(body.get("mpid") or 0) or None)


@LAW
@given(batches)
def test_both_readers_read_the_same(body: dict[str, Any]) -> None:
    raw = json.dumps(body, ensure_ascii=False).encode()
    assert Batch.read(raw) == Batch.read(raw, duplicate_keys="first")


def test_an_empty_object_is_a_batch_of_nobody() -> None:
    assert Batch.read(b"{}") == Batch({}, None)


@pytest.mark.parametrize("digits", [9223372036854775807, -9223372036854775808, 2**53 + 1])
def test_no_digit_of_a_64_bit_id_is_lost_in_either_form(digits: int) -> None:
    assert Batch.read(b'{"mpid":%d}' % digits).mpid == Batch.read(b'{"mpid":"%d"}' % digits).mpid == digits


@pytest.mark.parametrize(
    "digits", [2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1, -9_999_999_999_999_999_999, 10**29]
)
def test_no_digit_of_a_larger_number_is_lost_in_an_attribute(digits: int) -> None:
    batch = Batch.read(b'{"user_attributes":{"card":%d}}' % digits)
    assert batch.body["user_attributes"]["card"] == digits


@pytest.mark.parametrize("mpid", [b"9223372036854775808", b"-9223372036854775809", b'"9223372036854775808"', b"1e19"])
def test_an_id_beyond_64_bits_is_refused_where_it_stands(mpid: bytes) -> None:
    assert refusal(b'{"mpid":%b}' % mpid).pointer == "/mpid"


WRONG: list[tuple[str, str]] = [
    ('"batch"', ""),
    ("[]", ""),
    ("null", ""),
    ("7", ""),
    ('{"mpid": true}', "/mpid"),
    ('{"mpid": 1.5}', "/mpid"),
    ('{"mpid": "7 "}', "/mpid"),
    ('{"mpid": "\u0667"}', "/mpid"),
    ('{"mpid": "7\\n"}', "/mpid"),
    ('{"mpid": {}}', "/mpid"),
    ('{"source_request_id": 7}', "/source_request_id"),
    ('{"batch_id": "x"}', "/batch_id"),
    ('{"timestamp_unixtime_ms": []}', "/timestamp_unixtime_ms"),
    ('{"environment": 1}', "/environment"),
    ('{"events": {}}', "/events"),
    ('{"events": "x"}', "/events"),
    ('{"events": [null]}', "/events/0"),
    ('{"events": [{}]}', "/events/0"),
    ('{"events": [{"event_type": 7}]}', "/events/0/event_type"),
    ('{"events": [{"event_type": ""}]}', "/events/0/event_type"),
    ('{"events": [{"event_type": "x", "data": []}]}', "/events/0/data"),
    ('{"events": [{"event_type": "x", "data": {"event_name": 7}}]}', "/events/0/data/event_name"),
    ('{"events": [{"event_type": "x", "data": {"screen_name": []}}]}', "/events/0/data/screen_name"),
    ('{"events": [{"event_type": "x", "data": {"custom_event_type": 1}}]}', "/events/0/data/custom_event_type"),
    ('{"events": [{"event_type": "x", "data": {"event_id": "a"}}]}', "/events/0/data/event_id"),
    ('{"events": [{"event_type": "x", "data": {"source_message_id": 5}}]}', "/events/0/data/source_message_id"),
    (
        '{"events": [{"event_type": "x", "data": {"timestamp_unixtime_ms": "x"}}]}',
        "/events/0/data/timestamp_unixtime_ms",
    ),
    ('{"events": [{"event_type": "x", "data": {"custom_attributes": []}}]}', "/events/0/data/custom_attributes"),
    ('{"user_attributes": []}', "/user_attributes"),
    ('{"deleted_user_attributes": {}}', "/deleted_user_attributes"),
    ('{"deleted_user_attributes": [1]}', "/deleted_user_attributes/0"),
    ('{"user_identities": "x"}', "/user_identities"),
    ('{"user_identities": {"email": 7}}', "/user_identities/email"),
    ('{"user_identities": [7]}', "/user_identities/0"),
    ('{"user_identities": [{}]}', "/user_identities/0"),
    ('{"user_identities": [{"identity_type": 7}]}', "/user_identities/0/identity_type"),
    ('{"user_identities": [{"identity_type": "email", "identity": 7}]}', "/user_identities/0/identity"),
    ('{"device_info": []}', "/device_info"),
    ('{"device_info": {"platform": 7}}', "/device_info/platform"),
    ('{"application_info": "x"}', "/application_info"),
    ('{"application_info": {"os": {}}}', "/application_info/os"),
]
"""A wrong kind at every place of which the kind is known: (JSON, where it is wrong)."""


@pytest.mark.parametrize(("text", "place"), WRONG)
def test_a_wrong_kind_is_refused_with_the_place_where_it_stands(text: str, place: str) -> None:
    assert refusal(text.encode()).pointer == place


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b"hello", "not JSON"),
        (b'{"mpid":7', "not JSON"),
        (b'{"mpid":7}{}', "not JSON"),
        (b"{'mpid':7}", "not JSON"),
        (b'{"mpid":NaN}', "NaN is not a JSON number"),
        (b'{"user_attributes":{"a":-Infinity}}', "-Infinity is not a JSON number"),
        (b'{"user_attributes":{"a":1e999}}', "a number too large for any reader"),
        (b'{"user_attributes":{"a":%b}}' % (b"9" * 5000), "not usable JSON"),
        (b'{"a":"\xff"}', "not UTF-8 at byte 6"),
        (b'{"a":"\x00"}', "not JSON"),
        ('{"mpid":7}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 100_000, "too deep"),
        (b'{"a":' * 100_000, "too deep"),
    ],
)
def test_what_is_no_json_is_refused_with_the_reason(raw: bytes, reason: str) -> None:
    assert reason in refusal(raw).reason


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b'{"user_attributes":{"a":"\\ud800"}}', "/user_attributes/a"),
        (b'{"user_attributes":{"\\udfff":"a"}}', "/user_attributes"),
        (b'{"events":[{"event_type":"x","data":{"event_name":"\\ud83d"}}]}', "/events/0/data/event_name"),
        (b'{"unknown":["\\udc00"]}', "/unknown/0"),
    ],
)
def test_half_of_a_surrogate_pair_is_refused_where_it_stands(raw: bytes, place: str) -> None:
    error = refusal(raw)
    assert error.pointer == place
    assert "surrogate" in error.reason


def test_a_whole_surrogate_pair_is_a_character_and_a_nul_may_be_written() -> None:
    batch = Batch.read(b'{"user_attributes":{"a":"\\ud83d\\ude00","b":"\\u0000"}}')
    assert batch.body["user_attributes"] == {"a": "\U0001f600", "b": "\0"}


def test_a_byte_order_mark_is_passed_over() -> None:
    assert Batch.read(b'\xef\xbb\xbf{"mpid":7}').mpid == 7


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ('{"user_attributes":{"a":%s}}', "/user_attributes/a"),
        (
            '{"events":[{"event_type":"x","data":{"custom_attributes":{"a/b":%s}}}]}',
            "/events/0/data/custom_attributes/a~1b",
        ),
        ('{"unknown":%s}', "/unknown"),
        ('{"events":[{"event_type":"x","data":{"unknown":%s}}]}', "/events"),
    ],
)
def test_a_value_that_goes_too_deep_is_refused_where_it_stands(body: str, place: str) -> None:
    for depth in (240, 900, 1000, 1030):
        error = refusal((body % ("[" * depth + "]" * depth)).encode())
        assert error.pointer in {place, ""}  # beyond what any reader takes, nobody can say where
        assert "deep" in error.reason


def test_a_value_that_goes_too_deep_is_refused_however_it_was_read() -> None:
    value: list[Any] = []
    for _ in range(DEEPEST):
        value = [value]
    with pytest.raises(BatchError, match=r"/user_attributes/a: .* deep"):
        Batch.from_json({"user_attributes": {"a": value}})


def test_a_value_may_be_as_deep_as_is_said() -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        inner = "{}" if closing == "}" else "[]"
        raw = f'{{"user_attributes":{{"a":{opening * (DEEPEST - 1)}{inner}{closing * (DEEPEST - 1)}}}}}'
        assert Batch.read(raw.encode()).mpid is None


def test_ten_megabytes_of_attributes_are_read() -> None:
    attributes = {f"attribute {index}": "x" * 90 for index in range(100_000)}
    assert len(Batch.read(orjson.dumps({"user_attributes": attributes})).body["user_attributes"]) == 100_000


def test_of_a_name_that_stands_twice_the_chosen_one_holds() -> None:
    raw = b'{"mpid":7,"mpid":8,"user_attributes":{"a":1,"a":2}}'
    last, first = Batch.read(raw), Batch.read(raw, duplicate_keys="first")
    assert (last.mpid, last.body["user_attributes"]) == (8, {"a": 2})
    assert (first.mpid, first.body["user_attributes"]) == (7, {"a": 1})


def test_names_that_stand_twice_are_told_once_each_in_order() -> None:
    raw = b'{"b":{"x":1,"x":2,"x":3},"c":[{"y":1,"y":1}],"b":{"x":1}}'
    assert duplicate_names(raw) == ["x", "y", "b"]
    assert duplicate_names(b'{"a":{"b":1},"c":{"b":1}}') == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000, b"9" * 5000])
def test_what_cannot_be_read_has_no_name_twice(raw: bytes) -> None:
    assert duplicate_names(raw) == []


@pytest.mark.parametrize("spelling", ["customer_id", "customerid", "customer", "CustomerId"])
def test_every_spelling_of_the_customer_id_is_one_type(spelling: str) -> None:
    assert identity_type(spelling) == "customer_id"


def test_other_types_that_begin_alike_are_other_types() -> None:
    assert identity_type("customers_other_id") == "customers_other_id"


def test_identities_are_the_same_from_a_map_and_from_an_array() -> None:
    as_map = {"user_identities": {"customerid": "c", "a/b": None}}
    as_array = {"user_identities": [{"identity_type": "customerid", "identity": "c"}, {"identity_type": "a/b"}]}
    assert list(identities(as_map)) == [
        ("/user_identities/customerid", "customer_id", "c"),
        ("/user_identities/a~1b", "a/b", None),
    ]
    assert list(identities(as_array)) == [
        ("/user_identities/0", "customer_id", "c"),
        ("/user_identities/1", "a/b", None),
    ]
    assert list(identities({"user_identities": None})) == list(identities({})) == []


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b'{"mpid": nope}', "not JSON: Expecting value at column 10"),
        (b'{\n "mpid": 1,\n "events": nope\n}', "not JSON: Expecting value at line 3 column 12"),
        (b'{"mpid": "1', "not JSON: Unterminated string starting at column 10"),
    ],
)
def test_what_is_not_json_is_told_with_its_column_and_where_there_are_several_with_its_line(
    raw: bytes, told: str
) -> None:
    with pytest.raises(BatchError) as error:
        Batch.read(raw)
    assert str(error.value) == told


def test_a_batch_that_was_read_before_is_the_same_batch_again() -> None:
    raw = b'{"environment":"development","mpid":"-12","events":[]}'
    assert Batch.again(Batch.read(raw).body) == Batch.read(raw)
    assert Batch.again({"environment": "development", "mpid": 0}).mpid is None
