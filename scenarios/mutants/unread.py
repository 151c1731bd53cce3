"""Forwarders that do not read what is set up: an assumption's choice, the data filter, a setting, the Rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from contracts import Choices, assumptions, rules
from forwarder import DESTINATIONS, Connection, Plan, plan
from forwarder.connection import DataFilter, Switches

from .mutant import Mutant
from .steps import ours
from .wrong import patching, road_of, wrong

Changed = Callable[[Connection], Connection]

OF_SOURCES = "s3-"
"""How the assumptions begin that are read before there is a batch."""
COLUMNS = ("events", "screens", "event_attributes", "screen_attributes", "user_attributes", "user_identities")

SETTINGS: Mapping[tuple[str, str], Mapping[Any, str]] = {
    ("customerio", "edition"): {"document": "customerio.user-id-or-email", "current": "customerio.user-with-email"},
    ("customerio", "user_id_type"): {
        "prefer_customer_id": "customerio.user-id-type",
        "customer_id": "customerio.user-id-or-email",
        "email": "customerio.user-id-or-email",
    },
    ("customerio", "include_user_attributes"): {
        True: "customerio.include-user-attributes",
        False: "customerio.all-attributes",
    },
    ("customerio", "send_created_at"): {True: "customerio.created-at-off", False: "customerio.created-at-sent"},
    ("customerio", "one_attribute_per_segment"): {
        True: "customerio.one-attribute-per-segment",
        False: "customerio.one-attribute-per-segment",
    },
    ("madconnect", "parameters"): {None: "madconnect.selected-parameters"},
    ("madconnect", "api_key"): {None: "madconnect.api-key"},
}
"""A table of connection.toml and its key -> what a forwarder takes for it whatever it says, and the rule it breaks.

