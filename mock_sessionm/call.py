"""One call on its way through the gate: what came, from whom, and about which customer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from contracts import Violation, validate
from contracts.register import openapi
from contracts.validation import holds, operations, request_schema

from .customers import Customer
from .limits import numbers
from .reading import Unreadable, parsed
from .tenant import Tenant

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
Who = Callable[["Call"], Customer | None]
UNPREFIXED = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE"})
"""Headers that stand in a WSGI environment under their own names."""


class Call:
    """What the gate's checks and the views look at.

    vendor     whose contract it is held against
    tenant     whose world it is about: the one in the path, else the one of the credentials; None for neither
    in_path    the tenant whose API key stands in the path
    holder     the tenant whose key and secret the request carries
    body       parsed JSON; None where there is none, or none that can be read (`unreadable` then says why)
    user       the `user` of the body; empty where there is none
    profile    the custom attributes of the body; empty where there are none
    customer   whom the call names; None where nobody is found or nobody is named
    ignored    JSON pointers into the body: what will not be kept
    found      the violations of a call that is let through, for a view that acts upon them
    failed     the violations of those parts of a call that are refused while the rest of it is taken
    parts      what checks of an API worked out of the body, for those after them
    """

    __slots__ = (
        "arguments",
        "body",
        "customer",
        "environ",
        "failed",
        "found",
        "holder",
        "ignored",
        "in_path",
        "operation",
        "parts",
        "profile",
        "query",
        "raw",
        "shape",
        "tenant",
        "unreadable",
        "user",
        "vendor",
    )

    def __init__(
        self,
        operation: str,
        arguments: Mapping[str, str],
        query: str,
        raw: bytes,
        *,
        in_path: Tenant | None,
        holder: Tenant | None,
        vendor: str = "sessionm",
        who: Who | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> None:
        self.vendor = vendor
        self.environ = environ if environ is not None else {}
        self.operation = operation
        self.arguments = arguments
        self.query = parse_qsl(query, keep_blank_values=True) if query else []
        self.raw = raw
        self.in_path = in_path
        self.holder = holder
        self.tenant = in_path or holder
        self.ignored: set[str] = set()
        self.found: list[Violation] = []
        self.failed: list[Violation] = []
        self.parts: Any = None
        self.unreadable = ""
        self.body: Any = None
        self.shape: list[Violation] | None = None
        if raw and operation in with_body(vendor):
            try:
                self.body = parsed(raw)
            except Unreadable as error:
                self.unreadable = str(error)
        self.user: Mapping[str, Any] = _inner(self.body, "user")
        self.profile: Mapping[str, Any] = _inner(self.user, "user_profile")
        self.customer: Customer | None = who(self) if self.tenant and who else None

    def header(self, name: str) -> str:
        """A header of the request; empty where it did not come."""
        key = name.upper().replace("-", "_")
        found: str = self.environ.get(key if key in UNPREFIXED else f"HTTP_{key}", "")
        return found

    def flag(self, name: str) -> bool:
        """Whether a boolean query parameter is true."""
        return bool(self.query) and (name, "true") in self.query

    def shape_violations(self) -> list[Violation]:
        """Everything in the body that breaks the contract of the operation; worked out once."""
        if self.shape is None:
            known = numbers()
            right = holds(self.vendor, self.operation, self.raw, self.body, known)
            self.shape = [] if right else validate(self.vendor, self.operation, self.body, known)
        return self.shape


def _inner(body: Any, name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


@cache
def with_body(vendor: str) -> frozenset[str]:
    """Operations that take a body."""
    paths = openapi(vendor)["paths"]
    return frozenset(
        operation
        for operation, (method, path) in operations(vendor).items()
        if "requestBody" in paths[path][method.lower()]
    )


@cache
def query_parameters(vendor: str, operation: str) -> Mapping[str, Mapping[str, Any]]:
    """The query parameters that the contract gives an operation, by name."""
    document = openapi(vendor)
    method, path = operations(vendor)[operation]
    item = document["paths"][path]
    found = [*item.get("parameters", ()), *item[method.lower()].get("parameters", ())]
    whole = [
        document["components"]["parameters"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for part in found
    ]
    return {part["name"]: part for part in whole if part["in"] == "query"}


@cache
def rules_in_body(vendor: str, operation: str) -> frozenset[str]:
    """The rules whose marks stand in the schema of an operation's body."""
    document = openapi(vendor)
    found: set[str] = set()
    seen: set[str] = set()

    def walk(part: Any) -> None:
        if isinstance(part, list):
            for inner in part:
                walk(inner)
        elif isinstance(part, dict):
            found.update(part.get("x-rules", {}).values())
            place = part.get("$ref")
            if isinstance(place, str) and place not in seen:
                seen.add(place)
                walk(_at(document, place))
            for inner in part.values():
                walk(inner)

    walk(_at(document, request_schema(vendor, operation)))
    return frozenset(found)


def _at(document: Any, place: str) -> Any:
    for part in place.split("/")[1:]:
        document = document[unquote(part).replace("~1", "/").replace("~0", "~")]
    return document
