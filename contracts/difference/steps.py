"""One pair of schemas compared: the limits at this place, the schemas below it, and how those count above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .branches import matched
from .finding import REVERSED, Change, Found
from .keywords import READ, limits
from .layers import NOTES, Document, Layer, Layers, Place, Places, label, same

INNER = (
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "unevaluatedItems",
    "propertyNames",
    "contains",
    "not",
)
CHOICES = ("anyOf", "oneOf")
BRANCHES = ("if", "then", "else")
WALKED = {*INNER, *CHOICES, *BRANCHES, "properties", "patternProperties", "dependentSchemas", "prefixItems"}
ACTED_UPON = {
    "default": "informational",
    "deprecated": "informational",
    "readOnly": "told-otherwise",
    "writeOnly": "told-otherwise",
    "discriminator": "told-otherwise",
}
"""Notes that somebody acts upon, and how bad another one is."""

ALONG, AGAINST, EITHER = 1, -1, 0
"""Whether what is tighter inside is tighter outside; under `not` it is looser, under `if` nobody can tell."""
UNDER_NOT: dict[Change, Change] = {**REVERSED, "added": "loosened", "removed": "tightened"}


class Step(NamedTuple):
    """A pair of places to compare, and how what is found there counts."""

    old: Places
    new: Places
    sense: int = ALONG


class Part(NamedTuple):
    """Something in a layer, with its place."""

    layer: Layer
    place: Place


@dataclass(slots=True)
class Comparison:
    """One step: `found` is what changed here, `below` what is to be compared next."""

    vendor: str
    file: str
    old: Document
    new: Document
    step: Step
    found: list[Found] = field(default_factory=list)
    below: list[Step] = field(default_factory=list)

    def run(self) -> None:
        old, new = self.old.layers(self.step.old), self.new.layers(self.step.new)
        if self._became_a_choice(old, new):
            return
        for limit in limits(old, new):
            keyword = limit.keyword
            before, after = _spot(limit.before, keyword), _spot(limit.after, keyword)
            self._say("limit", limit.change, keyword, before, after, limit.subject, limit.old, limit.new)
        self._fields(old, new)
        for keyword in ("patternProperties", "dependentSchemas"):
            self._maps(keyword, old, new)
        for keyword in INNER:
            for was, now in paired(_parts(old, keyword), _parts(new, keyword)):
                self._schema(keyword, was, now, self._sense(keyword, was, now))
        self._prefixes(old, new)
        for keyword in CHOICES:
            for was, now in paired(_parts(old, keyword), _parts(new, keyword)):
                self._choice(keyword, was, now)
        self._conditions(old, new)
        self._marks(old, new)
        self._rest(old, new)

    # --- what is found ------------------------------------------------------------------------------------

    def _say(
        self,
        kind: str,
        change: Change,
        keyword: str,
        before: Part | None,
        after: Part | None,
        subject: str = "",
        old: Any = None,
        new: Any = None,
        hint: str = "",
    ) -> None:
        there = after or before
        if there is None:
            return
        name = there.place.name
        if before is not None and after is not None and before.place.name != name:
            name = f"{before.place.name} {name}"
        if kind in {"limit", "field"}:
            change = change if self.step.sense == ALONG else UNDER_NOT[change] if self.step.sense else "changed"
        # Which names there are says nothing by itself where nothing but a condition hangs on them.
        kind = "limit" if kind == "field" and self.step.sense != ALONG else kind
        marks = [part.layer.mark(keyword) for part in (after, before) if part is not None]
        rule = next((mark for mark in marks if mark), None)
        pointer = there.place.pointer
        self.found.append(
            Found(kind, change, self.vendor, self.file, pointer, name, keyword, subject, old, new, rule, hint)
        )

    def _schema(self, keyword: str, before: Part | None, after: Part | None, sense: int, subject: str = "") -> None:
        """A schema under a keyword: two to be compared, or one that came or went."""
        # Beside nothing, or beside what forbids all, what lets everything through is nothing; else it has a place.
        if before is None or after is None or False in (before.place.node, after.place.node):
            before, after = _telling(before), _telling(after)
        if before is None or after is None:
            if before is not None:
                self._say("limit", "removed", keyword, before, None, subject, before.place.node, None)
            if after is not None:
                self._say("limit", "added", keyword, None, after, subject, None, after.place.node)
            return
        was, now = before.place.node is False, after.place.node is False
        if was == now or keyword == "not":
            self.below.append(Step((before.place,), (after.place,), sense))
            return
        change: Change = "tightened" if now else "loosened"
        self._say("limit", change, keyword, before, after, subject, before.place.node, after.place.node)

    def _sense(self, keyword: str, before: Part | None, after: Part | None) -> int:
        if keyword == "not":
            return -self.step.sense
        bounded = any("maxContains" in part.layer.keywords for part in (before, after) if part)
        return EITHER if keyword == "contains" and bounded else self.step.sense

    # --- below --------------------------------------------------------------------------------------------

    def _fields(self, old: Layers, new: Layers) -> None:
        before, after = _named(old, "properties"), _named(new, "properties")
        for name in sorted({*before, *after}):
            was, now = before.get(name, []), after.get(name, [])
            if was and now:
                places = [tuple(part.place for part in side) for side in (was, now)]
                self.below.append(Step(places[0], places[1], self.step.sense))
            elif now:
                self._say("field", "added", "properties", None, now[0], name, hint="closed" if _closed(old) else "")
            else:
                self._say("field", "removed", "properties", was[0], None, name, hint="closed" if _closed(new) else "")

    def _maps(self, keyword: str, old: Layers, new: Layers) -> None:
        before, after = _named(old, keyword), _named(new, keyword)
        for name in sorted({*before, *after}):
            for was, now in paired(before.get(name, []), after.get(name, [])):
                self._schema(keyword, was, now, self.step.sense, name)

    def _prefixes(self, old: Layers, new: Layers) -> None:
        before, after = _members(old, "prefixItems"), _members(new, "prefixItems")
        for index in range(max(len(before), len(after))):
            was, now = (side[index] if index < len(side) else None for side in (before, after))
            self._schema("prefixItems", was, now, self.step.sense, str(index))

    def _choice(self, keyword: str, before: Part | None, after: Part | None) -> None:
        if before is None or after is None:
            if before is not None:
                self._say("limit", "removed", keyword, before, None, "", _labels(before), None)
            if after is not None:
                self._say("limit", "added", keyword, None, after, "", None, _labels(after))
            return
        self._match(keyword, before, after, _singles(before), _singles(after))

    def _match(self, keyword: str, before: Part, after: Part, left: Sequence[Places], right: Sequence[Places]) -> None:
        found = matched(self.old, left, self.new, right)
        self.below += [Step(one, other, self.step.sense) for one, other in found.pairs]
        for gone in found.gone:
            node = gone[0].node
            self._say("limit", "tightened", keyword, before, after, label(node, 0), node, None)
        for come in found.come:
            node = come[0].node
            self._say("limit", "loosened", keyword, before, after, label(node, 0), None, node)

    def _became_a_choice(self, old: Layers, new: Layers) -> bool:
        """One schema on one side, and a choice of several on the other: the one is then a choice of one."""
        for one, other, new_is_the_choice in ((old, new, True), (new, old, False)):
            chosen = [keyword for keyword in CHOICES if len(other) == 1 and _says_only(other[0], keyword)]
            if not chosen or not one or any(keyword in layer.keywords for layer in one for keyword in CHOICES):
                continue
            keyword, choice = chosen[0], Part(other[0], other[0].part(chosen[0]))
            several = _singles(choice)
            alone = [self.step.old if new_is_the_choice else self.step.new]
            left, right = (alone, several) if new_is_the_choice else (several, alone)
            if matched(self.old, left, self.new, right).pairs:
                here = Part(one[0], one[0].spot(keyword))
                before, after = (here, choice) if new_is_the_choice else (choice, here)
                self._match(keyword, before, after, left, right)
                return True
        return False

    def _conditions(self, old: Layers, new: Layers) -> None:
        for before, after in paired(_parts(old, "if"), _parts(new, "if")):
            if before is None or after is None:
                self._schema("if", before, after, EITHER)
                continue
            self._schema("if", before, after, EITHER)
            for keyword in ("then", "else"):
                was, now = (next(iter(_parts((part.layer,), keyword)), None) for part in (before, after))
                self._schema(keyword, was, now, self.step.sense)

    # --- what is no limit ---------------------------------------------------------------------------------

    def _marks(self, old: Layers, new: Layers) -> None:
        before, after = _marked(old), _marked(new)
        for keyword in sorted({*before, *after}):
            was, now = before.get(keyword, ("", None)), after.get(keyword, ("", None))
            if was[0] != now[0]:
                change: Change = "changed" if was[0] and now[0] else "removed" if was[0] else "added"
                self._say(
                    "mark", change, "x-rules", was[1], now[1], keyword, was[0] or None, now[0] or None, "informational"
                )

    def _rest(self, old: Layers, new: Layers) -> None:
        """Notes that somebody acts upon, and keywords that nobody knows."""
        names = {name for layer in (*old, *new) for name in layer.keywords}
        for keyword in sorted(name for name in names if not str(name).startswith("x-")):
            if keyword in READ or keyword in WALKED or (keyword in NOTES and keyword not in ACTED_UPON):
                continue
            for before, after in paired(_parts(old, keyword), _parts(new, keyword)):
                was, now = (part.place.node if part else None for part in (before, after))
                if not same(was, now):
                    change: Change = "added" if before is None else "removed" if after is None else "changed"
                    hint = ACTED_UPON.get(keyword, "told-otherwise")
                    self._say("note", change, str(keyword), before, after, "", was, now, hint)


def paired(old: Sequence[Part], new: Sequence[Part]) -> Iterator[tuple[Part | None, Part | None]]:
    """Parts under one keyword, those of the same place together, then in their order."""
    left, right = list(old), list(new)
    for before in list(left):
        twin = next((after for after in right if after.place.name == before.place.name), None)
        if twin is not None:
            left.remove(before)
            right.remove(twin)
            yield before, twin
    for index in range(max(len(left), len(right))):
        yield (left[index] if index < len(left) else None), (right[index] if index < len(right) else None)


def _spot(layer: Layer | None, keyword: str) -> Part | None:
    return None if layer is None else Part(layer, layer.spot(keyword))


def _labels(part: Part) -> list[str]:
    return [label(one, index) for index, one in enumerate(_list(part.place.node))]


def _parts(layers: Layers, keyword: str) -> list[Part]:
    return [Part(layer, layer.part(keyword)) for layer in layers if keyword in layer.keywords]


def _named(layers: Layers, keyword: str) -> dict[str, list[Part]]:
    """The schemas in a map of names, by their names."""
    found: dict[str, list[Part]] = {}
    for layer in layers:
        inner = layer.keywords.get(keyword)
        for name in inner if isinstance(inner, Mapping) else ():
            found.setdefault(str(name), []).append(Part(layer, layer.part(keyword, name)))
    return found


def _members(layers: Layers, keyword: str) -> list[Part]:
    """The schemas in a list, of the first layer that has one."""
    for layer in layers:
        if keyword in layer.keywords:
            return [Part(layer, layer.part(keyword, index)) for index, _ in enumerate(_list(layer.keywords[keyword]))]
    return []


def _singles(part: Part) -> list[Places]:
    return [(part.place.under(index, name=label(one, index)),) for index, one in enumerate(_list(part.place.node))]


def _list(node: Any) -> list[Any]:
    return node if isinstance(node, list) else []


def _telling(part: Part | None) -> Part | None:
    """The part, unless it lets everything through, which is the same as nothing."""
    return None if part is None or part.place.node is True or part.place.node == {} else part


def _closed(layers: Layers) -> bool:
    return any(
        layer.keywords.get(keyword) is False
        for layer in layers
        for keyword in ("additionalProperties", "unevaluatedProperties")
    )


def _says_only(layer: Layer, keyword: str) -> bool:
    return keyword in layer.keywords and not set(layer.keywords) - {keyword} - NOTES


def _marked(layers: Layers) -> dict[str, tuple[str, Part]]:
    """The rule that each keyword is marked with."""
    return {
        str(keyword): (rule, Part(layer, layer.part("x-rules", keyword)))
        for layer in layers
        if isinstance(layer.keywords.get("x-rules"), Mapping)
        for keyword, rule in layer.keywords["x-rules"].items()
        if isinstance(rule, str)
    }
