"""Braze, beside SessionM: its messages, rendered and linted.

The trigger endpoints stand in this package, too, and need no Liquid, which takes long to import: a name is imported
when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bindings import Bindings
    from .connected_content import ConnectedContent, ContentCall
    from .kept import TEMPLATE_BEHAVIOURS
    from .liquid.errors import TemplateError
    from .message import Person, Rendered, Renderer
    from .sender import Sender, Sent
    from .template_lint import lint
    from .webhook import Unsendable, Webhook
    from .webhook_campaign import WebhookCampaign, read_campaign
    from .webhook_lint import webhook_notes

__all__ = [
    "TEMPLATE_BEHAVIOURS",
    "Bindings",
    "ConnectedContent",
    "ContentCall",
    "Person",
    "Rendered",
    "Renderer",
    "Sender",
    "Sent",
    "TemplateError",
    "Unsendable",
    "Webhook",
    "WebhookCampaign",
    "lint",
    "read_campaign",
    "webhook_notes",
]
_WHERE = {
    "Bindings": "bindings",
    "ConnectedContent": "connected_content",
    "ContentCall": "connected_content",
    "Person": "message",
    "Rendered": "message",
    "Renderer": "message",
    "Sender": "sender",
    "Sent": "sender",
    "TEMPLATE_BEHAVIOURS": "kept",
    "TemplateError": "liquid.errors",
    "Unsendable": "webhook",
    "Webhook": "webhook",
    "WebhookCampaign": "webhook_campaign",
    "lint": "template_lint",
    "read_campaign": "webhook_campaign",
    "webhook_notes": "webhook_lint",
}
"""Public name -> the module of this package that has it."""


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f".{_WHERE[name]}", __name__), name)
    globals()[name] = found
    return found
