"""Two requests side by side: each field in which they differ, and each way of writing in which they only seem to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, Literal, NamedTuple
from urllib.parse import unquote

from .written import ANY, PASSED_OVER, Form, Opaque, Place, parameters, step, told_by

Change = Literal["value", "gone", "new", "renamed", "order"]

WRITINGS = {
    "order of keys": "a JSON object has no order",
    "JSON text": "spaces and escapes of JSON say nothing",
    "number form": "1 and 1.0 are the same number",
    "header case": "names of headers have no case",
    "order of headers": "each header has a name",
    "order of query": "each parameter of a query has a name",
    "percent-encoding": "a letter and its percent-encoding are the same in a path",
    "packing": "gzip is how a body travels",
    "grouping": "the same events in the same order, in fewer or more requests",
    "noise": "OLD differs from itself there",
    "header passed over": "it says how a request travels, not what it says",
}
"""Each difference that is none, and the reason."""


class Kind(NamedTuple):
    """What a value is, with none of it: a word, and a size for texts, lists and objects."""

    word: str
    size: int | None = None


class Difference(NamedTuple):
    """One field in which two requests differ.

    place     where it stands, the same for every request
    names     what `*` stands for in it, here
    to        the new name of what is renamed
    old, new  what stands there; None for nothing
    how       in what way one text became another, where that can be told without either
    sizes     how many fields stand around one that is gone or new, in OLD and in NEW
    """

    place: Place
    names: tuple[str, ...]
    change: Change
    old: Kind | None
    new: Kind | None
    to: str = ""
    how: str = ""
    sizes: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Compared:
    """What comes of two requests: their differences, and the ways of writing in which they only seem to differ."""

    differences: list[Difference]
    writings: set[str]


def compared(old: Form, new: Form, noise: frozenset[Place] = frozenset()) -> Compared:
    """Two requests, field by field. What is `noise` is no difference."""
    found = list(_differences(old, new))
    real = [one for one in found if one.place not in noise]
    writings = set(_writings(old, new))
    if len(real) < len(found):
        writings.add("noise")
    return Compared(real, writings)


def kind_of(value: Any) -> Kind:
    if isinstance(value, Opaque):
        return Kind("bytes", len(value))
    if value is None:
        return Kind("null")
    if isinstance(value, bool):
        return Kind("true or false")
    if isinstance(value, str):
        return Kind("text", len(value))
    if isinstance(value, dict):
        return Kind("object", len(value))
    if isinstance(value, list):
        return Kind("list", len(value))
    return Kind("number")


def _differences(old: Form, new: Form) -> Iterator[Difference]:
    if old.sent.method != new.sent.method:
        yield Difference(("method",), (f"{old.sent.method} → {new.sent.method}",), "value", Kind("word"), Kind("word"))
    yield from _path(old, new)
    yield from _table(("query",), (), old.query, new.query, deep=False)
    yield from _table(("header",), (), old.headers, new.headers, deep=False)
    yield from _value(("body",), (), old.body, new.body)


def _path(old: Form, new: Form) -> Iterator[Difference]:
    if [unquote(part) for part in old.segments] == [unquote(part) for part in new.segments]:
        return
    before, after = (parameters(one.sent.method, one.segments) for one in (old, new))
    if before != after:
        names = (f"/{'/'.join(before)} → /{'/'.join(after)}",)
        yield Difference(("path",), names, "value", Kind("path", len(before)), Kind("path", len(after)))
        return
    for shown, mine, theirs in zip(before, old.segments, new.segments, strict=True):
        if unquote(mine) != unquote(theirs):
            how = _how(unquote(mine), unquote(theirs))
            yield Difference(("path", shown), (), "value", kind_of(unquote(mine)), kind_of(unquote(theirs)), how=how)


# --- values -----------------------------------------------------------------------------------------------


def _value(place: Place, names: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if _same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _table(place, names, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list(place, names, old, new)
    else:
        yield Difference(place, names, "value", kind_of(old), kind_of(new), how=_how(old, new))


def _table(
    place: Place, names: tuple[str, ...], old: dict[str, Any], new: dict[str, Any], *, deep: bool = True
) -> Iterator[Difference]:
    """Two objects: what both have is compared; what only one has is renamed, gone or new."""
    for key, value in old.items():
        if key in new:
            below, named = step(place, names, key, value or new[key]) if deep else ((*place, key), names)
            yield from _value(below, named, value, new[key])
    gone = [key for key in old if key not in new]
    come = [key for key in new if key not in old]
    renamed = _renamed(gone, come, old, new)
    sizes = (len(old), len(new))
    for key in gone:
        if key in renamed:
            to = renamed[key]
            yield Difference((*place, key), names, "renamed", kind_of(old[key]), kind_of(new[to]), to=to)
            below, named = step(place, names, key, old[key] or new[to])
            yield from _value(below, named, old[key], new[to])
        else:
            yield Difference((*place, key), names, "gone", kind_of(old[key]), None, sizes=sizes)
    for key in come:
        if key not in renamed.values():
            yield Difference((*place, key), names, "new", None, kind_of(new[key]), sizes=sizes)


def _renamed(gone: list[str], come: list[str], old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    """Old name -> new name, where what stands there leaves no doubt."""
    found: dict[str, str] = {}
    for key in gone:
        fits = [other for other in come if _likely(old[key], new[other])]
        rivals = [other for other in gone if any(_likely(old[other], new[one]) for one in fits)]
        if len(fits) == len(rivals) == 1:
            found[key] = fits[0]
        elif fits and len(fits) == len(rivals) and [_at(old, one) for one in rivals] == [_at(new, one) for one in fits]:
            # The same value more than once: the order of keys tells which is which.
            found[key] = fits[rivals.index(key)]
    return found


def _at(table: dict[str, Any], key: str) -> int:
    return list(table).index(key)


def _likely(old: Any, new: Any) -> bool:
    """Whether one may be the other under a new name: the same, or an object of which most is."""
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        same = sum(key in new and _same(old[key], new[key]) for key in old)
        return 2 * same >= max(len(old), len(new))
    return _same(old, new)


def _list(place: Place, names: tuple[str, ...], old: list[Any], new: list[Any]) -> Iterator[Difference]:
    """Two lists: entries that say what they are by that, any others by where they stand among what changed."""
    told = [[told_by(one) for one in several] for several in (old, new)]
    if all(all(several) and len(set(several)) == len(several) for several in told):
        mine, theirs = (
            dict(zip(several, values, strict=True)) for several, values in zip(told, (old, new), strict=True)
        )
        if [key for key in mine if key in theirs] != [key for key in theirs if key in mine]:
            yield Difference(place, names, "order", kind_of(old), kind_of(new))
        for key in {**mine, **theirs}:
            if key in mine and key in theirs:
                yield from _value((*place, ANY), (*names, key), mine[key], theirs[key])
            else:
                yield _entry(place, (*names, key), mine.get(key), theirs.get(key), (len(old), len(new)))
        return
    left, right = _without_shared(old, new)
    if not left and not right:
        yield Difference(place, names, "order", kind_of(old), kind_of(new))
    for (number, one), (_, other) in zip_longest(left, right, fillvalue=(-1, _NOTHING)):
        if one is _NOTHING or other is _NOTHING:
            mine_, theirs_ = (None if part is _NOTHING else part for part in (one, other))
            yield _entry(place, (*names, told_by(mine_ or theirs_)), mine_, theirs_, (len(old), len(new)))
        else:
            yield from _value((*place, ANY), (*names, told_by(one) or str(number)), one, other)


_NOTHING: Any = object()


def _entry(place: Place, names: tuple[str, ...], old: Any, new: Any, sizes: tuple[int, int]) -> Difference:
    if old is None:
        return Difference((*place, ANY), names, "new", None, kind_of(new), sizes=sizes)
    return Difference((*place, ANY), names, "gone", kind_of(old), None, sizes=sizes)


def _without_shared(old: list[Any], new: list[Any]) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
    """Entries that the other list does not have, with their indices."""
    left: list[tuple[int, Any]] = []
    right = list(enumerate(new))
    for index, one in enumerate(old):
        found = next((at for at, (_, other) in enumerate(right) if _same(one, other)), None)
        if found is None:
            left.append((index, one))
        else:
            del right[found]
    return left, right


def _same(old: Any, new: Any) -> bool:
    """Equal, and of one kind: Python takes 1 for true."""
    if old is new:
        return True
    if isinstance(old, bool) or isinstance(new, bool) or type(old) is not type(new):
        numbers = isinstance(old, int | float) and isinstance(new, int | float)
        return bool(numbers and not isinstance(old, bool) and not isinstance(new, bool) and old == new)
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(old == new)


def _how(old: Any, new: Any) -> str:
    """How one became the other, as far as that can be said of any value."""
    if isinstance(old, str) and isinstance(new, str):
        if old.casefold() == new.casefold():
            return "only capitals differ"
        if old.strip() == new.strip():
            return "only spaces around it differ"
        if old.startswith(new) or old.endswith(new):
            return "a part of it is left"
        if new.startswith(old) or new.endswith(old):
            return "something is added to it"
        return ""
    if (
        isinstance(old, str) != isinstance(new, str)
        and not isinstance(old, dict | list)
        and not isinstance(new, dict | list)
    ):
        return "the same in another kind" if _plain(old) == _plain(new) else ""
    return ""


def _plain(value: Any) -> str:
    return str(value).casefold() if value is not None else "null"


# --- ways of writing --------------------------------------------------------------------------------------


def _writings(old: Form, new: Form) -> Iterator[str]:
    if old.packed != new.packed:
        yield "packing"
    elif old.sent.body != new.sent.body:
        yield from _json_writings(old.body, new.body)
    if old.names != new.names and sorted(map(str.lower, old.names)) == sorted(map(str.lower, new.names)):
        yield "header case"
    mine, theirs = (one.sent.target.partition("?") for one in (old, new))
    if mine[0] != theirs[0] and unquote(mine[0]) == unquote(theirs[0]):
        yield "percent-encoding"
    if mine[2] != theirs[2] and old.query == new.query:
        yield "order of query"
    if _on_the_way(old) != _on_the_way(new):
        yield "header passed over"
    if old.headers == new.headers and list(old.headers) != list(new.headers):
        yield "order of headers"


def _on_the_way(form: Form) -> dict[str, str]:
    """The headers that are passed over; how long a body is follows from it."""
    named = {name.lower(): text for name, text in form.sent.headers}
    return {name: text for name, text in named.items() if name in PASSED_OVER and name != "content-length"}


def _json_writings(old: Any, new: Any) -> Iterator[str]:
    if not _same(old, new):
        return
    order, form = _order_differs(old, new), _form_differs(old, new)
    if order:
        yield "order of keys"
    if form:
        yield "number form"
    if not order and not form:
        yield "JSON text"


def _order_differs(old: Any, new: Any) -> bool:
    if isinstance(old, dict):
        return list(old) != list(new) or any(_order_differs(value, new[key]) for key, value in old.items())
    return isinstance(old, list) and any(map(_order_differs, old, new))


def _form_differs(old: Any, new: Any) -> bool:
    if isinstance(old, dict):
        return any(_form_differs(value, new[key]) for key, value in old.items())
    if isinstance(old, list):
        return any(map(_form_differs, old, new))
    return type(old) is not type(new)
