"""Whose traffic a recording holds: each account of it gets a tenant of the fake, and that tenant's credentials.

A recording was made under credentials that are not the fake's, or that are masked. What opened the door then opens
it now. What was turned away then is turned away now, unless it had opened the door before.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote

import orjson

from contracts import Request, Response
from contracts.conformance import PLACEHOLDER, Call
from mock_sessionm import SURFACE_OF, TenantSettings
from scenarios.answers import ACCEPTED, accepted
from scenarios.recordings.recorded import Recorded

from .equivalence import Ignored, Sides
from .handed_out import HandedOut

FAMILY = {"pos": "connect", "customerio-v2": "customerio"}
"""APIs that share their credentials with another."""
KEPT_BACK = frozenset(
    {
        *("authorization", "proxy-authorization", "cookie", "host", "connection", "keep-alive", "transfer-encoding"),
        *("content-length", "content-encoding", "accept-encoding", "te", "upgrade"),
    }
)
"""Headers that are of the journey or of the account, and not of the request."""
HOSTED = {"braze": "endpoint", "customerio": "region"}
"""API -> the key of its table without which its host says nothing."""
TURNED_AWAY = frozenset({401, 403})
MASK = frozenset("*xX•")
WRONG = "nobody-has-this"
WRONG_KEY = "invalid_api_key"
"""What SessionM Core says where it is the key in the path that is wrong."""
DENIED = "access_denied"
"""What SessionM Connect says where it is the retailer that is wrong."""
JSON = "application/json"


@dataclass(slots=True, eq=False)
class Account:
    """One account of the recording.

    settings   the tenant that stands for it
    names      kind of a name -> the name by which the recording knows it
    sides      which id is which, and whose clock says what
    good       digests of the Authorization headers that opened a door
    gone       who was said not to be there, and was not made since
    made       ids of those whom the recording made, where it is played elsewhere
    doors      API -> the Authorization headers that open it at the tenant
    """

    number: int
    settings: TenantSettings
    sides: Sides
    names: dict[str, str] = field(default_factory=dict)
    good: set[bytes] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    doors: Mapping[str, Sequence[str]] = field(init=False)

    def __post_init__(self) -> None:
        doors: dict[str, list[str]] = {}
        for surface, header in self.settings.doors():
            doors.setdefault(surface, []).append(header)
        self.doors = doors

    @property
    def ids(self) -> HandedOut:
        return self.sides.ids


class Unplayable(Exception):
    """A request cannot be sent again; the text is one short sentence that says why."""


@dataclass(slots=True)
class Accounts:
    """The accounts of a recording, in the order in which they are met.

    `make` gives the settings of the tenant for the account of a number, and lets that tenant be.
    """

    make: Callable[[int], TenantSettings]
    set_up: bool
    ignored: Ignored
    times: bool = True
    people: bool = False
    every: list[Account] = field(default_factory=list)
    _by_name: dict[tuple[str, str], Account] = field(default_factory=dict)

    def of(self, one: Recorded, call: Call) -> Account:
        """The account of an interaction; whoever was turned away is nobody's, and goes to the nearest."""
        surface = SURFACE_OF[call.operation.name]
        family = FAMILY.get(surface.name, surface.name)
        names = dict(_names(one, call, family))
        known = next((self._by_name[name] for name in names.items() if name in self._by_name), None)
        answer = one.interaction.response
        if answer is not None and (answer.status in TURNED_AWAY or _code(answer) == DENIED):
            return known or (self.every[0] if self.every else self._new())
        found = known or self._near(one, names, family) or self._new()
        for kind, name in names.items():
            if kind not in found.names:
                found.names[kind] = name
                self._by_name[kind, name] = found
        if family == "connect" and (retailer := _retailer(one.interaction.request)):
            found.ids.bind(retailer, found.settings.partners["connect"]["retailer_id"])
        return found

    def _near(self, one: Recorded, names: Mapping[str, str], family: str) -> Account | None:
        """An account that the recording has not named so yet: the one whose customer is meant, or the first."""
        free = [account for account in self.every if not names.keys() & account.names.keys()]
        customer = _customer(one.interaction.request) if family == "connect" else ""
        return next((account for account in free if customer and account.ids.own(customer) != customer), None) or next(
            iter(free), None
        )

    def _new(self) -> Account:
        number = len(self.every)
        settings = self.make(number)
        sides = Sides(HandedOut(), self.set_up, self.ignored, times=self.times, people=self.people)
        made = Account(number, settings, sides)
        self.every.append(made)
        return made


def request_of(one: Recorded, call: Call, account: Account, *, set_up: bool) -> Request:
    """A recorded request as it goes to the account's tenant. Raises `Unplayable`."""
    recorded = one.interaction.request
    surface = SURFACE_OF[call.operation.name]
    own = account.ids.request(recorded)
    target = own.target
    turned_away = _turned_away(one, account)
    if "api_key" in call.arguments:
        key = WRONG if turned_away and _code(one.interaction.response) == WRONG_KEY else account.settings.api_key
        target = with_key(target, key)
    headers = {name: value for name, value in own.headers.items() if name not in KEPT_BACK}
    if own.body and "content-type" not in headers:
        headers["content-type"] = JSON
    hosted = HOSTED.get(surface.vendor)
    if set_up and hosted and hosted in account.settings.partners.get(surface.vendor, {}) and one.origin:
        headers["host"] = one.origin.partition("://")[2]
    authorization = recorded.headers.get("authorization", "")
    door = _door(account.doors.get(surface.name, ()), authorization)
    if turned_away:
        door = _shut(one, surface.scheme, surface.name, authorization, door, account.settings)
    if door:
        headers["authorization"] = door
    return Request(own.method, target, headers, own.body)


