"""The short way of a request to its operation, past Flask.

Flask's way to a view takes as long as all that the fake does about a request. Where it would change nothing,
it is left out: the path has nothing to decode, the length of the body is known, and nobody hooked into the app.
Everything else, and whatever is not in the contract, goes Flask's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

REMEMBERED = 512
"""So many paths are known again: whoever writes to somebody's path often does so again."""


@dataclass(slots=True)
class _Place:
    """One segment of the known paths: what may follow it by name, or as a parameter, and what it answers itself."""

    named: dict[str, _Place] = field(default_factory=dict)
    parameter: _Place | None = None
    operations: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)


class Directory:
    """Operations by method and path; a name in a path goes before a parameter, as it does with Flask."""

    __slots__ = ("_known", "_root")

    def __init__(self, operations: Mapping[str, tuple[str, str]]) -> None:
        """`operations` maps each operation to its method and its path template."""
        self._root = _Place()
        self._known: dict[tuple[str, str], tuple[str, dict[str, str]] | None] = {}
        for operation, (method, path) in operations.items():
            place, parameters = self._root, []
            for part in path.split("/")[1:]:
                if part.startswith("{"):
                    parameters.append(part[1:-1])
                    place.parameter = place.parameter or _Place()
                    place = place.parameter
                else:
                    place = place.named.setdefault(part, _Place())
            place.operations[method] = (operation, tuple(parameters))

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The operation, and what its parameters are in this path; None where nothing answers that exactly."""
        asked = (method, path)
        if asked not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[asked] = self._find(method, path)
        found = self._known[asked]
        return (found[0], dict(found[1])) if found else None

    def _find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        place = self._root
        given = []
        for part in path.split("/")[1:]:
            follow = place.named.get(part)
            if follow is None:
                follow = place.parameter
                given.append(part)
                if follow is None or not part:
                    return None
            place = follow
        found = place.operations.get(method)
        return (found[0], dict(zip(found[1], given, strict=True))) if found else None


def can_be_direct(app: Flask, environ: Mapping[str, Any]) -> bool:
    """Whether Flask would hand a request to its view just as it came."""
    path: str = environ["PATH_INFO"]
    hooks = (
        app.before_request_funcs
        or app.after_request_funcs
        or app.teardown_request_funcs
        or app.teardown_appcontext_funcs
    )
    return not hooks and "%" not in path and path.isascii() and environ.get("CONTENT_LENGTH", "").isdecimal()
