"""Settings held against the customer's rules: what mParticle and SessionM ask to be set up, and is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts import rules
from contracts.register import nearest
from mock_sessionm import campaign_findings

from .verdict import Finding

SESSIONM_TABLES = frozenset({"configuration", "platforms", "event_mappings"})
OTHER_TABLES = frozenset({"customerio", "mparticle"})


def lint(connection: Mapping[str, Any], tenant: Mapping[str, Any], *, live: bool = True) -> list[Finding]:
    """Every customer's rule that the settings break, in their raw form (connection.toml, tenant.toml).

    `live` is whether something is to be delivered to a real host: without it, what is not set is a warning.
    A connection that has a table of another destination and none of SessionM's leads there and not to SessionM.
    """
    elsewhere = OTHER_TABLES & connection.keys() and not SESSIONM_TABLES & connection.keys()
    found = [] if elsewhere else _sessionm(connection, tenant, live=live)
    found += [
        *_source(connection.get("madconnect", {})),
        *_workspace(connection.get("customerio"), live=live),
        *_input(connection.get("mparticle", {})),
        *lint_tenant(tenant),
    ]
    return list(dict.fromkeys(found))


def _sessionm(connection: Mapping[str, Any], tenant: Mapping[str, Any], *, live: bool) -> list[Finding]:
    return [
        *_events(connection, tenant.get("events", {}).get("defined")),
        *_casing(connection, tenant.get("profile_attributes", {}).get("names")),
        *_two_casings(connection),
        *_enabled(connection),
        *_required(connection, live=live),
    ]


def lint_tenant(tenant: Mapping[str, Any]) -> list[Finding]:
    """Every customer's rule about campaigns and messages that a tenant file in its raw form breaks."""
    return [
        Finding(rule, message, message.partition(" ")[0].rstrip(":"), "", rules()[rule].says)
        for rule, message in campaign_findings(tenant)
    ]


def _events(connection: Mapping[str, Any], defined: Iterable[str] | None) -> Iterator[Finding]:
    """Names that events will have at SessionM, and that are not defined there."""
    if defined is None:
        return
    known = set(defined)
    mappings = connection.get("event_mappings", {})
    for source, target in mappings.items():
        if target not in known:
            yield _finding("sessionm.events-defined", f"event_mappings.{source}", target, known)
    columns = connection.get("data_filter", {})
    named = {name.partition("/")[2] for name, on in columns.get("events", {}).items() if on and "/" in name}
    named |= {name for name, on in columns.get("screens", {}).items() if on}
    for name in sorted(named - {"*"} - set(mappings)):
        if name not in known:
            yield _finding("sessionm.events-defined", f"data_filter.{name}", name, known)


def _casing(connection: Mapping[str, Any], defined: Iterable[str] | None) -> Iterator[Finding]:
    known = list(defined or ())
    by_fold = {name.casefold(): name for name in known}
    for name in _attributes(connection):
        if name not in known and name.casefold() in by_fold:
            yield _finding("sessionm.attribute-casing", f"data_filter.user_attributes.{name}", name, known)


def _two_casings(connection: Mapping[str, Any]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in _attributes(connection):
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            place = f"data_filter.user_attributes.{name}"
            message = f"{place}: {name} and {other} are two casings of one attribute; choose one"
            yield Finding("sessionm.consistent-casing", message, place, name, other)


def _attributes(connection: Mapping[str, Any]) -> list[str]:
    columns = connection.get("data_filter", {}).get("user_attributes", {})
    return [name for name, on in columns.items() if on and name != "*"]


def _enabled(connection: Mapping[str, Any]) -> Iterator[Finding]:
    columns = connection.get("data_filter", {})
    if columns.get("send_new_data_points_by_default") or any(_any_on(column) for column in columns.values()):
        return
    message = "data_filter: nothing is switched on, so nothing but the MPID is forwarded; enable what is to go"
    yield Finding("sessionm.data-points-enabled", message, "data_filter", "nothing", "at least one data point")


def _any_on(column: Any) -> bool:
    if isinstance(column, Mapping):
        return any(_any_on(inner) for inner in column.values())
    return column is True


def _required(connection: Mapping[str, Any], *, live: bool) -> Iterator[Finding]:
    if not connection.get("configuration", {}).get("host_name"):
        yield _missing("sessionm.host-name", "configuration.host_name", live=live)
    platforms = connection.get("platforms", {})
    every = rules()["sessionm.platforms"].table["spellings"]
    for key, rule in (("api_key", "sessionm.api-key"), ("api_secret", "sessionm.api-secret")):
        without = [name for name in every if not {**platforms.get("default", {}), **platforms.get(name, {})}.get(key)]
        if len(without) == len(every):
            yield _missing(rule, f"platforms.default.{key}", live=live)
        elif without:
            yield _missing(rule, f"platforms.{without[0]}.{key}", live=live)


def _source(madconnect: Mapping[str, Any]) -> Iterator[Finding]:
    """Half of what MadConnect asks of a source, where the other half is set."""
    halves = {"api_key": "madconnect.api-key-copied", "bucket": "madconnect.dedicated-bucket"}
    if halves.keys() & madconnect.keys():
        for key, rule in halves.items():
            if key not in madconnect:
                yield _missing(rule, f"madconnect.{key}", live=False)


def _input(mparticle: Mapping[str, Any]) -> Iterator[Finding]:
    """Key and secret of the input into which batches go, where there is a word about that input."""
    for key, rule in (("key", "madconnect.input-key"), ("secret", "madconnect.input-secret")):
        if mparticle and key not in mparticle:
            yield _missing(rule, f"mparticle.{key}", live=False)


def _workspace(customerio: Mapping[str, Any] | None, *, live: bool) -> Iterator[Finding]:
    """What a connection to Customer.io needs, where there is one."""
    for key, rule in (("site_id", "customerio.site-id"), ("api_key", "customerio.api-key")):
        if customerio is not None and key not in customerio:
            yield _missing(rule, f"customerio.{key}", live=live)


def _missing(rule: str, place: str, *, live: bool) -> Finding:
    message = f"missing required setting {place}"
    return Finding(rule, message, place, "nothing", "a value", "error" if live else "warn")


def _finding(rule: str, place: str, name: str, known: Iterable[str]) -> Finding:
    near = nearest(name, known)
    mend = f"; did you mean {near}?" if near else "; define it in SessionM"
    return Finding(rule, f"{place}: {name} is not defined in SessionM{mend}", place, name, near or "a defined name")
