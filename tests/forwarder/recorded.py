"""Recorded batches of every shape that is taken, for hypothesis; and settings under which laws are tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from contracts import assumptions
from forwarder import Connection

LAW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,  # the same examples every time: what is red on one machine is red on the other
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ODD_NAMES = (
    "",
    "_",
    "---",
    "a b",
    "a_b",
    "a-b",
    "_a b",
    "$FirstName",
    "$firstname",
    "$Zip",
    "$Age",
    "$MOBILE",
    "FavoriteStore",
    "favoritestore",
    "caf\u00e9",
    "\u540d\u524d",
    "a/b~c",
    "~1",
    "0",
    "\x00",
    "\U0001f600",
)
PLATFORMS = (None, "", "iOS", "Android", "fire_tv", "FireTV", "smart tv", "out_of_band", "desktop", "toaster")
IDENTITIES = ("customer_id", "customerid", "customer", "CustomerId", "email", "mobile_number", "facebook", "other", "")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = st.sampled_from(ODD_NAMES) | texts
numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3))
attributes = st.none() | st.dictionaries(names, values, max_size=14)

_int64 = st.integers(-(2**63), 2**63 - 1)
int64 = st.none() | st.just("") | _int64 | _int64.map(str)
mpids = st.none() | st.sampled_from([0, "0", "-0", "007", 7, "7"]) | _int64 | _int64.map(str)

_identity = st.none() | st.sampled_from(["", "c-1", "ada@example.com"]) | texts
_listed = st.fixed_dictionaries(
    {"identity_type": st.sampled_from(IDENTITIES)}, optional={"identity": _identity, "is_first_seen": st.booleans()}
)
identities = (
    st.none()
    | st.dictionaries(st.sampled_from(IDENTITIES), _identity, max_size=5)
    | st.lists(_listed, max_size=5)
    | st.just({"customer_id": "c-1"})
)

_data = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "event_name": st.none() | names,
        "screen_name": st.none() | names,
        "custom_event_type": st.none() | st.sampled_from(["transaction", "other", ""]),
        "event_id": int64,
        "source_message_id": st.none() | texts,
        "timestamp_unixtime_ms": int64,
        "custom_attributes": attributes,
        "unknown": values,
    },
)
_kinds = st.sampled_from(["custom_event", "screen_view", "commerce_event", "session_start", "nobody_knows_it"])
_events = st.none() | st.lists(
    st.fixed_dictionaries({"event_type": _kinds}, optional={"data": _data, "unknown": values}), max_size=5
)


def _part(name: str) -> st.SearchStrategy[Any]:
    return st.none() | st.fixed_dictionaries({}, optional={name: st.sampled_from(PLATFORMS), "unknown": values})


batches: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "mpid": mpids,
        "source_request_id": st.none() | texts,
        "batch_id": int64,
        "environment": st.none() | st.just("development"),
        "user_identities": identities,
        "user_attributes": attributes,
        "deleted_user_attributes": st.none() | st.lists(names, max_size=4),
        "events": _events,
        "device_info": _part("platform"),
        "application_info": _part("os"),
        "unknown": values,
    },
)
"""Bodies of batches, as parsed JSON; many of them go nowhere."""

forwarded: st.SearchStrategy[dict[str, Any]] = st.builds(
    lambda batch, mpid, person: {**batch, "mpid": mpid, "user_identities": person, "device_info": {"platform": "iOS"}},
    batches,
    _int64.filter(bool),
    identities.filter(bool).map(lambda found: [*_pairs(found), {"identity_type": "customer_id", "identity": "c-1"}]),
)
"""The same, of somebody who is logged in, so that something goes out."""

choices: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(assumption.choices)
        for name, assumption in assumptions().items()
        if assumption.owner == "mparticle"
    },
)
"""Choices of what mParticle's documents leave open."""

_switches = st.dictionaries(names | st.just("*"), st.booleans(), max_size=4)
filters: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "send_new_data_points_by_default": st.booleans(),
        "events": st.dictionaries(
            st.sampled_from(["*", "other/*", "transaction/a b", "unknown/"]), st.booleans(), max_size=3
        ),
        "screens": _switches,
        "user_attributes": _switches,
        "user_identities": st.dictionaries(st.sampled_from([*IDENTITIES, "*"]), st.booleans(), max_size=4),
        "event_attributes": st.dictionaries(
            st.sampled_from(["*", "transaction/a b", "unknown/"]), _switches, max_size=3
        ),
        "screen_attributes": st.dictionaries(names | st.just("*"), _switches, max_size=3),
    },
)
"""Data filters with a word about some of the names."""

mappings: st.SearchStrategy[dict[str, str]] = st.dictionaries(names, names.filter(bool), max_size=3)


def connected(
    data_filter: Mapping[str, Any] | None = None, assume: Mapping[str, str] | None = None, **tables: Any
) -> Connection:
    """A connection that lets everything through, unless `data_filter` says otherwise."""
    settings_ = {
        "platforms": {"default": {"api_key": "k", "api_secret": "s"}},
        "data_filter": {"send_new_data_points_by_default": True} if data_filter is None else dict(data_filter),
        **tables,
    }
    return Connection.from_settings(settings_, assume)


def _pairs(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return found
    return [{"identity_type": kind, "identity": value} for kind, value in found.items()]
