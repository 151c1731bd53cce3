"""Whom batches are about, and whom requests speak of: one number for each person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from scenarios.reading import identities_of, mpid_of

from .sent import UNKNOWN
from .written import Form, leaves

SURE = frozenset({"customer_id"})
"""Identities by which a vendor may know a person that has no MPID there."""


class People:
    """Everybody in a recording: one record for each person.

    Who has an MPID is known by it, anybody else by the customer id, or else by any other identity.
    """

    def __init__(self) -> None:
        self._surely: dict[str, int] = {}
        self._perhaps: dict[str, int] = {}
        self.count = 0

    def of_batch(self, batch: Mapping[str, Any]) -> int:
        """The number of whom a batch is about; -1 where it names nobody."""
        try:
            mpid, identities = mpid_of(batch), identities_of(batch)
        except (TypeError, ValueError, KeyError, AttributeError):
            return UNKNOWN
        sure = [value for _, kind, value in identities if kind in SURE and value]
        others = [value for _, kind, value in identities if kind not in SURE and value]
        known = [mpid] if mpid else sure or others[:1]
        if not known:
            return UNKNOWN
        number = self._surely.get(known[0])
        if number is None:
            number, self.count = self.count, self.count + 1
            self._surely[known[0]] = number
        for value in sure:
            self._surely.setdefault(value, number)
        for value in others:
            self._perhaps.setdefault(value, number)
        return number

    def of_request(self, target: str, body: Any) -> int:
        """The number of whom a request speaks of; -1 for nobody who is known."""
        said = _said(target, body)
        for known in (self._surely, self._perhaps):
            for text in said:
                if text in known:
                    return known[text]
        return UNKNOWN

    def learn(self, person: int, answer: Any) -> None:
        """A vendor may give a person an id of its own, and a forwarder use that from then on."""
        user = answer.get("user") if isinstance(answer, dict) else None
        if person != UNKNOWN and isinstance(user, dict) and isinstance(user.get("id"), str):
            self._surely.setdefault(user["id"], person)


def _said(target: str, body: Any) -> list[str]:
    """Every whole text and number of a path, a query and a body, in this order."""
    path, _, query = target.partition("?")
    found = [unquote(part) for part in path.split("/") if part]
    found += [value for _, value in parse_qsl(query)]
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, str | int) and not isinstance(one, bool):
            found.append(str(one))
    return found


LONG = 6
"""So many characters has what tells one batch of a person from another."""


def located(batches: Iterable[tuple[int, Any]], forms: list[Form]) -> list[int]:
    """The number of the batch that each request about a person is for; `batches` are all of that person's.

    A text that stands in one batch only tells; what tells nothing goes with what follows it, for a user is sent
    before the events.
    """
    whose: dict[str, int] = {}
    for number, body in batches:
        for text in set(_said("", body)):
            if len(text) >= LONG:
                whose[text] = UNKNOWN if whose.get(text, number) != number else number
    found = [next(filter(_known, (whose.get(text, UNKNOWN) for text in _texts(form))), UNKNOWN) for form in forms]
    for index in range(len(found) - 2, -1, -1):
        if found[index] == UNKNOWN:
            found[index] = found[index + 1]
    for index in range(1, len(found)):
        if found[index] == UNKNOWN:
            found[index] = found[index - 1]
    return found


def _texts(form: Form) -> list[str]:
    return [str(value) for place, _, value in leaves(form) if place[0] == "body" and isinstance(value, str | int)]


def _known(number: int) -> bool:
    return number != UNKNOWN
