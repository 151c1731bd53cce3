"""The wire values that all floors share: a request, its response, and the pair of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

Json = dict[str, Any] | list[Any] | str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, before anybody added credentials to it.

    `target` is the raw path with its query, percent-encoded, starting with a slash: an encoded slash
    inside an identifier must stay encoded until the vendor has split the path.
    """

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Json:
        """The body as JSON; None where there is no body. Raises `ValueError` where it is not JSON."""
        return parsed(self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Header names are lower-case."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Json:
        """The body as JSON; None where there is no body. Raises `ValueError` where it is not JSON."""
        return parsed(self.body)


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that one request broke.

    `pointer` is a JSON pointer (RFC 6901) into the request body, or a name such as `header:authorization`
    where the body is not the place. `got` and `allowed` are sizes, kinds or names, never a person's values.
    """

    rule: str
    pointer: str
    message: str
    got: str = ""
    allowed: str = ""
    nearest: str | None = None


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request, its response, and what the receiver had to say about them.

    `at` is seconds since 1970 on the receiver's clock. `response` is None where the connection was lost.
    """

    number: int
    at: float
    tenant: str
    vendor: str
    operation: str
    request: Request
    response: Response | None
    violations: tuple[Violation, ...] = ()


def parsed(body: bytes) -> Json:
    made: Json = orjson.loads(body) if body else None
    return made


def pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) to a place; `pointer("a/b", 0)` is `/a~1b/0`."""
    plain = "/".join(map(str, parts))
    # Names with something to escape are rare, so all parts are asked at once.
    if parts and "~" not in plain and plain.count("/") == len(parts) - 1:
        return "/" + plain
    return "".join(["/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts])
