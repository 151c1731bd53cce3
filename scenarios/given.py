"""What the user gave: a tenant file, a connection file, choices; and what is taken where nothing was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from contracts import Choices
from contracts.settings import SettingsError, read
from forwarder import DESTINATIONS, Connection, default_settings
from mock_sessionm import Clock, TenantSettings, create_app, default_tenant, load_tenant

from .data_plan import DataPlan
from .population import ATTRIBUTE_NAMES, EVENT_NAMES, SCREEN_NAMES, Names
from .settings_lint import lint, lint_tenant
from .verdict import ScenarioResult
from .world import Embedded


@dataclass(frozen=True, slots=True)
class Given:
    """The two sides of the road as they are set up, in agreement with one another.

    `settings` is the raw form of the connection, `connection` the usable one; `tenant_given` and
    `connection_given` say whether they came from the user, `files` out of which file, by side.
    """

    tenant: TenantSettings
    settings: Mapping[str, Any]
    connection: Connection
    choices: Choices
    tenant_given: bool = False
    connection_given: bool = False
    raw_tenant: Mapping[str, Any] = field(default_factory=dict)
    data_plan: DataPlan | None = None
    files: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(
        cls,
        tenant_file: Path | None,
        connection_file: Path | None,
        assume: Mapping[str, str],
        data_plan: Path | None = None,
        destination: str = "sessionm",
    ) -> Given:
        """Read what was given; `destination` is where the connection leads.

        Raises `SettingsError`, also where both files name credentials that differ.
        """
        raw_tenant = read(tenant_file, "tenant.schema.yaml") if tenant_file else {}
        tenant = load_tenant(tenant_file) if tenant_file else default_tenant()
        chosen = {**tenant.assumptions, **assume}
        connection = (
            Connection.load(connection_file, chosen, destination)
            if connection_file
            else Connection.default(chosen, destination)
        )
        if tenant_file and connection_file:
            _agree(tenant_file, tenant, connection_file, connection)
        elif connection_file:
            tenant = _with_credentials(tenant, connection)
        return cls(
            tenant=tenant,
            settings=connection.settings,
            connection=connection,
            choices=connection.choices,
            tenant_given=tenant_file is not None,
            connection_given=connection_file is not None,
            raw_tenant=raw_tenant,
            data_plan=DataPlan.load(data_plan) if data_plan else None,
            files={"tenant": str(tenant_file or ""), "connection": str(connection_file or "")},
        )

    def embedded(self, *, seed: int, on_violation: Any) -> Embedded:
        """The world for a run in this process."""
        app = create_app(
            TenantSettings(), clock=Clock(0, frozen=True), seed=seed, on_violation=on_violation, choices=self.choices
        )
        return Embedded(app=app, **self.place_settings(seed))

    def place_settings(self, seed: int) -> dict[str, Any]:
        """How any `Place` is set up for a run."""
        return {
            "connection": self.settings if self.connection_given else None,
            "tenant": self.tenant if self.tenant_given else None,
            "choices": self.choices,
            "seed": seed,
            "rewrite": self.connection.rule,
        }

    def settings_for(self, destination: str) -> Mapping[str, Any]:
        """The raw connection to a destination: the user's, else the embedded one."""
        return self.settings if self.connection_given else default_settings(destination)

    def names(self) -> Names:
        """The names for invented people: the tenant's own where it declares any."""
        mappings = self.connection.event_mappings
        sources = {target: source for source, target in mappings.items()}
        events = [sources.get(name, name) for name in self.tenant.events] if self.tenant_given else []
        attributes = self.tenant.attributes if self.tenant_given else ()
        return Names(
            events=events or EVENT_NAMES,
            screens=events or SCREEN_NAMES,
            attributes=(*attributes, *ATTRIBUTE_NAMES) if attributes else ATTRIBUTE_NAMES,
        )

    def lint(self) -> list[ScenarioResult]:
        """The files that were given, held against the customer's rules; nothing where none was given."""
        if not self.connection_given and not self.tenant_given:
            return []
        given = self.connection_given
        of_tenant = lint_tenant(self.raw_tenant)
        found = lint(self.settings, self.raw_tenant, live=False) if given else of_tenant
        placed = (
            replace(one, file=self.files.get("tenant" if one in of_tenant else "connection", "")) for one in found
        )
        return [ScenarioResult("settings/given", "the settings that were given", "settings", tuple(placed))]


def _accounts(settings: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """The credentials that a connection's tables have for destinations whose platforms have none of their own."""
    for name, destination in DESTINATIONS.items():
        table = settings.get(name, {})
        if destination.pair and all(key in table for key in destination.pair):
            yield name, {key: table[key] for key in destination.pair}


def _agree(tenant_file: Path, tenant: TenantSettings, connection_file: Path, connection: Connection) -> None:
    for name, account in _accounts(connection.settings):
        known = tenant.partners.get(name, {})
        if any(known.get(key, value) != value for key, value in account.items()):
            both = " and ".join(f"{name}.{key}" for key in account)
            raise SettingsError(
                f"{tenant_file}: {both} are not those in {connection_file}; "
                "give both files the same pair, or leave it out of one of them"
            )
    if not any(connection.platforms.values()):
        return
    every = [one for one in connection.platforms.values() if one is not None]
    pair = (tenant.api_key, tenant.api_secret)
    if not any((one.api_key, one.api_secret) == pair for one in every):
        raise SettingsError(
            f"{tenant_file}: core.api_key and core.api_secret are not those of any platform in {connection_file}; "
            "give both files the same pair, or leave it out of one of them"
        )


def _with_credentials(tenant: TenantSettings, connection: Connection) -> TenantSettings:
    partners = {**tenant.partners}
    for name, account in _accounts(connection.settings):
        partners[name] = {**partners.get(name, {}), **account}
    tenant = replace(tenant, partners=partners)
    own = connection.platforms.get("default") or next((one for one in connection.platforms.values() if one), None)
    return replace(tenant, api_key=own.api_key, api_secret=own.api_secret) if own else tenant
