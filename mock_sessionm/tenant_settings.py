"""What is set up in one tenant: the tenant file as a frozen value, and the credentials that it brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from contracts import validate
from contracts.settings import SettingsError, parse, read

from .campaigns.definition import campaigns_of, variants_of
from .catalogue import wrong_offers
from .credentials import basic
from .partners.braze.workspace import complaints
from .partners.customerio.profiles import complaints as wrong_people
from .partners.mparticle.input import inputs_of, wrong_inputs
from .points import wrong_tables
from .tiers import wrong_tiers

API_KEY = "local-key"
API_SECRET = "local-secret"  # noqa: S105  the fake's own, which `serve` prints
SCHEMA = "tenant.schema.yaml"
PARTNERS = {
    "connect": ("key", "secret", "retailer_id"),
    "braze": ("api_key",),
    "customerio": ("site_id", "api_key"),
    "mparticle": ("key", "secret"),
}
"""The neighbours of SessionM Core, and what a tenant's credentials for each are made of."""
LOCAL: Mapping[str, Mapping[str, str]] = {
    "connect": {
        "key": "local-connect-key",
        "secret": "local-connect-secret",
        "retailer_id": "00000000-0000-4000-8000-000000000001",
    },
    "braze": {"api_key": "local-braze-key"},
    "customerio": {"site_id": "local-site", "api_key": "local-customerio-key"},
    "mparticle": {"key": "local-mparticle-key", "secret": "local-mparticle-secret"},
}
"""The credentials of the first tenant of a fake, where its file gives none."""
FLAT = ("core", "profile_attributes", "events", "users", "assumptions", *PARTNERS)
"""The tables of a tenant file that have a field of their own in `TenantSettings`."""


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """What a tenant file sets up, with defaults for what it leaves out.

    `attributes` and `events` are the defined names, case-sensitive. `users` are entries of `[[users]]`.
    `assumptions` are choices that hold in this tenant whatever the app's are. `partners` are the tables of the
    neighbours, credentials included; `tables` is every other table as the file has it, for whoever reads it.
    """

    api_key: str = API_KEY
    api_secret: str = API_SECRET
    attributes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    users: tuple[Mapping[str, Any], ...] = ()
    assumptions: Mapping[str, str] = field(default_factory=dict)
    partners: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any], name: str = "tenant") -> TenantSettings:
        """Settings from what `contracts.settings` read; `name` stands for the file in messages.

        Raises `SettingsError` where `[[users]]` holds somebody who could not be created.
        """
        core = document.get("core", {})
        users = tuple(document.get("users", ()))
        for index, entry in enumerate(users):
            wrong = validate("sessionm", "createUser", {"user": entry["user"]})
            if wrong:
                raise SettingsError(f"{name}: users.{index}{wrong[0].message.replace('/', '.')}")
        campaigns_of(document, name)
        variants_of(document, name)
        tables = (*wrong_tables(document), *wrong_tiers(document), *wrong_offers(document))
        partners = (
            *complaints(document.get("braze", {})),
            *wrong_people(document.get("customerio", {})),
            *wrong_inputs(document.get("mparticle", {})),
        )
        for complaint in (*tables, *partners):
            raise SettingsError(f"{name}: {complaint}")
        return cls(
            api_key=core.get("api_key", API_KEY),
            api_secret=core.get("api_secret", API_SECRET),
            attributes=tuple(document.get("profile_attributes", {}).get("names", ())),
            events=tuple(document.get("events", {}).get("defined", ())),
            users=users,
            assumptions=dict(document.get("assumptions", {})),
            partners={partner: document[partner] for partner in PARTNERS if partner in document},
            tables={name: table for name, table in document.items() if name not in FLAT},
        )

    def document(self) -> dict[str, Any]:
        """The JSON form of a tenant file, credentials included."""
        return {
            "core": {"api_key": self.api_key, "api_secret": self.api_secret},
            **{partner: dict(entry) for partner, entry in self.partners.items()},
            "profile_attributes": {"names": list(self.attributes)},
            "events": {"defined": list(self.events)},
            "users": [dict(entry) for entry in self.users],
            "assumptions": dict(self.assumptions),
            **self.tables,
        }

    def doors(self) -> tuple[tuple[str, str], ...]:
        """Every pair of an API and an Authorization header that opens it."""
        connect, braze, customerio = (self.partners.get(name, {}) for name in ("connect", "braze", "customerio"))
        made = [("core", basic(self.api_key, self.api_secret))]
        if "key" in connect and "secret" in connect:
            pair = basic(connect["key"], connect["secret"])
            made += [("connect", pair), ("pos", pair)]
        if "site_id" in customerio and "api_key" in customerio:
            pair = basic(customerio["site_id"], customerio["api_key"])
            made += [("customerio", pair), ("customerio-v2", pair)]
        made += [("mparticle", one.authorization) for one in inputs_of(self.partners.get("mparticle", {}))]
        keys = [braze, *braze.get("keys", ())]
        return (*made, *(("braze", f"Bearer {one['api_key']}") for one in keys if "api_key" in one))


def load_tenant(path: Path | str) -> TenantSettings:
    """A tenant file. Raises `contracts.settings.SettingsError`, one line with file, line and key."""
    return TenantSettings.of(read(Path(path), SCHEMA), str(path))


@cache
def default_tenant() -> TenantSettings:
    """The embedded tenant, with which every command works when no file is given."""
    text = (resources.files("mock_sessionm") / "tenant.toml").read_text(encoding="utf-8")
    return TenantSettings.of(parse(text, SCHEMA, "tenant.toml"))
