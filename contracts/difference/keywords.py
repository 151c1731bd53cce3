"""Keywords whose value is no schema: numbers, texts, names and lists of values, compared layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from .finding import Change
from .layers import Layer, Layers, same, text

UPPER = ("maxItems", "maxLength", "maxProperties", "maximum", "exclusiveMaximum", "maxContains")
LOWER = ("minItems", "minLength", "minProperties", "minimum", "exclusiveMinimum", "minContains")
NUMBERS = (*UPPER, *LOWER, "multipleOf")
TEXTS = ("pattern", "format", "contentEncoding", "contentMediaType")
NOTHING: dict[str, Any] = {"minItems": 0, "minLength": 0, "minProperties": 0, "uniqueItems": False}
"""Values that are the same as leaving the keyword out."""
READ = {*NUMBERS, *TEXTS, "uniqueItems", "type", "enum", "const", "required", "dependentRequired"}


class Limit(NamedTuple):
    """One change under one keyword; `before` and `after` are the layers that have it."""

    keyword: str
    change: Change
    old: Any
    new: Any
    before: Layer | None
    after: Layer | None
    subject: str = ""

    @property
    def rule(self) -> str | None:
        marks = (layer.mark(self.keyword) for layer in (self.after, self.before) if layer)
        return next((mark for mark in marks if mark), None)


class Held(NamedTuple):
    """A value, and the layer that holds it."""

    value: Any
    layer: Layer


def limits(old: Layers, new: Layers) -> Iterator[Limit]:
    """Every change of a limit at one place, schemas below it aside."""
    if len(old) == len(new) and all(map(_alike, old, new)):
        return
    old, new = _swapped(old, new)
    for keyword in NUMBERS:
        yield from _numbers(keyword, _held(old, keyword), _held(new, keyword))
    for keyword in (*TEXTS, "uniqueItems"):
        yield from _texts(keyword, _held(old, keyword), _held(new, keyword))
    yield from _type(_held(old, "type"), _held(new, "type"))
    yield from _values(old, new)
    yield from _required(old, new)
    yield from _dependent(old, new)


def _alike(one: Layer, other: Layer) -> bool:
    """Whether two layers have the same limits, which nearly all have."""
    names = READ & (one.keywords.keys() | other.keywords.keys())
    return all(same(one.keywords.get(name), other.keywords.get(name)) for name in names)


def _held(layers: Layers, keyword: str) -> list[Held]:
    return [
        Held(layer.keywords[keyword], layer)
        for layer in layers
        if layer.keywords.get(keyword) is not None and layer.keywords[keyword] != NOTHING.get(keyword, ...)
    ]


def _rest(old: list[Held], new: list[Held]) -> tuple[list[Held], list[Held], list[Held]]:
    """What is on one side only, and what is on both; of equal ones, those with one rule belong together."""
    left, right, common = list(old), list(new), list[Held]()
    for told in (_with_rule, _without_rule):
        for held in list(left):
            twin = next((other for other in right if told(other) == told(held)), None)
            if twin is not None:
                left.remove(held)
                right.remove(twin)
                common.append(twin)
    return left, right, common


def _with_rule(held: Held) -> tuple[str, str | None]:
    marks = held.layer.place.node.get("x-rules")
    return text(held.value), text(marks) if marks else None


def _without_rule(held: Held) -> tuple[str, str | None]:
    return text(held.value), None


def _twins(left: list[Held], right: list[Held]) -> list[tuple[Held, Held]]:
    """Takes out of both lists what stands at the same place in both: it is one thing that changed."""
    found: list[tuple[Held, Held]] = []
    for held in list(left):
        twin = next((other for other in right if other.layer.place.name == held.layer.place.name), None)
        if twin is not None:
            left.remove(held)
            right.remove(twin)
            found.append((held, twin))
    return found


def _marked(keyword: str, *sides: list[Held]) -> list[list[Held]]:
    """What carries a rule: that it went or came is told although something else still holds."""
    return [[held for held in side if held.layer.mark(keyword)] for side in sides]


# --- numbers ----------------------------------------------------------------------------------------------


def _numbers(keyword: str, old: list[Held], new: list[Held]) -> Iterator[Limit]:
    left, right, common = _rest(old, new)
    for before, after in _twins(left, right) if all(_is_number(held.value) for held in (*left, *right)) else []:
        yield _other(keyword, before, after)
        common.append(after)
    if not all(_is_number(held.value) for held in (*left, *right, *common)):
        yield from _changed(keyword, left, right)
    elif left and right:
        yield _other(keyword, _strictest(keyword, left), _strictest(keyword, right))
    elif not common:
        yield from _changed(keyword, left, right)
    elif left or right:
        # One of several layers went or came: that changes something only where it was the strictest.
        extra, beside = _strictest(keyword, left or right), _strictest(keyword, common)
        if _way(keyword, beside.value, extra.value) == "tightened" and extra.value != beside.value:
            yield _other(keyword, *((extra, beside) if left else (beside, extra)))
        else:
            yield from _changed(keyword, *_marked(keyword, left, right))


def _other(keyword: str, before: Held, after: Held) -> Limit:
    change = _way(keyword, before.value, after.value)
    return Limit(keyword, change, before.value, after.value, before.layer, after.layer)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _strictest(keyword: str, held: list[Held]) -> Held:
    pick = min if keyword in UPPER else max
    return pick(held, key=lambda one: one.value)


def _way(keyword: str, old: Any, new: Any) -> Change:
    if keyword == "multipleOf":
        before, after = Fraction(str(old)), Fraction(str(new))
        if not before or not after:
            return "changed"
        if (after / before).denominator == 1:
            return "tightened"
        return "loosened" if (before / after).denominator == 1 else "changed"
    return "tightened" if (new < old) == (keyword in UPPER) else "loosened"


def _swapped(old: Layers, new: Layers) -> tuple[Layers, Layers]:
    """The same bound in the same keyword: `minimum: 1` of an integer is `exclusiveMinimum: 0`."""
    if not all(any(layer.keywords.get("type") == "integer" for layer in layers) for layers in (old, new)):
        return old, new
    for exclusive, plain, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        for one, other in ((old, new), (new, old)):
            if _has(one, exclusive) and _has(other, plain) and not _has(one, plain) and not _has(other, exclusive):
                made = tuple(_including(layer, exclusive, plain, step) for layer in one)
                old, new = (made, new) if one is old else (old, made)
                break
    return old, new


def _has(layers: Layers, keyword: str) -> bool:
    return any(keyword in layer.keywords for layer in layers)


def _including(layer: Layer, exclusive: str, plain: str, step: int) -> Layer:
    bound = layer.keywords.get(exclusive)
    if not isinstance(bound, int):
        return layer
    return Layer(layer.place, {**layer.keywords, plain: bound + step, exclusive: None})


# --- texts ------------------------------------------------------------------------------------------------


def _texts(keyword: str, old: list[Held], new: list[Held]) -> Iterator[Limit]:
    left, right, _ = _rest(old, new)
    yield from _changed(keyword, left, right)


def _changed(keyword: str, left: list[Held], right: list[Held]) -> Iterator[Limit]:
    """Two by two, then what is left over."""
    both = min(len(left), len(right))
    for before, after in zip(left[:both], right[:both], strict=True):
        yield Limit(keyword, "changed", before.value, after.value, before.layer, after.layer)
    for gone in left[both:]:
        yield Limit(keyword, "removed", gone.value, None, gone.layer, None)
    for come in right[both:]:
        yield Limit(keyword, "added", None, come.value, None, come.layer)


# --- kinds and values -------------------------------------------------------------------------------------


def _type(old: list[Held], new: list[Held]) -> Iterator[Limit]:
    left, right, _ = _rest(old, new)
    for before, after in _twins(left, right):
        yield from _kinds_changed([before], [after])
    if left or right:
        found = list(_kinds_changed(old, new))
        yield from found or _changed("type", *_marked("type", left, right))


def _kinds_changed(old: list[Held], new: list[Held]) -> Iterator[Limit]:
    before, after = _kinds(old), _kinds(new)
    if before == after:
        return
    if before is None or after is None:
        yield from _changed("type", old[:1], new[:1])
        return
    change: Change = "tightened" if after < before else "loosened" if after > before else "changed"
    yield Limit("type", change, old[0].value, new[0].value, old[0].layer, new[0].layer)


def _kinds(held: list[Held]) -> set[str] | None:
    """The kinds that all layers allow; a number is an integer, or one with a fraction."""
    found: set[str] | None = None
    for one in held:
        kinds = set(map(str, one.value)) if isinstance(one.value, list) else {str(one.value)}
        if "number" in kinds:
            kinds = (kinds - {"number"}) | {"integer", "fraction"}
        found = kinds if found is None else found & kinds
    return found


def _values(old: Layers, new: Layers) -> Iterator[Limit]:
    """`enum` and `const`, which is an enum of one."""
    names = {layer.place.name for layer in old if _lists(layer)} & {layer.place.name for layer in new if _lists(layer)}
    for name in sorted(names):
        pair = (tuple(layer for layer in side if layer.place.name == name) for side in (old, new))
        yield from _values_changed(*pair)
    if any(_lists(layer) and layer.place.name not in names for layer in (*old, *new)):
        yield from _values_changed(old, new)


def _lists(layer: Layer) -> bool:
    return "const" in layer.keywords or "enum" in layer.keywords


def _values_changed(old: Layers, new: Layers) -> Iterator[Limit]:
    before, after = _allowed(old), _allowed(new)
    if before is None or after is None:
        if before is not None:
            keyword, held = before
            yield Limit(keyword, "removed", held.layer.keywords[keyword], None, held.layer, None)
        if after is not None:
            keyword, held = after
            yield Limit(keyword, "added", None, held.layer.keywords[keyword], None, held.layer)
        return
    (first, was), (second, now) = before, after
    gone = set(map(text, was.value)) - set(map(text, now.value))
    come = set(map(text, now.value)) - set(map(text, was.value))
    if first == second == "const":
        if gone:
            yield Limit("const", "changed", was.value[0], now.value[0], was.layer, now.layer)
        return
    if gone:
        yield Limit("enum", "tightened", was.value, now.value, was.layer, now.layer)
    if come:
        yield Limit("enum", "loosened", was.value, now.value, was.layer, now.layer)


def _allowed(layers: Layers) -> tuple[str, Held] | None:
    """The values that all layers allow, and the keyword and layer that first say so."""
    found: tuple[str, Held] | None = None
    for layer in layers:
        for keyword in ("const", "enum"):
            if keyword not in layer.keywords:
                continue
            value = layer.keywords[keyword]
            values = [value] if keyword == "const" else value if isinstance(value, list) else []
            if found is None:
                found = keyword, Held(values, layer)
            else:
                known = set(map(text, values))
                found = found[0], Held([one for one in found[1].value if text(one) in known], found[1].layer)
    return found


# --- names ------------------------------------------------------------------------------------------------


def _required(old: Layers, new: Layers) -> Iterator[Limit]:
    yield from _names("required", _wanted(old), _wanted(new))


def _wanted(layers: Layers) -> dict[str, Layer]:
    return {
        str(name): layer
        for layer in layers
        if isinstance(layer.keywords.get("required"), list)
        for name in layer.keywords["required"]
    }


def _dependent(old: Layers, new: Layers) -> Iterator[Limit]:
    yield from _names("dependentRequired", _depending(old), _depending(new))


def _depending(layers: Layers) -> dict[str, Layer]:
    return {
        f"{other} beside {name}": layer
        for layer in layers
        if isinstance(layer.keywords.get("dependentRequired"), Mapping)
        for name, others in layer.keywords["dependentRequired"].items()
        for other in (others if isinstance(others, list) else ())
    }


def _names(keyword: str, old: Mapping[str, Layer], new: Mapping[str, Layer]) -> Iterator[Limit]:
    for name in sorted(set(old) | set(new)):
        if name not in old:
            yield Limit(keyword, "tightened", False, True, None, new[name], name)
        elif name not in new:
            yield Limit(keyword, "loosened", True, False, old[name], None, name)
