"""Requests and answers held against any contract, not only against the one that is installed.

Everything is made once for each place in a document; a request that keeps the contract costs some microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from .difference.layers import Document, Place
from .interaction import Json, Request, Response, Violation
from .revision import METHODS, Contract, ContractError
from .validation import CONTRACT, explained, quick_validator, slow_validator

if TYPE_CHECKING:
    import jsonschema_rs

JSON = "application/json"
SLOT = re.compile(r"\{[^{}]*\}")
PLACEHOLDER = re.compile(r"(?:\{|%7[Bb])\w+(?:\}|%7[Dd])")
"""What a plan and the fake's journal show in place of a credential."""
KINDS = {"integer": int, "number": float}


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a contract, as requests find it."""

    vendor: str
    name: str
    place: Place
    item: Place
    segments: tuple[re.Pattern[str], ...]
    slots: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operation, and what stood in the places of its path."""

    operation: Operation
    arguments: Mapping[str, str]


@dataclass(slots=True)
class Conformance:
    """One contract, ready to judge by. Raises `ContractError` later, for a schema that is none."""

    contract: Contract
    _routes: dict[tuple[str, int], list[Operation]] = field(default_factory=dict)
    _documents: dict[str, Document] = field(default_factory=dict)
    _quick: dict[tuple[str, str], jsonschema_rs.Validator] = field(default_factory=dict)
    _slow: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for vendor, root in self.contract.documents.items():
            self._documents[vendor] = document = Document(root)
            for operation, method in _operations(vendor, document):
                key = (method, len(operation.segments))
                self._routes.setdefault(key, []).append(operation)
        for operations in self._routes.values():
            operations.sort(key=lambda one: one.slots)  # `/users/search` before `/users/{user_id}`

    def call(self, request: Request) -> Call | None:
        """Which operation a request is for; None where the contract has none for it."""
        parts = request.path.split("/")[1:]
        for operation in self._routes.get((request.method.upper(), len(parts)), ()):
            found: dict[str, str] = {}
            for pattern, part in zip(operation.segments, parts, strict=True):
                match = pattern.fullmatch(part)
                if match is None:
                    break
                found |= match.groupdict()
            else:
                return Call(operation, found)
        return None

    def request(self, call: Call, request: Request, *, with_body: bool = True) -> list[Violation]:
        """Everything in a request that breaks the contract; nothing is said of its headers, which may be cut out."""
        found = list(self._parameters(call, request))
        body = call.operation.place.node.get("requestBody")
        if isinstance(body, Mapping) and with_body:
            document = self._documents[call.operation.vendor]
            place = document.resolved(call.operation.place.under("requestBody"))
            if request.body:
                found += self._body(call.operation.vendor, place, request.body, _kind(request.headers), "request")
            elif place.node.get("required") is True:
                found.append(self._breach(call.operation.vendor, "", "the body is missing", "nothing", "a body"))
        return found

    def answer(self, call: Call, response: Response, *, with_body: bool = True) -> list[Violation]:
        """Everything in an answer that breaks the contract, its status first."""
        operation = call.operation
        listed = operation.place.node.get("responses")
        statuses = {str(status): status for status in (listed if isinstance(listed, Mapping) else ())}
        code = str(response.status)
        known = next((one for one in (code, f"{code[0]}XX", f"{code[0]}xx", "default") if one in statuses), None)
        if known is None:
            said = f"the status {code} is not among those of {operation.name}"
            return [self._breach(operation.vendor, "status", said, code, ", ".join(sorted(statuses)))]
        place = self._documents[operation.vendor].resolved(operation.place.under("responses", statuses[known]))
        if not with_body or not response.body or not place.node.get("content"):
            return []
        return list(self._body(operation.vendor, place, response.body, _kind(response.headers), "answer"))

    # --- parts of a message -------------------------------------------------------------------------------

    def _parameters(self, call: Call, request: Request) -> Iterator[Violation]:
        document, vendor = self._documents[call.operation.vendor], call.operation.vendor
        query = parse_qs(request.target.partition("?")[2], keep_blank_values=True)
        for owner in (call.operation.item, call.operation.place):
            listed = owner.node.get("parameters")
            for index, _ in enumerate(listed if isinstance(listed, list) else ()):
                place = document.resolved(owner.under("parameters", index))
                kind, name = place.node.get("in"), str(place.node.get("name"))
                if kind == "path":
                    given = [unquote(call.arguments[name])] if name in call.arguments else []
                    if not given or PLACEHOLDER.fullmatch(call.arguments[name]):
                        continue
                elif kind == "query":
                    given = query.get(name, [])
                else:
                    continue
                spot = f"{kind}:{name}"
                if given and "schema" in place.node:
                    yield from self._parameter(vendor, place.under("schema"), given, spot)
                elif not given and place.node.get("required") is True:
                    yield self._breach(vendor, spot, f"{spot} is missing", "nothing", name)

    def _parameter(self, vendor: str, schema: Place, given: list[str], spot: str) -> Iterator[Violation]:
        """A parameter's texts as what its schema wants them to be; lists and objects in one text are let pass."""
        node = self._documents[vendor].resolved(schema).node
        kind = node.get("type") if isinstance(node, Mapping) else None
        if kind == "object":
            return
        value: Any = given[-1]
        if kind == "array":
            items = node.get("items")
            inner = self._documents[vendor].resolved(Place("", "", items)).node if items else {}
            value = [_typed(one, inner) for one in given]
        else:
            value = _typed(value, node)
        for one in self._checked(vendor, schema.pointer, value):
            yield Violation(one.rule, spot + one.pointer, f"{spot}{_after(one)}", one.got, one.allowed)

    def _body(self, vendor: str, owner: Place, raw: bytes, kind: str, what: str) -> Iterator[Violation]:
        media = owner.node.get("content")
        names = {str(name).partition(";")[0].strip().lower(): name for name in media or {}}
        chosen = next((one for one in (kind, f"{kind.partition('/')[0]}/*", "*/*") if one in names), None)
        if chosen is None:
            said = f"the {what} is {kind}, which the contract does not name"
            yield self._breach(vendor, "content-type", said, kind, ", ".join(names) or "no body")
            return
        if not (kind.endswith(("/json", "+json")) and "schema" in (media[names[chosen]] or {})):
            return
        try:
            body: Json = Request("", "", {}, raw).json()
        except ValueError:
            yield self._breach(vendor, "", "the body is not JSON", f"{len(raw)} bytes", "JSON")
            return
        yield from self._checked(vendor, owner.under("content", names[chosen], "schema").pointer, body)

    def _checked(self, vendor: str, place: str, value: Any) -> list[Violation]:
        key = (vendor, place)
        try:
            if key not in self._quick:
                self._quick[key] = quick_validator(self._documents[vendor].root, _fragment(place))
            if self._quick[key].is_valid(value):
                return []
            if key not in self._slow:
                self._slow[key] = slow_validator(self._documents[vendor].root, _fragment(place))
            return explained(vendor, self._quick[key], self._slow[key], value)
        except (ValueError, re.error) as error:
            why = " ".join(str(error).split())
            raise ContractError(f"{self.contract.name}: the schema at {place} of {vendor} is none: {why}") from error

    def _breach(self, vendor: str, place: str, said: str, got: str, allowed: str) -> Violation:
        return Violation(f"{vendor}.{CONTRACT}", place, said, got, allowed)


