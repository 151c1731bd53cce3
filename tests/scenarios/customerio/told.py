"""Batches of every shape on their way to Customer.io, for hypothesis; and the settings and choices of that road."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from contracts import assumptions
from tests.forwarder import recorded

WIDE = "\U0001f600"
CHOICES = ("customerio-", "colliding-keys", "reserved-name-case", "empty-key", "deleted-attributes")

names = recorded.names | st.sampled_from(
    [
        *("email", "id", "created_at", "unsubscribed", "city", "$City", "first_name", "$LastName", "timestamp"),
        *(
            "cio_subscription_preferences.topics.topic_1",
            " a ",
            "a\tb",
            "\u00a0a",
            "  ",
            "SegmentMembership",
            "In Gold",
        ),
        *(
            "n" * 150,
            "n" * 151,
            "n" + WIDE * 37,
            "nn" + WIDE * 37,
            "n" * 100,
            "n" * 101,
            "n" * 97 + WIDE,
            " " + "n" * 100,
        ),
    ]
)
values = recorded.values | st.sampled_from(["v" * 1000, "v" * 1001, "v" + WIDE * 250, ["v" * 996], ["v" * 997], ""])
attributes = st.none() | st.dictionaries(names, values, max_size=8)
moments = recorded.int64 | st.sampled_from([1, 999, 1_767_225_600_123, 253_402_300_800_000])
identities = st.dictionaries(
    st.sampled_from(["customer_id", "customerid", "email", "facebook", "mobile_number"]),
    st.sampled_from(["c-1", "ada@example.com", "ADA@example.com", "bob@example.com", "", "i" * 150, "i" * 151]),
    max_size=4,
)
listed = st.lists(
    st.fixed_dictionaries(
        {"identity_type": st.sampled_from(["customer_id", "CustomerId", "email", "facebook"])},
        optional={"identity": st.sampled_from(["c-1", "c-2", "ada@example.com", "f-1", "a/b", None])},
    ),
    max_size=5,
)
_data = st.fixed_dictionaries(
    {},
    optional={
        "event_name": st.none() | names,
        "screen_name": st.none() | names,
        "custom_event_type": st.sampled_from(["transaction", "other"]),
        "source_message_id": recorded.texts,
        "event_id": recorded.int64,
        "timestamp_unixtime_ms": moments,
        "custom_attributes": attributes,
        "is_opted_out": st.sampled_from([True, False, None, "true"]),
    },
)
_kinds = st.sampled_from(["custom_event", "custom_event", "screen_view", "opt_out", "commerce_event"])
_events = st.lists(st.fixed_dictionaries({"event_type": _kinds}, optional={"data": _data}), max_size=4)
_audiences = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 10**6) | st.sampled_from(["7", "x" * 497, "x" * 498, "x" * 997])},
        optional={
            "external_name": st.sampled_from(["Gold", "New", "", None, "g" * 147, "g" * 148]),
            "action": st.sampled_from(["add", "delete", None]),
        },
    ),
    max_size=4,
)

batches: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"user_identities": identities | listed | st.just({"customer_id": "c-1", "email": "ada@example.com"})},
    optional={
        "mpid": recorded.mpids,
        "type": st.sampled_from(["audience_membership", None]),
        "audiences": _audiences,
        "source_request_id": recorded.texts,
        "user_attributes": attributes,
        "deleted_user_attributes": st.lists(names, max_size=2),
        "events": _events,
        "created_at_unixtime": recorded.int64 | st.just(1_767_225_600),
        "device_info": st.fixed_dictionaries(
            {}, optional={"platform": st.sampled_from(recorded.PLATFORMS), "created_at_unixtime": st.just(5)}
        ),
    },
)
"""Bodies of batches, as parsed JSON."""

settings: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "edition": st.sampled_from(["document", "current"]),
        "user_id_type": st.sampled_from(["prefer_customer_id", "customer_id", "email"]),
        "include_user_attributes": st.booleans(),
        "send_created_at": st.booleans(),
        "one_attribute_per_segment": st.booleans(),
    },
)
"""The table `customerio` of connection.toml."""

choices: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(one.choices)
        for name, one in assumptions().items()
        if name.startswith(CHOICES) and name != "customerio-reserved-keys"
    },
)
"""Choices of what the documents leave open, about the forwarder and about Customer.io.

With reserved keys that are sent, anything may be an order to Customer.io: examples try that.
"""
