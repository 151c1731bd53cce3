"""Paths, methods, parameters, bodies, statuses and security of two documents; their schemas are walked from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from contracts.interaction import pointer
from contracts.revision import METHODS

from .finding import Change, Collected, Found, Use
from .layers import Document, Place, text
from .walk import Walk

TEMPLATE = re.compile(r"\{[^{}]*\}")
ANYBODY = "anybody"
SHAPING = ("style", "explode", "allowReserved")


class Operation(NamedTuple):
    """One method of one path, in one of the documents."""

    place: Place
    item: Place
    method: str
    path: str

    @property
    def label(self) -> str:
        return str(self.place.node.get("operationId") or f"{self.method.upper()} {self.path}")


@dataclass(slots=True)
class Operations:
    """The comparison of two documents; `found` collects each change with everybody whom it concerns."""

    vendor: str
    file: str
    old: Document
    new: Document
    found: Collected = field(default_factory=Collected)
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = Walk(self.vendor, self.file, self.old, self.new)

    def run(self) -> None:
        before, after = _operations(self.old), _operations(self.new)
        self._paths(before, after)
        for key in sorted(set(before) & set(after)):
            self._operation(before[key], after[key])
        self._document()
        self._unused()
        for one, uses in self.walk.found():
            self.found.add(one, uses)

    # --- what is found ------------------------------------------------------------------------------------

    def _say(
        self,
        kind: str,
        change: Change,
        keyword: str,
        place: Place,
        use: Use | None,
        hint: str,
        subject: str = "",
        old: Any = None,
        new: Any = None,
    ) -> None:
        made = Found(
            kind, change, self.vendor, self.file, place.pointer, place.name, keyword, subject, old, new, None, hint
        )
        self.found.add(made, [use] if use else [])

    def _required(self, before: Place, after: Place, use: Use, subject: str) -> None:
        """Whether a parameter, a body or a header must be there: a limit like any other."""
        was, now = before.node.get("required") is True, after.node.get("required") is True
        if was != now:
            spot = after if "required" in after.node else before
            below = pointer("required")
            place = Place(spot.pointer + below, spot.name + below, None)
            self._say("limit", "tightened" if now else "loosened", "required", place, use, "", subject, was, now)

    # --- paths and methods --------------------------------------------------------------------------------

    def _paths(self, before: Mapping[tuple[str, str], Operation], after: Mapping[tuple[str, str], Operation]) -> None:
        self._lone("removed", before, after)
        self._lone("added", after, before)

    def _lone(
        self, change: Change, one: Mapping[tuple[str, str], Operation], other: Mapping[tuple[str, str], Operation]
    ) -> None:
        """What is in one document only: whole paths, and methods of paths that are in both."""
        there = {path for path, _ in other}
        elsewhere = {operation.label: operation for key, operation in other.items() if key not in one}
        for (path, method), operation in sorted(one.items()):
            if (path, method) in other:
                continue
            kind = "operation" if path in there else "path"
            place = operation.place if kind == "operation" else operation.item
            what = f"{operation.method.upper()} {operation.path}" if kind == "operation" else operation.path
            moved = elsewhere.get(operation.label) if change == "removed" else None
            new = f"{moved.label} is {moved.method.upper()} {moved.path} now" if moved else None
            hint = "gone" if change == "removed" else "feature"
            self._say(kind, change, kind, place, Use(operation.label, "request"), hint, what, None, new)

    def _operation(self, before: Operation, after: Operation) -> None:
        use = Use(after.label, "request")
        if before.place.node.get("operationId") != after.place.node.get("operationId"):
            ids = (one.place.node.get("operationId") for one in (before, after))
            self._say("note", "changed", "operationId", after.place, use, "informational", "", *ids)
        if after.place.node.get("deprecated") is True and before.place.node.get("deprecated") is not True:
            self._say("note", "added", "deprecated", after.place, use, "informational", "", None, True)
        self._parameters(before, after, use)
        self._body(before, after, use)
        self._security(before, after, use)
        self._answers(before, after)

    # --- parameters ---------------------------------------------------------------------------------------

    def _parameters(self, before: Operation, after: Operation, use: Use) -> None:
        was, now = self._parameters_of(self.old, before), self._parameters_of(self.new, after)
        for key in sorted({*was, *now}):
            subject = f"{key[0]}:{now.get(key, was.get(key, before.place)).node.get('name')}"
            if key not in now:
                self._say("parameter", "removed", "parameters", was[key], use, "gone", subject)
            elif key not in was:
                wanted = now[key].node.get("required") is True
                hint = "demanded" if wanted else "feature"
                self._say("parameter", "added", "parameters", now[key], use, hint, subject, None, _wanted(wanted))
            else:
                self._parameter(was[key], now[key], use, subject)

    def _parameters_of(self, document: Document, operation: Operation) -> dict[tuple[str, str], Place]:
        """The parameters by place and name; those in the path by their number, since their names are not sent."""
        slots = [slot[1:-1] for slot in TEMPLATE.findall(operation.path)]
        found: dict[tuple[str, str], Place] = {}
        for owner in (operation.item, operation.place):
            listed = owner.node.get("parameters")
            for index, node in enumerate(listed if isinstance(listed, list) else ()):
                place = document.resolved(owner.under("parameters", index))
                if not isinstance(place.node, Mapping):
                    continue
                kind, name = str(place.node.get("in")), str(place.node.get("name"))
                if "$ref" not in node:
                    place = Place(place.pointer, owner.name + pointer("parameters", f"{kind}:{name}"), place.node)
                key = str(slots.index(name)) if kind == "path" and name in slots else name
                found[kind, key.lower() if kind == "header" else key] = place
        return found

    def _parameter(self, before: Place, after: Place, use: Use, subject: str) -> None:
        self._required(before, after, use, subject)
        for keyword in SHAPING:
            if before.node.get(keyword) != after.node.get(keyword):
                values = (side.node.get(keyword) for side in (before, after))
                self._say("parameter", "changed", keyword, after, use, "demanded", subject, *values)
        if "schema" in before.node or "schema" in after.node:
            self._visit(_schema(before), _schema(after), use)
        self._media(before, after, use, "content")

    # --- bodies -------------------------------------------------------------------------------------------

    def _body(self, before: Operation, after: Operation, use: Use) -> None:
        was, now = (
            document.resolved(one.place.under("requestBody")) if "requestBody" in one.place.node else None
            for document, one in ((self.old, before), (self.new, after))
        )
        if was is None and now is not None:
            wanted = now.node.get("required") is True
            hint = "demanded" if wanted else "feature"
            self._say("body", "added", "requestBody", now, use, hint, "", None, _wanted(wanted))
        elif was is not None and now is None:
            self._say("body", "removed", "requestBody", was, use, "gone")
        elif was is not None and now is not None:
            self._required(was, now, use, "body")
            self._media(was, now, use, "content")

    def _media(self, before: Place, after: Place, use: Use, keyword: str) -> None:
        was, now = _mapping(before.node.get(keyword)), _mapping(after.node.get(keyword))
        answer = use.direction == "answer"
        for name in sorted({*was, *now}):
            if name not in now:
                self._say("media-type", "removed", keyword, before.under(keyword, name), use, "gone", name)
            elif name not in was:
                hint = "new-answer" if answer else "feature"
                self._say("media-type", "added", keyword, after.under(keyword, name), use, hint, name)
            else:
                self._visit(_schema(before.under(keyword, name)), _schema(after.under(keyword, name)), use)

    # --- answers ------------------------------------------------------------------------------------------

    def _answers(self, before: Operation, after: Operation) -> None:
        use = Use(after.label, "answer")
        was, now = (
            {str(status): one.place.under("responses", status) for status in _mapping(one.place.node.get("responses"))}
            for one in (before, after)
        )
        for status in sorted({*was, *now}):
            if status not in now:
                # A consumer waits for a success; a refusal that is no longer there binds who answers.
                hint = "success-gone" if status[:1] in {"2", "3", "d"} else "answer-gone"
                self._say("status", "removed", "responses", was[status], use, hint, status)
            elif status not in was:
                self._say("status", "added", "responses", now[status], use, "new-answer", status)
            else:
                self._answer(self.old.resolved(was[status]), self.new.resolved(now[status]), use)

    def _answer(self, before: Place, after: Place, use: Use) -> None:
        self._media(before, after, use, "content")
        was, now = _mapping(before.node.get("headers")), _mapping(after.node.get("headers"))
        was, now = ({name.lower(): name for name in side} for side in (was, now))
        for name in sorted({*was, *now}):
            if name not in now:
                self._say("header", "removed", "headers", before.under("headers", was[name]), use, "gone", name)
            elif name not in was:
                self._say("header", "added", "headers", after.under("headers", now[name]), use, "feature", name)
            else:
                one = self.old.resolved(before.under("headers", was[name]))
                other = self.new.resolved(after.under("headers", now[name]))
                self._required(one, other, use, name)
                self._visit(_schema(one), _schema(other), use)

    # --- security, servers --------------------------------------------------------------------------------

    def _security(self, before: Operation, after: Operation, use: Use) -> None:
        was, now = (
            {_alternative(one) for one in _list(side.place.node.get("security", document.root.get("security", [])))}
            or {""}
            for side, document in ((before, self.old), (after, self.new))
        )
        for one in sorted(was - now):
            # Where anybody is let in now, nobody is kept out by it: it is who leaned on the lock that has to know.
            hint = "behaviour" if "" in now else "gone"
            self._say("security", "removed", "security", after.place, use, hint, one or ANYBODY)
        for one in sorted(now - was):
            self._say("security", "added", "security", after.place, use, "provider-may", one or ANYBODY)

    def _document(self) -> None:
        was, now = _components(self.old, "securitySchemes"), _components(self.new, "securitySchemes")
        for name in sorted(set(was) & set(now)):
            sides = (self.old.resolved(was[name]), self.new.resolved(now[name]))
            told = [_without_words(place.node) for place in sides]
            if text(told[0]) != text(told[1]):
                self._say("security", "changed", "securitySchemes", now[name], None, "demanded", name, *told)
        urls = [[_mapping(one).get("url") for one in _list(side.root.get("servers"))] for side in (self.old, self.new)]
        if sorted(map(str, urls[0])) != sorted(map(str, urls[1])):
            place = Place("/servers", "/servers", None)
            self._say("note", "changed", "servers", place, None, "consumer-may", "", *urls)

    # --- schemas ------------------------------------------------------------------------------------------

    def _visit(self, before: Place, after: Place, use: Use | None) -> None:
        self.walk.visit(before, after, use)

    def _unused(self) -> None:
        """Schemas that no operation leads to: somebody reads them all the same, or they would not be there."""
        was, now = _components(self.old, "schemas"), _components(self.new, "schemas")
        lonely = {
            name: id(was[name].node) not in self.old.reached and id(now[name].node) not in self.new.reached
            for name in sorted(set(was) & set(now))
        }
        for name in [name for name, alone in lonely.items() if alone]:
            self._visit(was[name], now[name], None)
        for name in sorted(set(was) - set(now)):
            if id(was[name].node) not in self.old.reached:
                self._say("schema", "removed", "schemas", was[name], None, "unclear", name)
        for name in sorted(set(now) - set(was)):
            if id(now[name].node) not in self.new.reached:
                self._say("schema", "added", "schemas", now[name], None, "feature", name)


def _operations(document: Document) -> dict[tuple[str, str], Operation]:
    """Every operation by its path, names of parameters aside, and its method."""
    found: dict[tuple[str, str], Operation] = {}
    top = Place("", "", document.root)
    paths = _mapping(document.root.get("paths"))
    for path in paths:
        item = document.resolved(top.under("paths", path))
        for method in METHODS:
            if isinstance(item.node.get(method), Mapping):
                found[TEMPLATE.sub("{}", path), method] = Operation(item.under(method), item, method, path)
    return found


def _components(document: Document, kind: str) -> dict[str, Place]:
    top = Place("", "", document.root)
    inner = _mapping(_mapping(document.root.get("components")).get(kind))
    return {name: top.under("components", kind, name) for name in inner}


def _schema(owner: Place) -> Place:
    """The schema of a parameter, a header or a media type; everything where there is none."""
    if isinstance(owner.node, Mapping) and "schema" in owner.node:
        return owner.under("schema")
    return Place(f"{owner.pointer}/schema", f"{owner.name}/schema", True)


def _alternative(one: Any) -> str:
    """One way to be let in: its schemes, with their scopes."""
    schemes = _mapping(one)
    return " and ".join(
        name + (f" ({', '.join(sorted(map(str, scopes)))})" if scopes else "")
        for name, scopes in sorted(schemes.items())
    )


def _without_words(node: Any) -> Any:
    return {name: part for name, part in _mapping(node).items() if name != "description"}


def _wanted(required: bool) -> str:
    return "required" if required else "optional"


def _mapping(node: Any) -> Mapping[str, Any]:
    return node if isinstance(node, Mapping) else {}


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []
