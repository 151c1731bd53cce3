"""One Braze workspace: its keys, campaigns and Canvases, its users, its rate limits, and what it sent."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from mock_sessionm.chance import Chance
from mock_sessionm.clock import iso
from mock_sessionm.limits import limit, table

from . import audience
from .profiles import Profile, Profiles

if TYPE_CHECKING:
    from mock_sessionm.tenant import Tenant

    from .message import Renderer

Target = Literal["campaign", "canvas"]
Pool = Literal["braze.broadcasts-per-minute", "braze.requests-per-hour"]
ENDPOINT = "https://rest.iad-01.braze.com"
INSTANCES = re.compile(r"rest\.[a-z0-9-]+\.braze\.(?:com|eu)")
"""Hosts of Braze's instances; another host is the address at which the fake happens to stand."""
CORE = "https://api.sessionm.com"
CONNECT = "https://domains-connecteast1.ent-sessionm.com"
"""Addresses of SessionM in the documents; here they lead into the fake."""
REMEMBERED = 10_000
"""So many of the latest messages are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A campaign or a Canvas. `segment` names one of `[[braze.segments]]`; empty for everybody. `message` is Liquid."""

    kind: Target
    id: str
    name: str = ""
    state: Literal["active", "paused", "archived"] = "active"
    segment: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message for one user. `aborted` is None where it was sent; else why it was not, empty for no reason.

    at            seconds since 1970
    properties    what the template could read: of the call, with the recipient's own over it
    text          the message as it was rendered; empty where the piece has none
    calls         what Connected Content called
    """

    at: float
    kind: Target
    id: str
    dispatch_id: str
    external_user_id: str | None
    properties: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    aborted: str | None = None
    calls: tuple[Mapping[str, Any], ...] = ()

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever asks what was sent."""
        whole = asdict(self)
        named = {f"{whole.pop('kind')}_id": whole.pop("id")}
        return {**whole, **named, "at": iso(self.at), "calls": list(whole["calls"])}


