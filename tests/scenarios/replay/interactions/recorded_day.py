"""Traffic that was never recorded: the fake is driven through a day of a few people, under credentials of its own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from contracts import Interaction, Request, Response
from contracts.transport import WsgiTransport
from mock_sessionm import Clock, TenantSettings, create_app, world
from scenarios.recordings.recorded import Recorded

HOST = "https://api.example.com"
NOON = 1_780_000_000.0
OFFER = "1a2b3324-1da6-4e49-b921-afc386dabb60"
POINTS = "10000000-0000-4000-8000-000000000001"
RETAILER = "99999999-0000-4000-8000-000000000001"
DOCUMENT: dict[str, Any] = {
    "core": {"api_key": "their-key", "api_secret": "their-secret"},
    "connect": {"key": "their-connect", "secret": "their-connect-secret", "retailer_id": RETAILER},
    "braze": {"api_key": "their-braze", "campaigns": [{"id": "welcome"}]},
    "customerio": {"site_id": "their-site", "api_key": "their-cio"},
    "mparticle": {"key": "their-input", "secret": "their-input-secret"},
    "profile_attributes": {"names": ["FavoriteStore", "ShoeSize"]},
    "events": {"defined": ["purchase", "visit"]},
    "offers": [{"id": OFFER, "name": "coffee", "expires_after": "30d"}],
    "point_accounts": [{"id": POINTS, "name": "Points"}],
}
"""The tenant in which it happened."""
OWN: dict[str, dict[str, str]] = {
    "core": {"api_key": "our-key", "api_secret": "our-secret"},
    "connect": {"key": "our-c", "secret": "our-s", "retailer_id": "11111111-0000-4000-8000-00000000000a"},
    "braze": {"api_key": "our-braze"},
    "customerio": {"site_id": "our-site", "api_key": "our-cio"},
    "mparticle": {"key": "our-input", "secret": "our-input-secret"},
}
JSON = {"content-type": "application/json"}


def tenant(**tables: Any) -> TenantSettings:
    return TenantSettings.of({**DOCUMENT, **tables})


def ours(**tables: Any) -> TenantSettings:
    """The same tenant under our own credentials."""
    return tenant(**{name: {**DOCUMENT[name], **pair} for name, pair in OWN.items()}, **tables)


def pair(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Traffic:
    """What is sent is recorded as it went over the wire, with the time at which it was sent."""

    settings: TenantSettings = field(default_factory=tenant)
    seed: int = 5
    mode: Any = "note"
    step: float = 0.5
    entries: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(self.settings, clock=Clock(NOON, frozen=True), seed=self.seed, on_violation=self.mode)
        self.clock = next(iter(world(self.app).tenants.values())).clock
        self.way = WsgiTransport(self.app)

    def send(self, method: str, target: str, body: Any = None, auth: str = "", host: str = HOST) -> Any:
        raw = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        headers = {**(JSON if raw else {}), **({"authorization": auth} if auth else {})}
        request, at = Request(method, target, headers, raw), self.clock.now()
        answer = self.way.send(request)
        number = len(self.entries) + 1
        self.entries.append(
            Recorded(f"day.har entry {number}", Interaction(number, at, "", "", "", request, answer), host)
        )
        self.clock.advance(self.step)
        return orjson.loads(answer.body) if answer.body[:1] in {b"{", b"["} else None

    def core(self, method: str, path: str, body: Any = None) -> Any:
        auth = pair(self.settings.api_key, self.settings.api_secret)
        return self.send(method, f"/priv/v1/apps/{self.settings.api_key}{path}", body, auth)

    def connect(self, path: str, user: str, **body: Any) -> Any:
        own = self.settings.partners["connect"]
        return self.send(
            "POST", path, {"retailer_id": own["retailer_id"], "user_id": user, **body}, pair(own["key"], own["secret"])
        )

    def customerio(self, method: str, path: str, body: Any = None) -> Any:
        own = self.settings.partners["customerio"]
        return self.send(method, path, body, pair(own["site_id"], own["api_key"]), "https://track.customer.io")

    def braze(self, body: Any) -> Any:
        auth = f"Bearer {self.settings.partners['braze']['api_key']}"
        return self.send("POST", "/campaigns/trigger/send", body, auth, "https://rest.iad-01.braze.com")

    def mparticle(self, body: Any) -> Any:
        own = self.settings.partners["mparticle"]
        return self.send("POST", "/v2/events", body, pair(own["key"], own["secret"]), "https://s2s.mparticle.com")


def day(people: int = 6, **more: Any) -> Traffic:
    """A day: everybody signs up, does something at every vendor, and is looked at."""
    made = Traffic(**more)
    for number in range(people):
        person(made, f"7{number:09d}")
    return made


def person(made: Traffic, name: str) -> str:
    """One person from sign-up to the evening; SessionM's id of them."""
    user = {"email": f"p{name}@example.com", "first_name": f"First {name}", "user_profile": {"FavoriteStore": "Main"}}
    made.core("PUT", f"/external/users/{name}", {"user": user})
    id_: str = made.core("POST", "/users", {"user": {"external_id": name, **user}})["user"]["id"]
    made.core("POST", f"/external/users/{name}/events", {"events": {"visit": {"qty": 1, "context": {"where": "door"}}}})
    made.core("POST", f"/users/{id_}/tags", {"tags": ["gold"]})
    made.core("POST", f"/users/{id_}/tags", {"tags": ["summer"], "ttl": 86400})
    made.core("PUT", f"/external/users/{name}", {"user": {"first_name": "Renamed", "user_profile": {"ShoeSize": "41"}}})
    made.core("GET", f"/users/{id_}?user[user_profile]=true")
    made.connect(
        "/incentives/api/2.0/user_points/deposit",
        id_,
        deposit_details=[{"amount": 100, "point_account_id": POINTS, "idempotency_id": f"d-{name}"}],
    )
    made.connect("/incentives/api/1.0/user_points/all_balances", id_)
    issued = made.connect("/offers/api/2.0/offers/acquisition/issue", id_, offer_id=OFFER)
    held = issued["payload"]["status_list"][0]["user_offer_id"]
    made.connect("/offers/api/2.0/offers/get_user_offers", id_)
    made.connect("/offers/api/2.0/offers/redemption/manual_redeem", id_, user_offer_id=held)
    made.connect("/offers/api/2.0/offers/get_user_offers", id_)
    made.connect("/incentives/api/2.0/user_points/fetch_point_audit_logs", id_)
    made.customerio("PUT", f"/api/v1/customers/{name}", {"email": f"p{name}@example.com", "plan": "gold"})
    made.customerio("POST", f"/api/v1/customers/{name}/events", {"name": "visit", "data": {"where": "door"}})
    made.braze({"campaign_id": "welcome", "recipients": [{"external_user_id": name, "trigger_properties": {"a": "b"}}]})
    made.mparticle(
        {
            "environment": "production",
            "mpid": int(name),
            "user_identities": {"customer_id": name},
            "events": [{"event_type": "custom_event", "data": {"event_name": "visit", "custom_event_type": "other"}}],
        }
    )
    made.core("GET", f"/external/users/{name}?user[user_profile]=true&show_identifiers=true")
    made.core("GET", f"/users/{id_}/tags")
    return id_


def find(entries: list[Recorded], method: str, part: str, nth: int = 0) -> int:
    """The index of an entry: the `nth` with a method and a part of a path, from the end where it is below zero."""
    every = [
        index
        for index, one in enumerate(entries)
        if one.interaction.request.method == method and part in one.interaction.request.target
    ]
    return every[nth]


def with_answer(one: Recorded, change: Callable[[Any], None] | None = None, status: int = 0) -> Recorded:
    """The same entry with another answer."""
    answer = one.interaction.response
    assert answer is not None
    body = answer.body
    if change is not None:
        told = orjson.loads(body)
        change(told)
        body = orjson.dumps(told)
    made = Response(status or answer.status, answer.headers, body)
    return replace(one, interaction=replace(one.interaction, response=made))


def with_request(one: Recorded, change: Callable[[Any], None]) -> Recorded:
    """The same entry with another body in its request."""
    body = orjson.loads(one.interaction.request.body)
    change(body)
    request = replace(one.interaction.request, body=orjson.dumps(body))
    return replace(one, interaction=replace(one.interaction, request=request))


def with_target(one: Recorded, target: str) -> Recorded:
    return replace(one, interaction=replace(one.interaction, request=replace(one.interaction.request, target=target)))
