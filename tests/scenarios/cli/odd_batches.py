"""Texts that are no batch, and texts that are odd and still one, for the tests of commands."""

from __future__ import annotations

import json
from typing import Any

import orjson

from tests.forwarder.test_batch import WRONG
from tests.forwarder.vendor import batch


def person(**more: Any) -> bytes:
    """A batch of somebody who is logged in, in one line."""
    return orjson.dumps({"mpid": 7, "user_identities": {"customer_id": "c7"}, **more})


def of_text(inside: str) -> bytes:
    """The same with names and values that JSON writers would not write, as the text that stands behind it."""
    return person()[:-1] + b"," + inside.encode("utf-8", "surrogatepass") + b"}"


def deep(depth: int, where: str = "user_attributes") -> bytes:
    return of_text(f'"{where}":{{"a":{"[" * depth}{"]" * depth}}}')


BAD: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"hello", "not JSON"),
    "half a line": (batch(9, "a")[:-20], "not JSON"),
    "two batches in a line": (batch(9) + batch(9), "not JSON"),
    "NUL bytes": (b"\0\0\0\0", "not JSON"),
    "a NUL byte inside a text": (of_text('"user_attributes":{"a":"\0"}'), "not JSON"),
    "no UTF-8": (of_text('"user_attributes":{"a":"x"}').replace(b'"x"', b'"\xff"'), "not UTF-8"),
    "half a surrogate pair": (of_text('"user_attributes":{"a":"\\ud800"}'), "/user_attributes/a"),
    "half a surrogate pair in a name": (of_text('"user_attributes":{"\\udc00":1}'), "/user_attributes"),
    "a surrogate as bytes": (of_text('"user_attributes":{"a":"\ud800"}'), "not UTF-8"),
    "a value 1,000 deep": (deep(1000), "deep"),
    "a value 300 deep": (deep(300), "/user_attributes/a"),
    "an unknown value 1,000 deep": (deep(1000, "unknown"), "deep"),
    "an unknown value 300 deep": (deep(300, "unknown"), "/unknown"),
    "brackets without end": (b"[" * 1_000_000, "deep"),
    "an id beyond 64 bits": (b'{"mpid":9223372036854775808}', "/mpid"),
    "an id far beyond 64 bits": (b'{"mpid":%b}' % (b"9" * 400), "/mpid"),
    "an id below 64 bits": (b'{"mpid":-9223372036854775809}', "/mpid"),
    "an id of 10,000 digits": (b'{"mpid":%b}' % (b"9" * 10_000), "not usable JSON"),
    "an event id beyond 64 bits": (
        of_text('"events":[{"event_type":"custom_event","data":{"event_id":18446744073709551616}}]'),
        "/events/0/data/event_id",
    ),
    "a number that is none": (of_text('"user_attributes":{"a":NaN}'), "not JSON"),
    "a number without end": (of_text('"user_attributes":{"a":1e999}'), "too large"),
    **{f"{text} at {place or 'the top'}": (text.encode(), place) for text, place in WRONG},
}
"""What is no batch: (its line, what must be said of it)."""

GOOD: dict[str, tuple[bytes, dict[str, str]]] = {
    "NUL as an escape": (of_text('"user_attributes":{"a":"\\u0000"}'), {"a": "\0"}),
    "a whole surrogate pair": (of_text('"user_attributes":{"a":"\\ud83d\\ude00"}'), {"a": "\U0001f600"}),
    "names that stand twice": (of_text('"user_attributes":{"a":1,"a":2}'), {"a": "2"}),
    "the largest 64-bit number": (of_text('"user_attributes":{"a":9223372036854775807}'), {"a": "9223372036854775807"}),
    "the smallest": (of_text('"user_attributes":{"a":-9223372036854775808}'), {"a": "-9223372036854775808"}),
    "one larger": (of_text('"user_attributes":{"a":9223372036854775808}'), {"a": "9223372036854775808"}),
    "one smaller": (of_text('"user_attributes":{"a":-9223372036854775809}'), {"a": "-9223372036854775809"}),
    "twenty digits": (of_text('"user_attributes":{"a":18446744073709551616}'), {"a": "18446744073709551616"}),
    "a value 90 deep": (deep(90), {"a": "[" * 90 + "]" * 90}),
    "a name of nothing but signs": (person(user_attributes={"\u202e!": 1}), {}),
    "a name of 100,000 letters": (person(user_attributes={"n" * 100_000: 1}), {"n" * 100_000: "1"}),
    "a byte order mark": (b"\xef\xbb\xbf" + person(user_attributes={"a": 1}), {"a": "1"}),
    "a line end of Windows": (person(user_attributes={"a": 1}) + b"\r\n", {"a": "1"}),
    "a batch over many lines": (
        json.dumps(json.loads(person(user_attributes={"a": 1})), indent=1).encode(),
        {"a": "1"},
    ),
}
"""What is odd and still a batch: (its text, the custom attributes that arrive)."""

TEN_MEGABYTES = person(user_attributes={f"attribute {index}": "x" * 80 for index in range(100_000)})
