"""SessionM's feed to mParticle: what changes of a customer, as batches keyed by the MPID."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from .limits import table

if TYPE_CHECKING:
    from .customers import Customer
    from .tenant import Tenant

PATH = "/v2/events"
EVENT = "sessionm.feed-tag-event"
PREFIX = "sessionm.feed-attributes"
KEYED = "sessionm.feed-mpid"
NUMBER = re.compile(r"-?[0-9]{1,19}")
INT64 = range(-(2**63), 2**63)


class Feed:
    """The feed of one tenant. It is off unless the tenant file says otherwise."""

    __slots__ = ("_later", "_settings", "_tenant", "_url", "on", "telling")

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._settings: Mapping[str, Any] = tenant.settings.tables.get("feed", {})
        self.on = bool(self._settings.get("enabled", bool(self._settings)))
        endpoint = self._settings.get("endpoint", "")
        self._url = endpoint.rstrip("/") + PATH if endpoint else ""
        self.telling = False
        self._later: list[tuple[str, dict[str, Any]]] = []

    @property
    def waiting(self) -> bool:
        """Whether a batch waits for its turn."""
        return bool(self._later)

    def changed(self, customer: Customer, tags: Collection[str], attributes: Collection[str]) -> None:
        """Tags or profile attributes were written, by whatever way."""
        if self.on:
            self.tell(customer, tags=tags, attributes=attributes)

    def tell(self, customer: Customer, *, tags: Collection[str] = (), attributes: Collection[str] = ()) -> bool:
        """Send one batch; False where there is nobody to speak of or nothing to say.

        A batch that arises while another is on its way, because whoever got that one wrote to this tenant, waits
        until the next request: no request answers itself for ever.
        """
        if not self.on:
            return False
        body = self._batch(customer, tags, attributes)
        if body is None:
            return False
        if self.telling:
            self._later.append((customer.id, body))
        else:
            self._send(customer.id, body)
        return True

    def flush(self) -> None:
        """Send what waited for its turn; what arises from that waits for the next."""
        waiting, self._later = self._later, []
        for customer_id, body in waiting:
            self._send(customer_id, body)

    def export(self) -> list[Any]:
        """What waits for its turn, as JSON that `restore` takes."""
        return [{"customer_id": customer_id, "body": body} for customer_id, body in self._later]

    def restore(self, kept: list[Any]) -> None:
        self._later = [(entry["customer_id"], entry["body"]) for entry in kept]

    def _send(self, customer_id: str, body: Mapping[str, Any]) -> None:
        pair = f"{self._settings.get('key', '')}:{self._settings.get('secret', '')}".encode()
        before, self.telling = self.telling, True
        try:
            authorization = "Basic " + b64encode(pair).decode("ascii")
            self._tenant.outgoing.send("mparticle", self._url, body, authorization, customer_id=customer_id)
        finally:
            self.telling = before

    def _batch(self, customer: Customer, tags: Collection[str], attributes: Collection[str]) -> dict[str, Any] | None:
        """What mParticle's Events API takes: events of type Other, user attributes with SessionM's prefix."""
        mpid = self._mpid(customer)
        behaviours = self._tenant.behaviours
        if mpid is None or KEYED not in behaviours:
            return None
        made: dict[str, Any] = {"environment": self._settings.get("environment", "development"), "mpid": mpid}
        now = int(self._tenant.clock.now() * 1000)
        named = list(dict.fromkeys(tags)) if EVENT in behaviours else []
        if named:
            told = table(EVENT)
            made["events"] = [
                {
                    "event_type": "custom_event",
                    "data": {
                        "event_name": told["event_name"],
                        "custom_event_type": told["custom_event_type"],
                        "custom_attributes": {told["attribute"]: tag},
                        "timestamp_unixtime_ms": now,
                    },
                }
                for tag in named
            ]
        if self._tenant.choice("feed-attributes") == "all":
            attributes = list(customer.attributes)
        shown = {name: customer.attributes[name] for name in attributes if name in customer.attributes}
        if shown:
            prefix = table(PREFIX)["prefix"] if PREFIX in behaviours else ""
            made["user_attributes"] = {f"{prefix}{name}": value for name, value in shown.items()}
        return made if named or shown else None

    def _mpid(self, customer: Customer) -> int | None:
        """The MPID that was updated last; None where the customer has none."""
        marked: str = table("sessionm.mpid-field")["external_id_type"]
        for external_id, kind in reversed(customer.identifiers.items()):
            if kind == marked and NUMBER.fullmatch(external_id) and int(external_id) in INT64:
                return int(external_id)
        return None