class Workspace:
    """The Braze side of one tenant."""

    __slots__ = (
        "_chance",
        "_limits",
        "_pools",
        "_renderer",
        "_segments",
        "_tenant",
        "api_key",
        "dropped",
        "edition",
        "endpoint",
        "messages",
        "pieces",
        "profiles",
    )

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        settings = tenant.settings.partners.get("braze", {})
        self.endpoint: str = settings.get("endpoint", ENDPOINT)
        self.api_key: str = settings.get("api_key", "")
        self.edition: Literal["document", "current"] = settings.get("edition", "document")
        self.pieces = {(kind, entry["id"]): Piece(kind=kind, **entry) for kind, entry in _entries(settings)}
        self._limits: Mapping[str, int] = settings.get("rate_limits", {})
        self._segments: Mapping[str, Any] = {entry["name"]: entry for entry in settings.get("segments", ())}
        self.profiles = Profiles(tenant)
        self.messages: deque[Message] = deque(maxlen=REMEMBERED)
        self.dropped = 0
        self._pools: dict[str, tuple[float, int]] = {}
        self._chance = Chance(f"{tenant.seed} dispatches")
        self._renderer: Renderer | None = None

    # --- keys and limits ----------------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """The host of this workspace's instance."""
        return urlsplit(self.endpoint).hostname or ""

    def permissions(self, api_key: str) -> frozenset[str]:
        """What a key may do; a key that the tenant file gives no permissions has all of its edition."""
        settings = self._tenant.settings.partners.get("braze", {})
        for entry in (settings, *settings.get("keys", ())):
            if entry.get("api_key") == api_key:
                given = entry.get("permissions")
                return frozenset(given) if given is not None else frozenset(self.wanted(kind) for kind in KINDS)
        return frozenset()

    def wanted(self, kind: Target) -> str:
        """The permission that a call needs, in the words of the edition."""
        known: Mapping[str, Mapping[str, str]] = table("braze.permission")
        return known[self.edition][kind]

    def limit(self, pool: Pool) -> int:
        """How many calls a pool has in each window: what the tenant file says, else what Braze's pages say."""
        own: int | None = self._limits.get(pool.partition(".")[2].replace("-", "_"))
        return own if own is not None else limit(pool)

    def left(self, pool: Pool) -> int:
        """How many calls a pool has left in its present window."""
        return max(self.limit(pool) - self._window(pool)[1], 0)

    def resets(self, pool: Pool) -> int:
        """When a pool is full again, in seconds since 1970."""
        return int(self._window(pool)[0] + table(pool)["seconds"])

    def count(self, pool: Pool) -> None:
        """One call more."""
        start, used = self._window(pool)
        self._pools[pool] = (start, used + 1)

    def _window(self, pool: Pool) -> tuple[float, int]:
        """The beginning of the present window of a pool, and how many calls there were in it."""
        now, length = self._tenant.clock.now(), table(pool)["seconds"]
        start, used = self._pools.get(pool, (-1.0, 0))
        if start <= now < start + length:
            return start, used
        by_calendar = self._tenant.choice("braze-rate-window") == "calendar"
        self._pools[pool] = (now - now % length if by_calendar else now, 0)
        return self._pools[pool]

    # --- users --------------------------------------------------------------------------------------------

    def reached(self, piece: Piece, users: Iterable[Profile], tree: Mapping[str, Any] | None) -> Iterator[Profile]:
        """Those of the users who are in the segment of a message, and in the audience of the call."""
        now, behaviours = self._tenant.clock.now(), self._tenant.behaviours
        for user in users:
            if "braze.segment-intersected" in behaviours and not self._in_segment(piece.segment, user, now):
                continue
            if tree is not None and "braze.audience" in behaviours and not audience.holds(tree, user, now):
                continue
            yield user

    def _in_segment(self, name: str, user: Profile, now: float) -> bool:
        if not name:
            return True
        segment = self._segments[name]
        if "external_ids" in segment and user.external_id not in segment["external_ids"]:
            return False
        return "audience" not in segment or audience.holds(segment["audience"], user, now)

    # --- messages -----------------------------------------------------------------------------------------

    def dispatch_id(self) -> str:
        """The id of one call."""
        return f"{self._chance.getrandbits(128):032x}"

    def send(self, piece: Piece, user: Profile, properties: Mapping[str, Any], dispatch_id: str) -> Message:
        """Render a message for one user, and remember it."""
        told: dict[str, Any] = {}
        if piece.message:
            told = self._rendered(piece, user, properties, dispatch_id)
        made = Message(
            at=self._tenant.clock.now(),
            kind=piece.kind,
            id=piece.id,
            dispatch_id=dispatch_id,
            external_user_id=user.external_id,
            properties=dict(properties),
            **told,
        )
        if len(self.messages) == self.messages.maxlen:
            self.dropped += 1
        self.messages.append(made)
        return made

    def _rendered(self, piece: Piece, user: Profile, properties: Mapping[str, Any], dispatch_id: str) -> dict[str, Any]:
        # Liquid takes long to import, and most requests need none.
        from .bindings import Bindings
        from .liquid.errors import TemplateError
        from .message import Person

        bindings = Bindings.of(self._tenant.settings, CORE, CONNECT)
        about = {"api_id": piece.id, "name": piece.name, "dispatch_id": dispatch_id}
        bound: dict[str, Any] = {"trigger_properties": properties, "campaign": about}
        if piece.kind == "canvas":
            bound = {"context": properties, "canvas": about}
        try:
            made = self._rendering().render(
                bindings.filled(piece.message),
                Person(user.for_template(), user.attributes),
                variables=bindings.variables,
                **bound,
            )
        except TemplateError as error:
            return {"aborted": f"the template cannot be rendered: {error}"}
        return {"text": made.text, "aborted": made.aborted, "calls": tuple(asdict(one) for one in made.calls)}

    def _rendering(self) -> Renderer:
        if self._renderer is None:
            from .connected_content import ConnectedContent
            from .message import Renderer

            clock, choices = self._tenant.clock, self._tenant.choices
            content = ConnectedContent(self._tenant.web, clock.now, sleep=clock.advance, choices=choices)
            self._renderer = Renderer(content, choices=choices)
        return self._renderer

    # --- kept ---------------------------------------------------------------------------------------------

    def export(self) -> dict[str, Any]:
        """Users, messages and counts, as JSON that `restore` takes."""
        messages = [{**asdict(one), "calls": list(one.calls)} for one in self.messages]
        pools = {pool: list(window) for pool, window in self._pools.items()}
        return {**self.profiles.export(), "messages": messages, "pools": pools}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave."""
        self.profiles.restore(kept)
        self.messages.clear()
        self.messages.extend(Message(**{**entry, "calls": tuple(entry["calls"])}) for entry in kept["messages"])
        self._pools = {pool: (start, used) for pool, (start, used) in kept["pools"].items()}


KINDS: tuple[Target, ...] = ("campaign", "canvas")
TABLES: Mapping[Target, str] = {"campaign": "campaigns", "canvas": "canvases"}


def _entries(settings: Mapping[str, Any]) -> Iterator[tuple[Target, Mapping[str, Any]]]:
    for kind in KINDS:
        yield from ((kind, entry) for entry in settings.get(TABLES[kind], ()))


def complaints(settings: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong in the `[braze]` table of a tenant file that its schema cannot see, each in one line."""
    segments = {entry["name"] for entry in settings.get("segments", ())}
    seen: set[str] = set()
    for kind, entry in _entries(settings):
        place = f"braze.{TABLES[kind]}.{entry['id']}"
        if entry["id"] in seen:
            yield f"{place} stands there twice; a campaign and a Canvas each have an id of their own"
        seen.add(entry["id"])
        if entry.get("segment", "") not in {"", *segments}:
            yield f"{place}.segment names none of braze.segments; define it there"
    for index, entry in enumerate(settings.get("segments", ())):
        for pointer, leaf in audience.leaves(entry.get("audience", {}), ""):
            if wrong := audience.unusable(leaf):
                yield f"braze.segments.{index}.audience{pointer.replace('/', '.')} has {wrong}"
