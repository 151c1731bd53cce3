"""What the fake received and answered: bounded, and filtered on reading.

One entry is kept as it was on the wire and made into an `Interaction` only when somebody reads it.
Credentials never get in: the header is left out, and the key in the path is written `{api_key}`.
"""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from contracts import Interaction, Request, Response, Violation

from .clock import iso
from .faults import path_matches

APPS = "/priv/v1/apps/"
SECRET = frozenset({"HTTP_AUTHORIZATION", "HTTP_PROXY_AUTHORIZATION", "HTTP_COOKIE"})


class Entry(NamedTuple):
    """One interaction as it was on the wire; `status` is None where the connection was lost."""

    number: int
    at: float
    tenant: str
    vendor: str
    operation: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None
    answer_headers: tuple[tuple[str, str], ...]
    answer: bytes
    violations: tuple[Violation, ...]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def interaction(self) -> Interaction:
        response = None
        if self.status is not None:
            answered = {name.lower(): value for name, value in self.answer_headers}
            response = Response(self.status, answered, self.answer)
        headers = {name.removeprefix("HTTP_").replace("_", "-").lower(): value for name, value in self.headers}
        request = Request(self.method, self.target, headers, self.body)
        return Interaction(
            self.number, self.at, self.tenant, self.vendor, self.operation, request, response, self.violations
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are wanted. `path` is a part of the path, or a pattern with `*`; `limit` takes the latest."""

    tenant: str | None = None
    vendor: str | None = None
    method: str | None = None
    path: str | None = None
    status: int | None = None
    rule: str | None = None
    limit: int | None = None
    broken: bool = False

    def __call__(self, entry: Entry) -> bool:
        return (
            (self.tenant is None or entry.tenant == self.tenant)
            and (self.vendor is None or entry.vendor == self.vendor)
            and (self.method is None or entry.method == self.method)
            and (self.path is None or path_matches(self.path, entry.path))
            and (self.status is None or entry.status == self.status)
            and (self.rule is None or any(violation.rule == self.rule for violation in entry.violations))
            and (not self.broken or bool(entry.violations))
        )


ALL = Filter()


class Journal:
    """The latest `limit` interactions of a world; `dropped` says how many had to go."""

    __slots__ = ("_entries", "_number", "dropped")

    def __init__(self, limit: int = 10_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._number = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def add(
        self,
        environ: Mapping[str, Any],
        method: str,
        target: str,
        body: bytes,
        *,
        at: float,
        tenant: str = "",
        vendor: str = "",
        operation: str = "",
        status: int | None = None,
        answer_headers: Iterable[tuple[str, str]] = (),
        answer: bytes = b"",
        violations: tuple[Violation, ...] = (),
    ) -> None:
        """Keep one interaction; `environ` is the WSGI environment, of which only harmless headers are read."""
        self._number += 1
        if len(self._entries) == self._entries.maxlen:
            self.dropped += 1
        headers = tuple(
            [(name, value) for name, value in environ.items() if name[:5] == "HTTP_" and name not in SECRET]
        )
        if environ.get("CONTENT_TYPE"):
            headers = (*headers, ("CONTENT_TYPE", environ["CONTENT_TYPE"]))
        self._entries.append(
            Entry(
                self._number,
                at,
                tenant,
                vendor,
                operation,
                method,
                without_key(target),
                headers,
                body,
                status,
                tuple(answer_headers),
                answer,
                violations,
            )
        )

    def entries(self, wanted: Filter = ALL) -> list[Entry]:
        """Entries in the order in which they came."""
        found = [entry for entry in self._entries if wanted(entry)]
        return found if wanted.limit is None else found[max(0, len(found) - wanted.limit) :]

    def interactions(self, wanted: Filter = ALL) -> Iterator[Interaction]:
        """The same as values that all floors share."""
        return (entry.interaction() for entry in self.entries(wanted))

    def clear(self, tenant: str | None = None) -> None:
        """Forget the entries of a tenant, or all of them and the count of those that were dropped."""
        kept = [entry for entry in self._entries if tenant is not None and entry.tenant != tenant]
        self._entries = deque(kept, maxlen=self._entries.maxlen)
        if tenant is None:
            self.dropped = 0


@lru_cache(maxsize=512)
def without_key(target: str) -> str:
    """A target with `{api_key}` in the place of the key that stands in the path."""
    if not target.startswith(APPS):
        return target
    ends = [place for place in (target.find("/", len(APPS)), target.find("?", len(APPS))) if place >= 0]
    return APPS + "{api_key}" + (target[min(ends) :] if ends else "")


def shown(interaction: Interaction, *, exact: bool = False) -> dict[str, Any]:
    """An interaction as `/__admin/requests` shows it. A body that is not JSON is shown as text.

    `exact` shows every body as text, or as base64 where it is none, and says the time in seconds, too.
    """
    response = interaction.response
    body = _exact if exact else _body
    return {
        **({"seconds": interaction.at} if exact else {}),
        "number": interaction.number,
        "at": iso(interaction.at),
        "tenant": interaction.tenant,
        "vendor": interaction.vendor,
        "operation": interaction.operation,
        "request": {
            "method": interaction.request.method,
            "target": interaction.request.target,
            "headers": interaction.request.headers,
            "body": body(interaction.request.body),
        },
        "response": response and {"status": response.status, "headers": response.headers, "body": body(response.body)},
        "violations": [
            {
                "rule": violation.rule,
                "pointer": violation.pointer,
                "message": violation.message,
                "got": violation.got,
                "allowed": violation.allowed,
                "nearest": violation.nearest,
            }
            for violation in interaction.violations
        ],
    }


def _exact(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode("ascii")}


def _body(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")
