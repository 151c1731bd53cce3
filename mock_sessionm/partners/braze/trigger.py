"""Braze's two trigger endpoints: who gets the message, with which properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_sessionm.call import Call
from mock_sessionm.check import known_tenant
from mock_sessionm.envelopes import Reply
from mock_sessionm.surface import Surface, View

from .checks import GATE, id_of, piece_of, pool_of, recipients, target_of
from .envelope import CODES, OTHERWISE, REFUSALS, failure, success
from .profiles import Profile
from .workspace import Piece, Workspace

NOTICES = {
    "paused": "The Canvas is paused. Resume the Canvas to ensure trigger requests will take effect.",
    "archived": "The Canvas is archived. Unarchive the Canvas to ensure trigger requests will take effect.",
}
"""State of a Canvas -> what Braze says then (source: braze-trigger-canvases#response)."""
PROPERTIES = {"campaign": ("trigger_properties",), "canvas": ("canvas_entry_properties", "context")}
"""Where a call has the properties of its kind; of two the last one stands."""


def trigger(call: Call) -> dict[str, Any]:
    """Send the message to everybody whom the call means and the message's segment holds."""
    tenant = known_tenant(call)
    workspace = tenant.workspace
    piece = piece_of(call) or Piece(kind=target_of(call), id=id_of(call))
    dispatch_id = workspace.dispatch_id()
    if piece.state in NOTICES and "braze.resting-canvas" in tenant.behaviours:
        return {"dispatch_id": dispatch_id, "notice": NOTICES[piece.state]}
    own = _properties(call.body, piece)
    for user, more in _meant(call, workspace, piece):
        over = {**own, **more} if "braze.recipient-properties" in tenant.behaviours else own
        shared = "braze.one-dispatch" in tenant.behaviours
        workspace.send(piece, user, over, dispatch_id if shared else workspace.dispatch_id())
    if "send_id" in call.body and call.body.get("broadcast") is True and "braze.tracked-send" in tenant.behaviours:
        return {"send_id": call.body["send_id"]}
    return {"dispatch_id": dispatch_id}


def seal(call: Call, reply: Reply) -> Reply:
    """Every answer says how much of the rate limit is left; a call of nobody's counts nowhere."""
    if call.tenant is None:
        return reply
    workspace, pool = call.tenant.workspace, pool_of(call)
    workspace.count(pool)
    if "braze.rate-headers" not in call.tenant.behaviours:
        return reply
    told = {
        "X-RateLimit-Limit": workspace.limit(pool),
        "X-RateLimit-Remaining": workspace.left(pool),
        "X-RateLimit-Reset": workspace.resets(pool),
    }
    return Reply(reply.status, reply.body, [*reply.headers, *((name, str(value)) for name, value in told.items())])


def nobody(_call: Call) -> None:
    """A call to Braze is about users of the workspace, and not about a customer of SessionM."""
    return


def _properties(owner: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in PROPERTIES[piece.kind]:
        made.update(owner.get(name, {}))
    return made


def _meant(call: Call, workspace: Workspace, piece: Piece) -> Iterator[tuple[Profile, dict[str, Any]]]:
    """Every user whom the call means, once, with the properties that are the user's own."""
    tree = call.body.get("audience")
    if "recipients" not in call.body:
        yield from ((user, {}) for user in workspace.reached(piece, list(workspace.profiles), tree))
        return
    behaviours = known_tenant(call).behaviours
    seen: set[str] = set()
    for recipient in recipients(call):
        user = _user(call, workspace, recipient)
        if user is None or (user.braze_id in seen and "braze.duplicates-merged" in behaviours):
            continue
        seen.add(user.braze_id)
        for reached in workspace.reached(piece, [user], tree):
            yield reached, _properties(recipient, piece)


def _user(call: Call, workspace: Workspace, recipient: Mapping[str, Any]) -> Profile | None:
    """The user whom a recipient names, with the call's attributes written; None for nobody."""
    behaviours = known_tenant(call).behaviours
    found = workspace.profiles.find(recipient)
    if found is None:
        existing_only = recipient.get("send_to_existing_only", True)
        if existing_only and "braze.existing-only" in behaviours:
            return None
        # Users who are known by an alias alone are never made this way.
        if "user_alias" in recipient and "braze.aliases-not-created" in behaviours:
            return None
        found = workspace.profiles.create(recipient)
    if recipient.get("attributes") and "braze.attributes-first" in behaviours:
        workspace.profiles.write(found, recipient["attributes"])
    return found


VIEWS: dict[str, View] = {"triggerCampaign": trigger, "triggerCanvas": trigger}
"""Every operation of Braze's -> the function that answers it."""

BRAZE = Surface(
    name="braze",
    vendor="braze",
    scheme="Bearer",
    prefixes=("/campaigns/", "/canvas/"),
    views=VIEWS,
    gate=GATE,
    door=frozenset({"braze.credentials"}),
    who=nobody,
    success=success,
    failure=failure,
    refusals=REFUSALS,
    otherwise=OTHERWISE,
    codes=CODES,
    seal=seal,
)
