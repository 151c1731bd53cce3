"""What a tenant's mParticle has taken: batches, profiles, and what it remembers so as to take nothing twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from mock_sessionm.clock import iso
from mock_sessionm.credentials import basic
from mock_sessionm.limits import table

from .profiles import Profiles

if TYPE_CHECKING:
    from mock_sessionm.tenant import Tenant

ENDPOINT = "https://s2s.mparticle.com"
"""Where mParticle's Events API is unless the tenant file says otherwise."""
REQUEST_ID = "mparticle.source-request-id"
BATCH_ID = "mparticle.batch-id"
MEMORY = "mparticle.request-memory"
BATCH_SCOPE = "mparticle.batch-id-scope"
REPEATED = "mparticle.repeated-events"
HISTORICAL = "mparticle.historical"
UNWRITTEN = "mparticle.historical-profile"
SOURCE_FEED = "mparticle.source-feed"
REMEMBERED = 10_000
"""So many of the latest batches are kept, and ten times as many ids."""
DAY = 86_400.0
IDS = {"source_request_id": REQUEST_ID, "batch_id": BATCH_ID}
"""Part of a batch by which it is known again -> the rule about it."""

Path = Literal["live", "historical"]


@dataclass(frozen=True, slots=True)
class Input:
    """One way into mParticle: the platform or feed whose credentials a request carries."""

    name: str
    kind: Literal["platform", "feed"]
    authorization: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A batch that was taken. `at` is seconds since 1970 on the tenant's clock; `body` is what mParticle kept of it.

    `forwarded` is whether it went on to the outputs; no batch on the historical path does.
    """

    number: int
    at: float
    input: str
    path: Path
    forwarded: bool
    body: dict[str, Any]

    @property
    def historical(self) -> bool:
        return self.path == "historical"

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever asks what was taken."""
        return {**_row(self), "at": iso(self.at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A batch that was answered with 202 and not taken, and the rule because of which."""

    at: float
    input: str
    rule: str
    body: Any

    def shown(self) -> dict[str, Any]:
        return {**_row(self), "at": iso(self.at)}


class Ingest:
    """One workspace of mParticle's, seen from its inputs.

    batches      what was taken, the latest `REMEMBERED`; `dropped` says how many came before those
    duplicates   batches that had come already
    skipped      batches that the answer to their request passed over
    profiles     what is known of people
    names        names of events and screens, of which a workspace has only so many
    """

    __slots__ = (
        "_inputs",
        "_last",
        "_seen",
        "_settings",
        "_tenant",
        "_window",
        "batches",
        "dropped",
        "duplicates",
        "names",
        "profiles",
        "skipped",
    )

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._settings: Mapping[str, Any] = tenant.settings.partners.get("mparticle", {})
        self._inputs = {one.authorization: one for one in inputs_of(self._settings)}
        self._seen: dict[tuple[str, str, str], float] = {}
        self._window: deque[tuple[float, int]] = deque()
        self._last = 0
        self.batches: list[Taken] = []
        self.dropped = 0
        self.duplicates: list[Left] = []
        self.skipped: list[Left] = []
        self.names: set[str] = set()
        self.profiles = Profiles(tenant.choice, tenant.behaviours)

    @property
    def endpoint(self) -> str:
        """Where the fake stands for mParticle."""
        return str(self._settings.get("endpoint", ENDPOINT))

    def input_of(self, header: str) -> Input:
        """The input whose credentials an Authorization header carries. Raises `KeyError`."""
        kind, _, given = header.strip().partition(" ")
        return self._inputs[f"{kind.capitalize()} {given.strip()}"]

    # --- how many a second --------------------------------------------------------------------------------

    @property
    def rate(self) -> float:
        """Batches a second; 0 for no limit."""
        return float(self._settings.get("batches_per_second", 0))

    @property
    def exceeded(self) -> str:
        """The name of the limit that is told once it is exceeded."""
        return str(self._settings.get("rate_limit", "account"))

    @property
    def tells_when(self) -> bool:
        """Whether an answer says when to come back."""
        return bool(self._settings.get("retry_after", True))

    def count(self, batches: int) -> None:
        """So many batches came just now."""
        if self.rate:
            self._window.append((self._tenant.clock.now(), batches))

    def used(self) -> int:
        """How much of the limit is used, in percent, 0 to 100."""
        return min(100, round(100 * self._within() / self.rate)) if self.rate else 0

    def wait(self) -> float:
        """Seconds until the next batch is taken; 0 for none. A request that begins within the limit is taken whole."""
        left = self._within()
        if not self.rate or left < self.rate:
            return 0.0
        for at, batches in self._window:
            left -= batches
            if left < self.rate:
                return at + 1.0 - self._tenant.clock.now()
        return 0.0

    def _within(self) -> int:
        """How many batches came within the last second."""
        begun = self._tenant.clock.now() - 1.0
        while self._window and self._window[0][0] <= begun:
            self._window.popleft()
        return sum(batches for _, batches in self._window)

    # --- what comes in ------------------------------------------------------------------------------------

    def take(self, body: dict[str, Any], source: Input, path: Path) -> None:
        """Take a batch that is right, unless it came already."""
        tenant, now = self._tenant, self._tenant.clock.now()
        known = self._known(body, source)
        if known:
            self.duplicates = [*self.duplicates[1 - REMEMBERED :], self._left(known, body, source)]
            return
        for key in self._ids(body, source):
            self._remember(key)
        if body.get("events"):
            body["events"] = [self._marked(event, source) for event in body["events"] if not self._repeated(event)]
        historical = path == "historical"
        forwarded = not (historical and HISTORICAL in tenant.behaviours)
        self._last += 1
        if len(self.batches) >= REMEMBERED:
            del self.batches[0]
            self.dropped += 1
        taken = Taken(number=self._last, at=now, input=source.name, path=path, forwarded=forwarded, body=body)
        self.batches.append(taken)
        if not (historical and UNWRITTEN in tenant.behaviours and self._unwritten()):
            self.profiles.write(body)

    def skip(self, rule: str, body: Any, source: Input) -> None:
        """Pass over a batch because of a rule."""
        self.skipped = [*self.skipped[1 - REMEMBERED :], self._left(rule, body, source)]

    def shown(self) -> dict[str, Any]:
        """As JSON, for whoever asks what came in."""
        return {
            "dropped": self.dropped,
            "batches": [one.shown() for one in self.batches],
            "duplicates": [one.shown() for one in self.duplicates],
            "skipped": [one.shown() for one in self.skipped],
        }

    def export(self) -> dict[str, Any]:
        """Everything, as JSON that `restore` takes; what came within the last second is not counted afterwards."""
        return {
            "batches": [_row(one) for one in self.batches],
            "duplicates": [_row(one) for one in self.duplicates],
            "skipped": [_row(one) for one in self.skipped],
            "profiles": self.profiles.export(),
            "names": sorted(self.names),
            "seen": [[*key, at] for key, at in self._seen.items()],
        }

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave; `kept` has the shape that the admin contract describes."""
        self.batches = [Taken(**entry) for entry in kept["batches"]]
        self._last = max((one.number for one in self.batches), default=0)
        self.dropped = 0
        self.duplicates = [Left(**entry) for entry in kept["duplicates"]]
        self.skipped = [Left(**entry) for entry in kept["skipped"]]
        self.profiles.restore(kept["profiles"])
        self.names = set(kept["names"])
        self._seen = {(kind, scope, value): at for kind, scope, value, at in kept["seen"]}
        self._window.clear()

    def _left(self, rule: str, body: Any, source: Input) -> Left:
        return Left(at=self._tenant.clock.now(), input=source.name, rule=rule, body=body)

    def _known(self, body: Mapping[str, Any], source: Input) -> str:
        """The rule because of which a batch is known already; empty where it is new."""
        for key in self._ids(body, source):
            rule = IDS[key[0]]
            if rule in self._tenant.behaviours and self._still(key):
                return rule
        return ""

    def _still(self, key: tuple[str, str, str]) -> bool:
        """Whether an id was seen, and is remembered still."""
        if key not in self._seen:
            return False
        if MEMORY not in self._tenant.behaviours:
            return True
        return self._tenant.clock.now() - self._seen[key] < float(self._tenant.choice("mparticle-request-memory")) * DAY

    def _ids(self, body: Mapping[str, Any], source: Input) -> Iterator[tuple[str, str, str]]:
        for part in IDS:
            given = body.get(part)
            if given not in {None, ""}:
                yield part, self._scope(part, source), str(given)

    def _scope(self, part: str, source: Input) -> str:
        """Within what an id is one of a kind: the input, by its key, or the workspace."""
        if part == "batch_id" and BATCH_SCOPE in self._tenant.behaviours:
            return source.name if self._tenant.choice("mparticle-batch-id-scope") == "input" else ""
        return source.name

    def _remember(self, key: tuple[str, str, str]) -> None:
        self._seen.pop(key, None)
        while len(self._seen) >= 10 * REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = self._tenant.clock.now()

    def _repeated(self, event: Mapping[str, Any]) -> bool:
        """Whether an event came in another batch already, and is left out because of that."""
        id_ = (event.get("data") or {}).get("source_message_id")
        if not id_:
            return False
        key = ("source_message_id", "", str(id_))
        known = key in self._seen and REPEATED in self._tenant.behaviours
        left = known and self._tenant.choice("mparticle-repeated-events") == "dropped"
        self._remember(key)
        return left

    def _marked(self, event: dict[str, Any], source: Input) -> dict[str, Any]:
        """The event as outputs see it: what a feed brought says so."""
        if source.kind != "feed" or SOURCE_FEED not in self._tenant.behaviours:
            return event
        told = event.get("data") or {}
        attribute: str = table(SOURCE_FEED)["attribute"]
        attributes = {**(told.get("custom_attributes") or {}), attribute: source.name}
        return {**event, "data": {**told, "custom_attributes": attributes}}

    def _unwritten(self) -> bool:
        return self._tenant.choice("mparticle-historical-profile") == "unwritten"


BEHAVIOURS = frozenset(
    {
        REQUEST_ID,
        BATCH_ID,
        MEMORY,
        BATCH_SCOPE,
        REPEATED,
        HISTORICAL,
        UNWRITTEN,
        SOURCE_FEED,
        "mparticle.profile-attributes",
        "mparticle.profile-deletions",
        "mparticle.profile-identities",
        "mparticle.rate-used",
        "mparticle.set-and-deleted",
        "mparticle.without-mpid",
    }
)
"""The rules that are kept by how batches are taken, not by checks of the gate."""


def _row(one: Taken | Left) -> dict[str, Any]:
    """The fields by their names; the bodies, which may be large, are not copied."""
    return {field.name: getattr(one, field.name) for field in fields(one)}


def inputs_of(mparticle: Mapping[str, Any]) -> Iterator[Input]:
    """The inputs of the table `[mparticle]`, its own pair of credentials first."""
    for number, entry in enumerate((mparticle, *mparticle.get("inputs", ()))):
        if "key" in entry and "secret" in entry:
            name = entry.get("name", f"input-{number}" if number else "default")
            yield Input(name, entry.get("kind", "platform"), basic(entry["key"], entry["secret"]))


def wrong_inputs(mparticle: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the inputs of a tenant file: two that cannot be told apart."""
    for part in ("name", "key"):
        given = [entry[part] for entry in (mparticle, *mparticle.get("inputs", ())) if part in entry]
        if len(set(given)) < len(given):
            yield f"mparticle.inputs has a {part} twice; give each input one of its own"
