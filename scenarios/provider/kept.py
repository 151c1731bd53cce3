"""Whether what was written is there: in what the tenant remembers, and in what it answers when it is asked.

Beside the examples of the register, which say it of single calls, this says it of every field of every call that the
tool made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import orjson

from contracts import Request
from scenarios.answers import missing

from .exchange import Exchange
from .fault import Fault
from .state import everything_in

WRITTEN = "harness.writes-kept"
TWICE = "harness.same-twice"
USER = (
    *("/user/external_id", "/user/email", "/user/dob", "/user/locale", "/user/ip", "/user/first_name"),
    *("/user/last_name", "/user/gender", "/user/country", "/user/state", "/user/city", "/user/zip"),
    *("/user/address", "/user/address2", "/user/phone_numbers/*/phone_number", "/user/user_profile/**"),
)
EVENTS = ("/events/~", "/events/*/transaction_id", "/events/*/date", "/events/*/context/**")
KEPT: Mapping[str, tuple[str, ...]] = {
    "createUser": USER,
    "updateUser": USER,
    "updateUserByExternalId": USER,
    "postEvents": EVENTS,
    "postEventsByExternalId": EVENTS,
    "postTags": ("/tags/*",),
    "postTagsByExternalId": ("/tags/*",),
    "issueOffer": ("/user_id", "/offer_id"),
    "updateUserOffer": ("/user_offer_id", "/custom_data"),
    "depositPoints": ("/deposit_details/*/reference_id", "/deposit_details/*/reference_type"),
    "depositPointsV2": ("/deposit_details/*/reference_id", "/deposit_details/*/reference_type"),
    "moveUser": ("/user_id", "/tier_level_id"),
    "triggerUserEvent": ("/event_lookup",),
    "lockOffer": ("/request_id", "/request_payload/transaction/transaction_id"),
    "redeemOffer": ("/request_id",),
    "unlockOffer": ("/request_id",),
    "reinstateOffer": ("/request_id",),
    "trackEvent": ("/name", "/data/~"),
    "trackAnonymousEvent": ("/name", "/data/~"),
    "addDevice": ("/device/id", "/device/platform"),
    "postBatch": ("/mpid", "/events/*/event_type"),
}
"""Operation -> what of a body must be remembered: `*` is any place, `~` the names themselves, `**` all below."""
READ_BACK: Mapping[str, tuple[str, str]] = {
    "createUser": ("/user/id", "/users/{id}?user%5Buser_profile%5D=true"),
    "updateUser": ("/user/id", "/users/{id}?user%5Buser_profile%5D=true"),
    "updateUserByExternalId": ("/user/id", "/users/{id}?user%5Buser_profile%5D=true"),
}
"""Operation -> where its answer has the id, and what is asked with it, below the tenant's path."""
SAID_BACK = (
    *("external_id", "email", "dob", "locale", "first_name", "last_name", "gender", "country", "state", "city", "zip"),
    *("address", "address2", "user_profile"),
)
"""What of a customer is given back as it was written."""


def writes_kept(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """What an accepted request said is in what the tenant remembers afterwards."""
    patterns = KEPT.get(exchange.operation)
    if patterns is None or not _wholly_taken(exchange) or not exchange.after:
        return
    known = _known(exchange.after)
    if exchange.surface == "pos" and _plain(exchange.body.get("request_id")) in _known(exchange.before):
        return  # a repetition gets the answer that is kept, whatever else it says
    for pattern in patterns:
        for value in _at(exchange.body, pattern.split("/")[1:]):
            if _plain(value) not in known:
                said = f"what was written at {pattern} is not kept"
                yield Fault(WRITTEN, "writes_kept", said, exchange.request, "nothing", "what was written")
                break
    yield from _read_back(exchange, trial)


def _wholly_taken(exchange: Exchange) -> bool:
    """Whether nothing of it was refused, left out or complained of."""
    return exchange.accepted and not exchange.partly and not exchange.named and isinstance(exchange.body, dict)


def _read_back(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    how = READ_BACK.get(exchange.operation)
    if how is None or not isinstance(exchange.said, dict) or "id" not in exchange.said.get("user", {}):
        return
    id_ = quote(str(exchange.said["user"]["id"]), safe="")
    target = f"/priv/v1/apps/{quote(trial.tenancy.key, safe='')}{how[1].format(id=id_)}"
    answer = trial.door.send(Request("GET", target, {"Authorization": trial.tenancy.doors["core"]}))
    said = answer.json() if answer is not None and answer.status == 200 else None
    got = said.get("user") if isinstance(said, dict) else None
    wanted = {name: value for name, value in exchange.body.get("user", {}).items() if name in SAID_BACK}
    for name in missing(_folded(wanted), _folded(got)):
        place = "/".join(name.split("/")[:2])
        text = f"what was written at /user{place} is not what a GET gives back"
        yield Fault(WRITTEN, "read_back", text, exchange.request, "something else", "what was written")
        return


def _folded(value: Any) -> Any:
    """A customer with the email in small letters, since the vendor's letters are its own affair."""
    if isinstance(value, dict) and isinstance(value.get("email"), str):
        return {**value, "email": value["email"].lower()}
    return value


def same_twice(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """The same PUT again leaves everything as it is, and is answered as before."""
    if exchange.request.method != "PUT" or not exchange.accepted or not exchange.after:
        return
    tally = trial.tallies[exchange.operation]
    if tally.succeeded >= AGAIN:
        return
    answer = trial.door.send(exchange.request)
    again = trial.tenancy.now()
    trial.state = again
    if (
        answer is None
        or answer.status != exchange.response.status
        or _told(answer.body) != _told(exchange.response.body)
    ):
        yield Fault(TWICE, "same_twice", "the same PUT again is answered otherwise", exchange.request, "", "the same")
    elif _uncounted(orjson.loads(again)) != _uncounted(orjson.loads(exchange.after)):
        yield Fault(TWICE, "same_twice", "the same PUT again changes what is kept", exchange.request, "", "the same")


AGAIN = 6
"""So many successes of each operation are asked for a second time."""


COUNTS = frozenset({"version", "_version"})
"""Fields that count how often something was written."""


def _uncounted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _uncounted(inner) for name, inner in value.items() if name not in COUNTS}
    return [_uncounted(inner) for inner in value] if isinstance(value, list) else value


def _told(body: bytes) -> Any:
    try:
        return _uncounted(orjson.loads(body))
    except orjson.JSONDecodeError:
        return body


@lru_cache(maxsize=8)
def _known(state: bytes) -> frozenset[Any]:
    return frozenset(_plain(one) for one in everything_in(orjson.loads(state)))


def _plain(value: Any) -> Any:
    """Texts without case and space round them, and numbers whichever way they are written: 1 is 1.0 and "1"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else str(value)
    return str(value).strip().casefold()


def _at(value: Any, parts: list[str]) -> Iterator[Any]:
    """What stands at a pattern: scalars only, and nothing that is empty."""
    if not parts:
        if isinstance(value, str | int | float) and value != "" and not isinstance(value, bool):
            yield value
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        for one in everything_in(value):
            if one != "":
                yield one
    elif part == "~":
        yield from (value if isinstance(value, dict) else ())
    elif part == "*":
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _at(inner, rest)
    elif isinstance(value, dict) and part in value:
        yield from _at(value[part], rest)
