"""The messages of a workspace, held against what SessionM's templates send along: who reads what never comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts import Choices
from contracts.register import RegisterError

from .definition import Campaign, Variant
from .template import Unsendable, names_sent, target_of

TABLES = {"campaign": "campaigns", "canvas": "canvases"}


def unread(
    tables: Mapping[str, Any], used: Sequence[tuple[Campaign, str]], variants: Mapping[str, Variant]
) -> Iterator[tuple[str, str]]:
    """What the lint of templates finds in each message that a campaign sends: (rule id, one line).

    `used` are campaigns with the names of the variants that they send by.
    """
    braze = tables.get("braze", {})
    for campaign, name in used:
        variant = variants.get(name)
        if variant is None:
            continue
        try:
            target, id_ = target_of(variant, campaign, braze.get("edition", "document"))
        except Unsendable:
            continue
        for piece in braze.get(TABLES[target], ()):
            if piece.get("id") == id_ and piece.get("message"):
                yield from _wrong(tables, campaign, variant, target, piece)


def _wrong(
    tables: Mapping[str, Any], campaign: Campaign, variant: Variant, target: str, piece: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    # Liquid takes long to import, and most tenants have no message to read.
    from mock_sessionm.partners.braze import Bindings, lint
    from mock_sessionm.tenant import TenantSettings

    canvas = target == "canvas"
    lost = canvas and variant.canvas_properties == "trigger_properties"
    bindings = Bindings.of(TenantSettings(), "")
    bound = (*bindings.variables, "YOUR-RETAIL-ID", "YOUR-BASE64-ENCODED-KEY", "YOUR-ENCODED-STRING-KEY")
    sends = frozenset() if lost else names_sent(variant, _choices(tables))
    for violation in lint(piece["message"], sends=sends, canvas=canvas, bound=bound):
        place = f"braze.{TABLES[target]}.{piece['id']}.message"
        yield violation.rule, f"{place}: {violation.message}; campaigns.{campaign.id} sends it by {variant.name}"


def _choices(tables: Mapping[str, Any]) -> Choices:
    try:
        return Choices(tables.get("assumptions", {}))
    except RegisterError:
        return Choices()
