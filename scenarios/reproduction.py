"""A few records judged again from scratch: what a test that `shrink` wrote calls, and nothing else is needed for it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.settings import checked
from forwarder import Connection
from mock_sessionm import TenantSettings, default_tenant

from .forwarder_named import forwarder_named
from .given import Given
from .verdict import Finding

FORWARDER = "SESSIONM_HARNESS_FORWARDER"
TENANT = "SESSIONM_HARNESS_TENANT"
CONNECTION = "SESSIONM_HARNESS_CONNECTION"
"""Environment variables: another forwarder than the one that a test names; files in place of the tables in it."""
SETTLE = 2.0
PORT = 8600


def judge_batches(
    batches: Sequence[Mapping[str, Any]],
    *,
    forwarder: str = "",
    destination: str = "sessionm",
    tenant: Mapping[str, Any] | None = None,
    connection: Mapping[str, Any] | None = None,
    assume: Mapping[str, str] | None = None,
    seed: int = 0,
    settle: float = SETTLE,
    port: int = PORT,
) -> list[Finding]:
    """Everything that is wrong after these batches went through a forwarder into a fresh fake.

    forwarder           an address, or `module:function`; the project's own where it is empty. The environment
                        variable SESSIONM_HARNESS_FORWARDER goes before it
    tenant, connection  tables of tenant.toml and connection.toml; the files that SESSIONM_HARNESS_TENANT and
                        SESSIONM_HARNESS_CONNECTION name go before them, for credentials stand in no test
    assume              choices where the documents are silent
    settle, port        of a forwarder at an address: seconds of silence after which it is done, and where the fake
                        listens meanwhile, as the forwarder knows it

    Raises `NoForwarder`, `SettingsError`, and `Unreachable` where nobody is at the address.
    """
    from .replay.playing import Terms
    from .shrink.judging import BatchJudge

    forwarder = os.environ.get(FORWARDER, forwarder)
    given = given_of(tenant or {}, connection or {}, assume or {}, destination)
    docs = tuple(dict(one) for one in batches)
    if forwarder and isinstance(named := forwarder_named(forwarder), str):
        from .shrink.forwarder_judge import ForwarderJudge

        with ForwarderJudge(named, given, port=port, settle=settle, seed=seed, destination=destination) as judge:
            return judge.patiently(docs)
    terms = Terms(key="reproduction", given=given, destination=destination, seed=seed, planning=forwarder)
    return BatchJudge(terms).findings([docs])[0]


def judge_interactions(
    interactions: Sequence[Mapping[str, Any]],
    *,
    tenant: Mapping[str, Any] | None = None,
    assume: Mapping[str, str] | None = None,
    seed: int = 0,
) -> list[Finding]:
    """Everything that is wrong with interactions, entries of a HAR file, when they are had again in a fresh fake.

    Raises `SettingsError` for a tenant that cannot be.
    """
    from .recordings.har import entry
    from .recordings.recorded import Recorded
    from .replay.interactions.again import InteractionJudge

    given = given_of(tenant or {}, {}, assume or {}, "sessionm")
    read = (one for number, each in enumerate(interactions, 1) for one in entry(f"entry {number}", number, each))
    return InteractionJudge(given, seed).findings([one for one in read if isinstance(one, Recorded)])


def given_of(
    tenant: Mapping[str, Any], connection: Mapping[str, Any], assume: Mapping[str, str], destination: str
) -> Given:
    """Both sides of the road out of parsed tables. Raises `SettingsError`."""
    files = [Path(os.environ[name]) if os.environ.get(name) else None for name in (TENANT, CONNECTION)]
    if any(files):
        return Given.load(files[0], files[1], assume, destination=destination)
    made = (
        Connection.from_settings(connection, dict(assume), destination=destination)
        if connection
        else Connection.default(dict(assume), destination)
    )
    settings = TenantSettings.of(checked(tenant, "tenant.schema.yaml", "tenant")) if tenant else default_tenant()
    return Given(
        tenant=settings,
        settings=made.settings,
        connection=made,
        choices=made.choices,
        tenant_given=bool(tenant),
        connection_given=bool(connection),
    )


def tables_of(given: Given) -> dict[str, Any]:
    """What of the user's settings decides a judgement, as arguments of `judge_batches`: without any credential."""
    made: dict[str, Any] = {}
    if given.tenant_given:
        own = given.tenant
        made["tenant"] = {
            "profile_attributes": {"names": list(own.attributes)},
            "events": {"defined": list(own.events)},
        }
    if given.connection_given:
        made["connection"] = {
            name: {key: part for key, part in table.items() if key not in PRIVATE}
            if isinstance(table, Mapping)
            else table
            for name, table in given.settings.items()
            if name in DECIDES
        }
    assumed = given.choices.changed()
    if assumed:
        made["assume"] = assumed
    return made


DECIDES = frozenset({"event_mappings", "data_filter", "forwarding_rules", "rules", "customerio", "madconnect"})
"""Tables of connection.toml that say what goes out, and under which name."""
PRIVATE = frozenset({"host", "site_id", "api_key"})
