"""Ids that a server hands out differ from one server to the next: which of the recording's is which of the fake's.

Each id of the recording belongs to one id of the fake, and the other way round. A recorded answer that breaks this
speaks of something else than the fake does.
"""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from contracts import Request

QUOTED = re.compile(rb'"([^"\\\x00-\x1f]{4,64})"')
"""A text in JSON that may be an id; what is escaped is none."""


@dataclass(slots=True)
class HandedOut:
    """The ids of one account: those of the recording, and those that stand for them in the fake."""

    _there: MutableMapping[str, str] = field(default_factory=dict)
    _here: MutableMapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._there)

    def bind(self, recorded: str, own: str) -> bool:
        """Say that two ids are of the same thing; False where one of them is already another's."""
        recorded, own = recorded.lower(), own.lower()
        if self._there.get(recorded, own) != own or self._here.get(own, recorded) != recorded:
            return False
        self._there[recorded] = own
        self._here[own] = recorded
        return True

    def forget(self, own: str) -> None:
        """Let an id of the fake be nobody's, and the recording's free for another."""
        recorded = self._here.pop(own.lower(), None)
        if recorded is not None:
            del self._there[recorded]

    def trial(self) -> HandedOut:
        """The same for the length of a try: what is bound in it is bound nowhere else."""
        return HandedOut(ChainMap({}, self._there), ChainMap({}, self._here))

    def same(self, recorded: str, own: str) -> bool:
        """Whether two ids are known to be of the same thing, or are the same text and neither is another's."""
        known = self._there.get(recorded.lower())
        return known == own.lower() if known is not None else recorded == own and own.lower() not in self._here

    def strange(self, recorded: str, own: str) -> bool:
        """Whether neither of two ids was met before."""
        return recorded.lower() not in self._there and own.lower() not in self._here

    def known(self, recorded: str = "", own: str = "") -> bool:
        """Whether an id of either side was met before."""
        return recorded.lower() in self._there or own.lower() in self._here

    def own(self, recorded: str) -> str:
        """The fake's id for one of the recording; the same text where it is none. Capitals stay capitals."""
        found = self._there.get(recorded.lower())
        if found is None:
            return recorded
        return found.upper() if recorded != recorded.lower() else found

    def request(self, request: Request) -> Request:
        """A recorded request with the fake's ids in path, query and body; all else stays as it is, byte by byte."""
        if not self._there:
            return request
        body = QUOTED.sub(self._swapped, request.body) if request.body else b""
        return Request(request.method, self.target(request.target), request.headers, body)

    def target(self, target: str) -> str:
        """A path with its query in the fake's ids."""
        path, mark, query = target.partition("?")
        path = "/".join(map(self._part, path.split("/")))
        if not mark:
            return path
        pairs = (pair.partition("=") for pair in query.split("&"))
        return f"{path}?" + "&".join(f"{name}{sign}{self._values(value)}" for name, sign, value in pairs)

    def _values(self, value: str) -> str:
        return ",".join(map(self._part, value.split(",")))

    def _part(self, part: str) -> str:
        plain = unquote(part)
        found = self.own(plain)
        return part if found == plain else quote(found, safe="")

    def _swapped(self, found: re.Match[bytes]) -> bytes:
        try:
            text = found[1].decode()
        except UnicodeDecodeError:
            return found[0]
        return f'"{self.own(text)}"'.encode()
