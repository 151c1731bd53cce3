"""One call to SessionM Core on its way through the gate: what came, from whom, and about which customer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from contracts import Violation, validate
from contracts.register import openapi
from contracts.validation import operations, request_schema

from .customers import CRITERIA, Customer
from .reading import Unreadable, parsed
from .tenant import Tenant


class Call:
    """What the gate's checks and the views look at.

    tenant     whose world it is about: the one in the path, else the one of the credentials; None for neither
    in_path    the tenant whose API key stands in the path
    holder     the tenant whose key and secret the request carries
    body       parsed JSON; None where there is none, or none that can be read (`unreadable` then says why)
    user       the `user` of the body; empty where there is none
    profile    the custom attributes of the body; empty where there are none
    customer   whom the path or the search names; None where nobody is found or nobody is named
    ignored    JSON pointers into the body: what will not be kept
    """

    __slots__ = (
        "arguments",
        "body",
        "customer",
        "holder",
        "ignored",
        "in_path",
        "operation",
        "profile",
        "query",
        "raw",
        "shape",
        "tenant",
        "unreadable",
        "user",
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
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.query = parse_qsl(query, keep_blank_values=True) if query else []
        self.raw = raw
        self.in_path = in_path
        self.holder = holder
        self.tenant = in_path or holder
        self.ignored: set[str] = set()
        self.unreadable = ""
        self.body: Any = None
        self.shape: list[Violation] | None = None
        if raw and operation in with_body():
            try:
                self.body = parsed(raw)
            except Unreadable as error:
                self.unreadable = str(error)
        self.user: Mapping[str, Any] = _inner(self.body, "user")
        self.profile: Mapping[str, Any] = _inner(self.user, "user_profile")
        self.customer: Customer | None = self._found() if self.tenant else None

    def flag(self, name: str) -> bool:
        """Whether a boolean query parameter is true."""
        return bool(self.query) and (name, "true") in self.query

    def shape_violations(self) -> list[Violation]:
        """Everything in the body that breaks the contract of the operation; worked out once."""
        if self.shape is None:
            self.shape = validate("sessionm", self.operation, self.body)
        return self.shape

    def _found(self) -> Customer | None:
        assert self.tenant is not None  # noqa: S101  for the type checker; the caller has looked
        customers = self.tenant.customers
        if "user_id" in self.arguments:
            return customers.by_id(self.arguments["user_id"])
        if "external_id" in self.arguments:
            return customers.by_external(self.arguments["external_id"])
        if self.operation == "searchUser":
            return customers.search({name: value for name, value in self.query if name in CRITERIA})
        return None


def _inner(body: Any, name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where there is none."""
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


@cache
def with_body() -> frozenset[str]:
    """Operations that take a body."""
    paths = openapi("sessionm")["paths"]
    return frozenset(
        operation
        for operation, (method, path) in operations("sessionm").items()
        if "requestBody" in paths[path][method.lower()]
    )


@cache
def query_parameters(operation: str) -> Mapping[str, Mapping[str, Any]]:
    """The query parameters that the contract gives an operation, by name."""
    document = openapi("sessionm")
    method, path = operations("sessionm")[operation]
    item = document["paths"][path]
    found = [*item.get("parameters", ()), *item[method.lower()].get("parameters", ())]
    whole = [
        document["components"]["parameters"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
        for part in found
    ]
    return {part["name"]: part for part in whole if part["in"] == "query"}


@cache
def rules_in_body(operation: str) -> frozenset[str]:
    """The rules whose marks stand in the schema of an operation's body."""
    document = openapi("sessionm")
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

    walk(_at(document, request_schema("sessionm", operation)))
    return frozenset(found)


def _at(document: Any, place: str) -> Any:
    for part in place.split("/")[1:]:
        document = document[unquote(part).replace("~1", "/").replace("~0", "~")]
    return document