None is a key that is never there.
"""


def unread_mutants() -> Iterator[Mutant]:
    """Every forwarder that reads something else than what is set up."""
    yield from _choices()
    for name in DESTINATIONS:
        yield from _filters(name)
        yield from _forwarding(name)
    yield from _columns()
    yield from _settings()


def set_up(change: Changed, road: str = "") -> Callable[..., Plan]:
    """Planning that takes a connection for another one; on one road only, if one is named."""

    def planned(batch: Any, connection: Connection, *, now: float | None = None) -> Plan:
        return plan(batch, connection if road not in {"", connection.destination} else change(connection), now=now)

    return planned


def under(chosen: Mapping[str, str]) -> Changed:
    """A connection, as it would be if these choices held whatever was chosen."""

    def changed(connection: Connection) -> Connection:
        choices = connection.choices.over(chosen)
        if "name-matching" not in chosen:
            return replace(connection, choices=choices)
        # The names of the filter and of the mappings were folded when it was made.
        made = Connection.from_settings(connection.settings, dict(choices), destination=connection.destination)
        return replace(made, rule=connection.rule, platforms=connection.platforms, account=connection.account)

    return changed


def _choices() -> Iterator[Mutant]:
    for rule in rules().values():
        assumption = assumptions().get(rule.assumption or "")
        if assumption is None or not ours(rule.id) or assumption.id.startswith(OF_SOURCES):
            continue
        road = road_of(rule.id)
        for choice in assumption.choices:
            says = f"Whatever was chosen for {assumption.id}, it does as under {choice}."
            planning = set_up(under({assumption.id: choice}), road)
            yield wrong(rule.id, "choice ignored", choice, says, planning=planning, road=road, plans=True)
    register = set_up(lambda connection: replace(connection, choices=Choices()))
    yield wrong(
        "harness.choice-kept",
        "choice ignored",
        "all",
        "Whatever is chosen, it does as the register.",
        planning=register,
        plans=True,
    )
    for nth, which in ((1, "second"), (-1, "last")):
        others = {one.id: one.choices[nth] for one in assumptions().values() if not one.id.startswith(OF_SOURCES)}
        says = f"It takes the {which} choice of every assumption, whatever was chosen."
        planning = set_up(under(others))
        yield wrong("harness.choice-kept", "choice ignored", which, says, planning=planning, plans=True)


def _filters(name: str) -> Iterator[Mutant]:
    """The data filter of one road: a column that is not asked, whether it then lets all through or nothing."""
    grounds, title = DESTINATIONS[name].grounds, DESTINATIONS[name].title
    for column in COLUMNS:
        for on in (True, False):
            rule = grounds.filtered_identities if column == "user_identities" else grounds.filtered
            does = "lets everything through" if on else "lets nothing through"
            says = f"On the road to {title}, the column {column} of the data filter {does}, whatever stands in it."
            what = f"{column}-{'on' if on else 'off'}"
            yield wrong(
                rule, "filter ignored", what, says, planning=set_up(_column(column, on), name), road=name, plans=True
            )
    for on in (True, False):
        does = "is let through" if on else "is kept back"
        says = f"On the road to {title}, what nobody decided about {does}, whatever the connection says."
        what = f"new-points-{'on' if on else 'off'}"
        planning = set_up(_new_points(on), name)
        yield wrong(grounds.new_points, "filter ignored", what, says, planning=planning, road=name, plans=True)


def _column(column: str, on: bool) -> Changed:
    whole: Any = Switches({}, on)
    if column.endswith("_attributes") and column != "user_attributes":
        whole = {"*": whole}
    return lambda connection: replace(connection, data_filter=replace(connection.data_filter, **{column: whole}))


def _new_points(on: bool) -> Changed:
    def anew(column: Any) -> Any:
        if isinstance(column, Switches):
            return column if column.decided else replace(column, otherwise=on)
        return {name: anew(inner) for name, inner in column.items()}

    def changed(connection: Connection) -> Connection:
        asked = connection.data_filter
        columns = {column: anew(getattr(asked, column)) for column in COLUMNS}
        return replace(connection, data_filter=replace(asked, **columns))

    return changed


def _columns() -> Iterator[Mutant]:
    """How a column of the data filter is found."""
    rule = "sessionm.data-filter"
    for what, says, name, value in (
        (
            "whole-type",
            "A row of the data filter for a whole type of events counts for none.",
            "event_column",
            lambda asked, event: (asked.events, event),
        ),
        (
            "own-attributes",
            "The attributes of one event are asked for in the row of any event.",
            "attributes_of",
            lambda asked, _event, *, screen: (asked.screen_attributes if screen else asked.event_attributes)["*"],
        ),
        (
            "any-attributes",
            "A row about the attributes of any event counts for none.",
            "attributes_of",
            lambda asked, event, *, screen: (asked.screen_attributes if screen else asked.event_attributes).get(
                event, Switches({}, asked.events.otherwise)
            ),
        ),
    ):
        patched = patching(DataFilter, name, value)
        yield wrong(rule, "filter ignored", what, says, patched=patched, plans=True)


def _forwarding(name: str) -> Iterator[Mutant]:
    """Forwarding rules, the Rule, the age of events and the mappings of one road."""
    grounds, title = DESTINATIONS[name].grounds, DESTINATIONS[name].title
    changes: Mapping[tuple[str, str], tuple[str, Changed]] = {
        (grounds.logged_in, "off"): ("users who are not logged in go", lambda one: replace(one, logged_in_only=False)),
        (grounds.logged_in, "on"): ("users must be logged in", lambda one: replace(one, logged_in_only=True)),
        (grounds.logged_in, "by-customer-id"): (
            "only a customer id is a login",
            lambda one: replace(one, login_identities=frozenset({"customer_id"})),
        ),
        (grounds.rule, "no-rule"): ("the mParticle Rule is not asked", lambda one: replace(one, rule=None)),
        ("mparticle.max-data-age", f"{name}-none"): (
            "events of any age go",
            lambda one: replace(one, max_data_age_hours=None),
        ),
        ("mparticle.max-data-age", f"{name}-longer"): (
            "events may be a second older than that",
            lambda one: replace(one, max_data_age_hours=_more(one, 1 / 3600)),
        ),
        ("mparticle.max-data-age", f"{name}-shorter"): (
            "events must be a second younger than that",
            lambda one: replace(one, max_data_age_hours=_more(one, -1 / 3600)),
        ),
    }
    if name == "sessionm":
        unmapped: Changed = lambda one: replace(one, event_mappings={})  # noqa: E731  a row like the others
        changes = {**changes, ("sessionm.event-mappings", "none"): ("no event is mapped", unmapped)}
    for (rule, what), (does, change) in changes.items():
        says = f"On the road to {title}, {does}, whatever the connection says."
        yield wrong(rule, "setting ignored", what, says, planning=set_up(change, name), road=name, plans=True)


def _more(connection: Connection, hours: float) -> float | None:
    own = connection.max_data_age_hours
    return None if own is None else own + hours


def _settings() -> Iterator[Mutant]:
    for (table, key), values in SETTINGS.items():
        for value, rule in values.items():
            road = road_of(rule)
            says = f"Whatever {table}.{key} says, it is taken for {'unset' if value is None else value}."
            what = f"{key}-{'unset' if value is None else str(value).lower()}"
            planning = set_up(_setting(table, key, value), road)
            yield wrong(rule, "setting ignored", what, says, planning=planning, road=road, plans=True)


def _setting(table: str, key: str, value: Any) -> Changed:
    def changed(connection: Connection) -> Connection:
        own = {name: inner for name, inner in connection.settings.get(table, {}).items() if name != key}
        if value is not None:
            own[key] = value
        return replace(connection, settings={**connection.settings, table: own})

    return changed
