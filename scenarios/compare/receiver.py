"""The fake that one forwarder sends to: the same for both, with one tenant for each pair of credentials."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import orjson

from contracts import Choices, Request, Response
from contracts.transport import Lost, WsgiTransport
from forwarder import DESTINATIONS
from mock_sessionm import Clock, TenantSettings, create_app, world

Pairs = Mapping[str, tuple[str, str]]
"""Name of a pair of credentials -> user name and password."""
DEFAULT = "default"


class Receiver:
    """A fake with a clock that stands still. It lets through what breaks a limit, so that a trial goes on."""

    def __init__(
        self, tenant: TenantSettings, pairs: Pairs, destination: str, *, now: float, seed: int, choices: Choices
    ) -> None:
        self.clock = Clock(now, frozen=True)
        first, *others = accounts(tenant, pairs, destination)
        self.app = create_app(first, clock=self.clock, seed=seed, on_violation="note", choices=choices, journal_limit=1)
        self._transport = WsgiTransport(self.app)
        for settings in others:
            # No two tenants have the same neighbours, so these get fresh ones.
            world(self.app).create(replace(settings, partners={}), clock=self.clock)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Receiver:
        """What `document` described."""
        pairs = {name: (key, secret) for name, (key, secret) in document["pairs"].items()}
        return cls(
            TenantSettings.of(document["tenant"]),
            pairs,
            document["destination"],
            now=document["now"],
            seed=document["seed"],
            choices=Choices(document["choices"]),
        )

    def answer(self, request: Request) -> Response | None:
        """What the fake answers; None where the connection is lost."""
        try:
            return self._transport.send(request)
        except Lost:
            return None


def document(
    tenant: TenantSettings, pairs: Pairs, destination: str, *, now: float, seed: int, choices: Choices
) -> dict[str, Any]:
    """A receiver in JSON, for a process that has to make it."""
    return {
        "tenant": tenant.document(),
        "pairs": {name: list(pair) for name, pair in pairs.items()},
        "destination": destination,
        "now": now,
        "seed": seed,
        "choices": dict(choices),
    }


def accounts(tenant: TenantSettings, pairs: Pairs, destination: str) -> Iterable[TenantSettings]:
    """The tenant that was given, once for each pair of credentials."""
    own = DESTINATIONS[destination].pair
    for name, (key, secret) in pairs.items():
        if own is None:
            yield replace(tenant, api_key=key, api_secret=secret)
        else:
            account = {**tenant.partners.get(destination, {}), **dict(zip(own, (key, secret), strict=True))}
            partners = {**tenant.partners, destination: account}
            yield replace(tenant, api_key=f"{tenant.api_key}-{name}", partners=partners)


@dataclass(frozen=True, slots=True)
class Names:
    """Credentials by their names: what is compared and shown holds none."""

    pairs: Pairs

    def target(self, target: str) -> str:
        """A path with `{api_key}` in place of the key, or `{api_key of ios}`."""
        for name, (key, _) in self.pairs.items():
            found = f"/{quote(key, safe='')}/"
            if found in target:
                return target.replace(found, f"/{_called('api_key', name)}/", 1)
        return target

    def header(self, name: str, text: str) -> str:
        """A header; `Basic {credentials}` for a pair that is known."""
        if name.lower() != "authorization":
            return text
        encoded = text.rsplit(" ", maxsplit=1)[-1]
        try:
            key, _, secret = b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            return text
        for known, pair in self.pairs.items():
            if pair == (key, secret):
                return text.removesuffix(encoded) + _called("credentials", known)
        return text


def _called(what: str, name: str) -> str:
    return f"{{{what}}}" if name == DEFAULT else f"{{{what} of {name}}}"


def trouble(response: Response | None) -> str:
    """The vendor's own word for what is wrong with a request; empty where nothing is."""
    if response is None or b'"error' not in response.body:
        return ""
    try:
        said = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(said, dict) or said.get("status") != "error":
        return ""
    errors = said.get("errors")
    return str(errors.get("code") or "error") if isinstance(errors, dict) else "error"