def went_well(operation: str, answer: Response) -> bool:
    """Whether an answer says that the request was done."""
    surface = SURFACE_OF[operation]
    if answer.status >= 300:
        return False
    if surface.name == "mparticle":
        return answer.status == ACCEPTED["mparticle"]
    try:
        body = answer.json()
    except ValueError:
        return False
    return isinstance(body, dict) and accepted(surface.name, body)


def with_key(target: str, key: str) -> str:
    """A path of SessionM Core with another API key in it."""
    parts = target.split("/")
    # /priv/v1/apps/<key>/...: whatever follows a key without a slash is the query.
    parts[4] = key + parts[4][len(parts[4].partition("?")[0]) :]
    return "/".join(parts)


def digest(text: str) -> bytes:
    """What is kept of a credential, so as to know it again."""
    return blake2b(text.encode(), digest_size=16).digest()


def masked(text: str) -> bool:
    """Whether a credential is none, or was hidden by whoever recorded."""
    plain = unquote(text).strip()
    return not plain or bool(PLACEHOLDER.fullmatch(plain)) or set(plain) <= MASK or "redacted" in plain.lower()


def _turned_away(one: Recorded, account: Account) -> bool:
    """Whether the recorded credentials were wrong: the answer says so, and they never opened a door."""
    answer = one.interaction.response
    if answer is None or answer.status not in TURNED_AWAY:
        return False
    header = one.interaction.request.headers.get("authorization", "")
    return _opened(one) not in account.good or masked(header.partition(" ")[2])


def remember(one: Recorded, account: Account) -> None:
    """These credentials opened this door."""
    if "authorization" in one.interaction.request.headers:
        account.good.add(_opened(one))


def _opened(one: Recorded) -> bytes:
    """Which door a request tried with which credentials, as a digest: host, key in the path, and header."""
    request = one.interaction.request
    host = request.headers.get("host", one.origin.partition("://")[2])
    key = request.path.split("/")[4] if request.path.startswith("/priv/") else ""
    return digest(f"{host} {key} {request.headers.get('authorization', '')}")


def _door(doors: Sequence[str], recorded: str) -> str:
    """The header that opens an API of a tenant: the recorded one where it does, else the first that does."""
    return recorded if recorded in doors else next(iter(doors), "")


def _shut(one: Recorded, scheme: str, surface: str, recorded: str, door: str, settings: TenantSettings) -> str:
    """A header that is turned away as the recorded one was; empty for none. Raises `Unplayable`."""
    answer = one.interaction.response
    status = answer.status if answer else 0
    if answer is not None and _code(answer) == WRONG_KEY:
        return door
    if surface == "braze" and status == 403:
        lesser = _lesser(settings, one.interaction.request.path)
        if lesser is None:
            raise Unplayable("its key lacked a permission, and the tenant has no key that does")
        return f"Bearer {lesser}"
    if not recorded or (surface == "mparticle" and status == 401):
        return "" if surface != "mparticle" or status == 401 else "Basic d3Jvbmc6d3Jvbmc="
    return f"{scheme} {'d3Jvbmc6d3Jvbmc=' if scheme == 'Basic' else WRONG}"


def _lesser(settings: TenantSettings, path: str) -> str | None:
    """A key of the workspace that may do something, but not this."""
    braze = settings.partners.get("braze", {})
    wanted = {"trigger_send", "canvas.trigger.send" if "canvas" in path else "campaigns.trigger.send"}
    for entry in (braze, *braze.get("keys", ())):
        if "permissions" in entry and not wanted & set(entry["permissions"]):
            return str(entry["api_key"])
    return None


def _names(one: Recorded, call: Call, family: str) -> Iterator[tuple[str, str]]:
    """What a request names its account by, each with its kind; the host where the recording hides everything."""
    request = one.interaction.request
    if one.interaction.tenant:
        yield "tenant", one.interaction.tenant
        return
    named = False
    if "api_key" in call.arguments and not masked(call.arguments["api_key"]):
        named = True
        yield "key", unquote(call.arguments["api_key"])
    if family == "connect" and (retailer := _retailer(request)):
        named = True
        yield "retailer", retailer.lower()
    scheme, _, given = request.headers.get("authorization", "").strip().partition(" ")
    if not masked(given):
        named = True
        yield f"{family} pair", _user(given) if scheme.lower() == "basic" else digest(given).hex()
    if not named:
        yield f"{family} host", one.origin


def _user(pair: str) -> str:
    try:
        user = b64decode(pair.strip(), validate=True).decode("utf-8", "replace").partition(":")[0]
    except ValueError:
        user = pair
    return digest(user).hex()


def _retailer(request: Request) -> str:
    return _text(request, "retailer_id")


def _customer(request: Request) -> str:
    return _text(request, "user_id")


def _text(request: Request, name: str) -> str:
    body = json_of(request.body)
    found = body.get(name) if isinstance(body, dict) else None
    return found if isinstance(found, str) else ""


def json_of(body: bytes) -> Any:
    """A body as JSON; None where it is none."""
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return None


def _code(answer: Response | None) -> str:
    body = json_of(answer.body) if answer else None
    errors = body.get("errors") if isinstance(body, Mapping) else None
    return str(errors.get("code", "")) if isinstance(errors, Mapping) else ""


def complaint_code(answer: Response) -> str:
    """The code of a refusal of SessionM's; empty where there is none."""
    return _code(answer)
