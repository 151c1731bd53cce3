"""The messages of a workspace, held against what SessionM's templates send along: who reads what never comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from contracts import Choices
from contracts.register import RegisterError

from .definition import Campaign, Variant, campaigns_of, messages_of, variants_of
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


class NoMessage(LookupError):
    """No message goes out by that campaign; the text is one line that says why."""


def sent_by(tables: Mapping[str, Any], campaign_id: str) -> tuple[frozenset[str] | None, bool]:
    """The names that a campaign of SessionM's sends along (None: any), and whether they go to a Canvas.

    Raises `NoMessage` where there is no such campaign or nothing can be sent by it.
    """
    campaigns = {one.id: one for one in campaigns_of(tables)}
    campaign = campaigns.get(campaign_id)
    if campaign is None:
        raise NoMessage(f"no campaign has the id {campaign_id}; there is {', '.join(campaigns) or 'none'}")
    variants = variants_of(tables)
    for outcome in messages_of(campaign):
        variant = variants.get(outcome["message"])
        if variant is None:
            continue
        try:
            canvas = target_of(variant, campaign, tables.get("braze", {}).get("edition", "document"))[0] == "canvas"
        except Unsendable as error:
            raise NoMessage(f"{campaign_id}: {error}") from error
        lost = canvas and variant.canvas_properties == "trigger_properties"
        return (frozenset() if lost else names_sent(variant, _choices(tables))), canvas
    raise NoMessage(f"the campaign {campaign_id} sends no message by a variant that is set up")


def _wrong(
    tables: Mapping[str, Any], campaign: Campaign, variant: Variant, target: str, piece: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    # Liquid takes long to import, and most tenants have no message to read.
    from mock_sessionm.partners.braze import Bindings, lint
    from mock_sessionm.tenant_settings import TenantSettings

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
