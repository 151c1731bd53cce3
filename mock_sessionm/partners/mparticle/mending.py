"""What becomes of the parts of a batch that go beyond a limit: shortened, or left out. The rest is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contracts import Violation

from . import limits

PASSED_OVER = ("mparticle.accepted", limits.NO_EVENTS, limits.UNTIMED, limits.RECENT)
"""Rules because of which one batch of several is not taken."""
Act = Callable[[Any, str, str], None]
"""Is given what a part stands in, its name or index there, and the rule."""


class Gone:
    """Stands in a list where something was left out, so that those after it keep their places for a while."""


def mend(body: Any, found: Sequence[Violation]) -> None:
    """Do to a body what the rules say that it goes beyond; it must not be used with these violations again."""
    lists: list[list[Any]] = []
    for violation in found:
        act = ACTS.get(violation.rule)
        *outer, last = _parts(violation.pointer)
        holder = _reached(body, outer)
        if act is not None and holder is not None:
            act(holder, last, violation.rule)
            if isinstance(holder, list):
                lists.append(holder)
    for one in lists:
        one[:] = [part for part in one if part is not Gone]


def _shorten_text(holder: Any, name: str, rule: str) -> None:
    holder[name] = holder[name][: limits.limit_of(rule)]


def _shorten_name(holder: Any, name: str, rule: str) -> None:
    """The same names in the same order, one of them shorter."""
    short = name[: limits.limit_of(rule)]
    for each in list(holder):
        value = holder.pop(each)
        holder[short if each == name else each] = value


def _empty(holder: Any, name: str, _rule: str) -> None:
    holder[name] = {}


def _empty_all(holder: Any, _name: str, _rule: str) -> None:
    holder.clear()


def _leave_out(holder: Any, name: str, _rule: str) -> None:
    if isinstance(holder, list):
        holder[int(name)] = Gone
    else:
        holder.pop(name, None)


def _first(holder: Any, name: str, rule: str) -> None:
    holder[name] = dict(list(holder[name].items())[: limits.limit_of(rule)])


ACTS: dict[str, Act] = {
    limits.AGE: _leave_out,
    limits.EVENT_NAME: _shorten_text,
    limits.NAMES: _leave_out,
    limits.ATTRIBUTES: _empty,
    limits.ATTRIBUTE_VALUE: _empty_all,
    limits.ATTRIBUTE_NAME: _shorten_name,
    limits.USER_NAME: _leave_out,
    limits.USER_VALUE: _leave_out,
    limits.LIST: _leave_out,
    limits.LIST_VALUE: _leave_out,
    limits.USER_ATTRIBUTES: _first,
}
"""Rule -> what is done about a part that breaks it."""


def _parts(place: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]] or [""]


def _reached(body: Any, parts: Sequence[str]) -> Any:
    """What stands there; None where it was left out already."""
    for part in parts:
        body = body[int(part)] if isinstance(body, list) else body.get(part) if isinstance(body, dict) else None
    return body
