"""The Braze integration on one core: a full wallet, the document's message, a segment file of many rows."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import orjson

from contracts import Request
from contracts.transport import InProcessWeb, WsgiTransport
from mock_sessionm import TenantSettings, create_app, world
from mock_sessionm.partners.braze import ConnectedContent, Person, Renderer
from scenarios.segment_file import Defaults, Segment
from scenarios.shop import COFFEE, TENANT, WALLET
from scenarios.tag_import import asking, import_segment

from .figure import Figure, rate

OFFERS = 1_000
ROWS = 50_000
CUSTOMERS = 5_000
PATH = "/offers/api/2.0/offers/get_user_offers"
ADDRESS = "http://fake.example"
MILLISECONDS = 1_000


def figures() -> Iterator[Figure]:
    yield from _wallet()
    yield from _message()
    yield from _segment()


def _wallet() -> Iterator[Figure]:
    offers = [{"offer_id": COFFEE}] * OFFERS
    user = {"user": {"external_id": "ada"}, "offers": offers}
    app = create_app(TenantSettings.of({**TENANT, "users": [user]}))
    tenant = next(iter(world(app).tenants.values()))
    customer = next(iter(tenant.customers))
    transport = WsgiTransport(app)
    body = {"retailer_id": tenant.settings.partners["connect"]["retailer_id"], "user_id": customer.id, "take": OFFERS}
    headers = {"Content-Type": "application/json", "Authorization": dict(tenant.settings.doors())["connect"]}
    request = Request("POST", PATH, headers, orjson.dumps({**body, "skip": 0, "culture": "en-US"}))
    answer = transport.send(request)
    held = orjson.loads(answer.body)["payload"]
    took = MILLISECONDS / rate(lambda: transport.send(request), times=20)
    floor = MILLISECONDS / rate(lambda: orjson.dumps(held), times=50)
    remark = f"{len(held['user_offers']):,} offers, {len(answer.body):,} bytes"
    yield Figure(
        "get_user_offers, a full wallet", took, "ms", 5, below=True, beside=(("floor", took / floor),), remark=remark
    )
    yield Figure("  floor: orjson.dumps of the answer", floor, "ms")


def _message() -> Iterator[Figure]:
    answer = orjson.dumps({"status": "ok", "payload": {"available_points": 100, "user_offers": []}})

    def wallet(_environment: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])  # type: ignore[operator]
        return [answer]

    web = InProcessWeb({ADDRESS: wallet})
    renderer = Renderer(ConnectedContent(web, lambda: 0.0, sleep=lambda _seconds: None))
    source = WALLET + "{{wallet.payload.available_points}} points"
    ada = Person({"user_id": "5f0c6a52-1d2e-11ee-8c90-0242ac120002"})
    bound = {"endpoint_connect": ADDRESS}
    if "100 points" not in renderer.render(source, ada, variables=bound).text:
        yield Figure(
            "render the wallet's message", None, "ms", 2, below=True, remark="the message is not what it should be"
        )
        return
    took = MILLISECONDS / rate(lambda: renderer.render(source, ada, variables=bound), times=500)
    yield Figure(
        "render the wallet's message", took, "ms", 2, below=True, remark="one Connected Content call, in process"
    )


def _segment() -> Iterator[Figure]:
    users = tuple({"user": {"external_id": f"c-{number}"}} for number in range(CUSTOMERS))
    app = create_app(TenantSettings(users=users))
    tenant = next(iter(world(app).tenants.values()))
    ids = [customer.id for customer in tenant.customers]
    chance = random.Random(0)
    rows = "".join(f"{chance.choice(ids)},x@example.com,Ada,NZ,spring,2592000\r\n" for _ in range(ROWS))
    text = "user_id,email,first_name,country,tag,ttl\r\n" + rows
    ask = asking(InProcessWeb({ADDRESS: app}), ADDRESS, tenant.api_key)

    def work() -> None:
        segment = Segment(io.StringIO(text, newline=""), "export", lookup_key="user_id", defaults=Defaults("", None))
        import_segment(segment, ask, lookup_key="user_id", seed=0)

    took = rate(work, times=1, rounds=3) * ROWS
    yield Figure("tags import", took, "rows/s", 20_000, remark=f"{ROWS:,} rows, {CUSTOMERS:,} customers")