def _operations(vendor: str, document: Document) -> Iterator[tuple[Operation, str]]:
    paths = document.root.get("paths")
    prefixes = _prefixes(document.root)
    for path in paths if isinstance(paths, Mapping) else ():
        item = document.resolved(Place("", "", document.root).under("paths", path))
        for method in METHODS:
            if not isinstance(item.node.get(method), Mapping):
                continue
            place = item.under(method)
            name = str(place.node.get("operationId") or f"{method.upper()} {path}")
            for prefix in prefixes:
                segments = tuple(map(_pattern, (prefix + path).split("/")[1:]))
                yield Operation(vendor, name, place, item, segments, path.count("{")), method.upper()


def _prefixes(root: Mapping[str, Any]) -> list[str]:
    """The paths of the servers, below which the paths of the document stand."""
    listed = root.get("servers")
    urls = [one.get("url", "") for one in (listed if isinstance(listed, list) else ()) if isinstance(one, Mapping)]
    return sorted({urlsplit(str(url)).path.rstrip("/") for url in urls} | {""})


def _pattern(segment: str) -> re.Pattern[str]:
    """One part of a path as an expression; names of parameters become groups where they can."""
    made, last = "", 0
    for slot in SLOT.finditer(segment):
        name = slot[0][1:-1]
        made += re.escape(segment[last : slot.start()])
        made += f"(?P<{name}>[^/]+)" if name.isidentifier() and f"<{name}>" not in made else "[^/]+"
        last = slot.end()
    return re.compile(made + re.escape(segment[last:]))


def _kind(headers: Mapping[str, str]) -> str:
    """The media type of a message; JSON where nothing is said, which is all that is planned here."""
    named = next((value for name, value in headers.items() if name.lower() == "content-type"), JSON)
    return named.partition(";")[0].strip().lower() or JSON


def _typed(text: str, schema: Any) -> Any:
    """A text out of a path or a query as its schema means it; as it is where it cannot be that."""
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    try:
        return KINDS[kind](text) if kind in KINDS else text
    except ValueError:
        return text


def _after(one: Violation) -> str:
    return f": {one.message.partition(': ')[2]}"


def _fragment(place: str) -> str:
    return "#" + quote(place, safe="/~:@!$&'()*+,;=-._")
