"""Whether what an answer tells is so: known before or after, said by the request, or the vendor's own word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any
from urllib.parse import unquote

import orjson

from contracts.register import openapi

from .exchange import UNREADABLE, Exchange
from .fault import Fault
from .inhabitants import TENANT
from .state import everything_in

TRUE = "harness.answers-true"
MADE = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9a-f]{32}|\d{4}-\d\d-\d\d.*")
"""Ids that are made for the answer, and moments, which are kept as numbers."""
IN_ITS_OWN_WORDS = frozenset({"message", "reason", "field", "account_status", "culture", "slug", "state", "notice"})
"""Fields in which a vendor speaks for itself."""
OWN_WORDS = frozenset({"All Offers"})
"""What an account has that nobody set up."""


def answers_true(exchange: Exchange, trial: Any) -> Iterator[Fault]:
    """An answer tells no text that neither the tenant nor the request has."""
    if not exchange.accepted or exchange.partly or exchange.said in (None, UNREADABLE) or not exchange.after:
        return
    if exchange.surface == "admin":
        return
    known = _known(exchange.before) | _known(exchange.after) | _set_up() | {trial.tenancy.retailer.casefold()}
    asked = unquote(exchange.request.target).casefold()
    given: frozenset[str] | None = None
    for place, text in _texts(exchange.said, ""):
        if not text or MADE.fullmatch(text) or text in OWN_WORDS or place.rpartition("/")[2] in IN_ITS_OWN_WORDS:
            continue
        folded = text.casefold()
        if folded in known or folded in asked or _of_contract(exchange.vendor, text) or "/event_types/" in place:
            continue
        if given is None:
            body = exchange.body if exchange.body is not UNREADABLE else None
            given = frozenset(str(one).casefold() for one in everything_in(body))
        if folded not in given:
            yield Fault(TRUE, "answers_true", f"{place} tells what nobody said", exchange.request, "", "what is kept")
            return


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, f"{place}/{name if str(name).isidentifier() else '*'}")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, f"{place}/-")
    elif isinstance(value, str):
        yield place, value


@lru_cache(maxsize=8)
def _known(state: bytes) -> frozenset[str]:
    return frozenset(str(one).casefold() for one in everything_in(orjson.loads(state)))


@cache
def _set_up() -> frozenset[str]:
    return frozenset(str(one).casefold() for one in everything_in(dict(TENANT)))


@cache
def _of_contract(vendor: str, text: str) -> bool:
    return text in str(openapi(vendor))
