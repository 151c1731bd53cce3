"""SessionM Core: customers, events and tags."""

from . import events, tags, users
from .subject import View

VIEWS: dict[str, View] = {**users.VIEWS, **events.VIEWS, **tags.VIEWS}
"""Every operation of the contract -> the function that answers it."""

__all__ = ["VIEWS", "View"]
