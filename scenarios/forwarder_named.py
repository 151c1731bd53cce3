"""The forwarder that somebody names on the command line: an address, or a Python function that plans."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

from .place import Planning

NAMED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
"""`module:callable`, each with dots in it or without."""


class NoForwarder(ValueError):
    """There is no such forwarder; the text is one line that says what was named, why not, and what to do."""


def forwarder_named(text: str) -> str | Planning:
    """The address as it is, or the function that `module:callable` names, found also in the working folder.

    The function is called as `forwarder.plan` is: `plan(batch, connection, now=seconds)` gives a `Plan`. Raises
    `NoForwarder`. Whether anybody is at the address is not asked.
    """
    if text.startswith(("http://", "https://")):
        return text
    if not NAMED.fullmatch(text):
        raise NoForwarder(f"{text!r}: expected an address such as http://127.0.0.1:8700, or module:callable")
    module, _, name = text.partition(":")
    _find_here()
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (Exception, SystemExit) as error:  # the user's module may do anything
        raise NoForwarder(f"{text}: cannot be imported: {_told(error)}") from error
    if not callable(found):
        raise NoForwarder(f"{text}: is not a function; name one that plans, as `forwarder.plan` does")
    planning: Planning = found
    return planning


def _find_here() -> None:
    """Let modules be found in the working folder too, behind all others; also those that are imported later."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    importlib.invalidate_caches()


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
