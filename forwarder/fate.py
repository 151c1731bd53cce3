"""What planning gives: the requests, and one fate for every data point of the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

FateName = Literal["sent", "merged", "filtered", "dropped", "refused", "unsupported"]

KEY_PLACE = "{api_key}"
"""Stands in a planned path where delivery puts the API key: a plan can be shown to anybody."""


class Fate(NamedTuple):
    """What became of one data point. A batch has dozens and a recording millions, hence the plain tuple.

    `point` is a JSON pointer into the batch, `as_` the name under which it went out, `request` the key of
    the request that carries it (or that carries the point it was merged into). `detail` never holds a value.
    """

    point: str
    fate: FateName
    rule: str
    as_: str | None = None
    request: str | None = None
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "point": self.point,
            "fate": self.fate,
            "as": self.as_,
            "rule": self.rule,
            "request": self.request,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request that is to be made, without credentials.

    key         the same for the same batch and settings, run after run
    lane        requests of one lane are delivered in order: the destination and the id of its user
    path        with `{api_key}` in place of the key
    body        JSON, encoded: what was planned is byte for byte what is sent
    platform    whose key and secret to use
    creates     the path to POST the same body to when the vendor does not know the user; None if there is none
    what        what it carries, in a word: user, event, batch
    """

    key: str
    lane: str
    method: str
    path: str
    body: bytes
    platform: str
    creates: str | None = None
    what: str = "event"

    def to_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "lane": self.lane,
            "method": self.method,
            "path": self.path,
            "body": orjson.loads(self.body),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What one batch leads to, in the order of delivery."""

    requests: tuple[PlannedRequest, ...]
    fates: tuple[Fate, ...]

    def to_json(self) -> dict[str, Any]:
        """The form that `explain --json` prints."""
        return {
            "format": "sessionm-harness.explain/1",
            "requests": [request.to_json() for request in self.requests],
            "fates": [fate.to_json() for fate in self.fates],
        }
