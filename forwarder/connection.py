"""One connection as it is set up in mParticle: settings, credentials, data filter, forwarding rules, mappings."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import Choices
from contracts.settings import SettingsError, checked, parse, read

from .batch import identity_type

if TYPE_CHECKING:
    from .destination import Destination

SCHEMA = "connection.schema.yaml"
SESSIONM = "sessionm"
EMBEDDED = Path(__file__).parent / "destinations"
"""The folder of the embedded connections, one for each destination."""
BATCHES_PER_SECOND = 270.0
"""mParticle's default for one account (mparticle-limits); adjustable there too."""

EMPTY: Mapping[str, Any] = types.MappingProxyType({})

Rewrite = Callable[[dict[str, Any]], dict[str, Any] | None]
"""An mParticle Rule: a batch in, the batch to forward out, or None to forward nothing."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password of requests, as a platform or a whole connection has them. Never printed."""

    api_key: str
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Switches:
    """One column of the data filter: name -> on or off, `*` for any other name, and what else holds."""

    by_name: Mapping[str, bool]
    otherwise: bool
    decided: bool = False

    def on(self, name: str) -> bool:
        found = self.by_name.get(name)
        return self.otherwise if found is None else found

    def knows(self, name: str) -> bool:
        """Whether somebody decided about this name, by itself or with `*`."""
        return self.decided or name in self.by_name


@dataclass(frozen=True, slots=True)
class DataFilter:
    """Which data points may go. Names are folded where the assumption `name-matching` says so."""

    events: Switches
    screens: Switches
    user_attributes: Switches
    user_identities: Switches
    event_attributes: Mapping[str, Switches]
    screen_attributes: Mapping[str, Switches]

    def event_column(self, event: str) -> tuple[Switches, str]:
        """The column for an event (`type/name`), and the name to ask it for: `type/*` stands for a whole type."""
        if event not in self.events.by_name:
            whole_type = event.partition("/")[0] + "/*"
            if whole_type in self.events.by_name:
                return self.events, whole_type
        return self.events, event

    def attributes_of(self, event: str, *, screen: bool) -> Switches:
        """The column for the attributes of one event (`type/name`) or screen."""
        nested = self.screen_attributes if screen else self.event_attributes
        found = nested.get(event)
        return nested["*"] if found is None else found


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything that planning and delivery read. Build it with `load`, `default` or `from_settings`.

    destination   where its batches go, by name
    account       the credentials of a destination whose platforms have none of their own
    """

    host_name: str | None
    platforms: Mapping[str, Credentials | None]
    event_mappings: Mapping[str, str]
    data_filter: DataFilter
    logged_in_only: bool
    login_identities: frozenset[str]
    rule: Rewrite | None
    max_data_age_hours: float | None
    choices: Choices
    fold: Callable[[str], str]
    input_key: str | None = None
    input_secret: str | None = field(default=None, repr=False)
    batches_per_second: float = BATCHES_PER_SECOND
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    destination: str = SESSIONM
    account: Credentials | None = None

    @classmethod
    def load(cls, path: Path, choices: Mapping[str, str] | None = None, destination: str = SESSIONM) -> Connection:
        """A connection from a file. Raises `SettingsError`: one line with file, line, key and expectation."""
        settings = read(path, SCHEMA)
        return cls.from_settings(settings, choices, name=str(path), folder=path.parent, destination=destination)

    @classmethod
    def default(cls, choices: Mapping[str, str] | None = None, destination: str = SESSIONM) -> Connection:
        """The embedded connection: every data point switched on, delivery to the local fake."""
        return cls.from_settings(default_settings(destination), choices, destination=destination)

    @classmethod
    def from_settings(
        cls,
        settings: Mapping[str, Any],
        choices: Mapping[str, str] | None = None,
        *,
        name: str = "connection",
        folder: Path | None = None,
        rule: Rewrite | None = None,
        destination: str = SESSIONM,
    ) -> Connection:
        """A connection from the parsed form of a file; `choices` go over the file's own assumptions."""
        from .destinations import DESTINATIONS

        end = DESTINATIONS[destination]
        settings = _over(end.defaults, checked(settings, SCHEMA, name))
        chosen = Choices({**settings.get("assumptions", {}), **(choices or {})})
        fold = str.casefold if chosen["name-matching"] == "insensitive" else str
        rules = settings.get("forwarding_rules", {})
        asked = settings.get("input", {})
        module = settings.get("rules", {}).get("module")
        return cls(
            host_name=_at(settings, end.host),
            platforms=_platforms(settings.get("platforms", {})),
            event_mappings={fold(key): value for key, value in settings.get("event_mappings", {}).items()},
            data_filter=_data_filter(settings.get("data_filter", {}), fold),
            logged_in_only=rules.get("logged_in_only", True),
            login_identities=frozenset(map(identity_type, rules.get("login_identities", ["customer_id"]))),
            rule=rule or (_imported(module, name, folder) if module else None),
            max_data_age_hours=settings.get("max_data_age_hours"),
            choices=chosen,
            fold=fold,
            input_key=asked.get("key"),
            input_secret=asked.get("secret"),
            batches_per_second=asked.get("batches_per_second", BATCHES_PER_SECOND),
            settings=settings,
            destination=destination,
            account=_account(settings.get(destination, {}), end.pair),
        )

    def credentials(self, platform: str) -> Credentials | None:
        """The credentials of the whole connection, else of a platform, else the default ones; None for none."""
        return self.account or self.platforms.get(platform) or self.platforms.get("default")

    def missing(self) -> list[str]:
        """Names of required settings that are not set, for live delivery."""
        end = self._end()
        absent = [] if self.host_name else [end.host]
        if self.account or any(self.platforms.values()):
            return absent
        if end.pair is not None:
            own = self.settings.get(end.name, {})
            return absent + [f"{end.name}.{key}" for key in end.pair if key not in own]
        # Half a pair is of no use: what the others lack may stand under `default` for all of them.
        default = self.settings.get("platforms", {}).get("default", {})
        return absent + [f"platforms.default.{key}" for key in ("api_key", "api_secret") if key not in default]

    def credential_settings(self, platform: str) -> list[str]:
        """The settings of which one must be there for requests of a platform."""
        end = self._end()
        if end.pair is not None:
            return [f"{end.name}.{key}" for key in end.pair]
        return [f"platforms.{platform}.api_key", "platforms.default.api_key"]

    def _end(self) -> Destination:
        from .destinations import DESTINATIONS

        return DESTINATIONS[self.destination]


def default_settings(destination: str = SESSIONM) -> dict[str, Any]:
    """The embedded connection in its parsed form, to lay other settings over."""
    text = (EMBEDDED / f"{destination}.toml").read_text(encoding="utf-8")
    return parse(text, SCHEMA, "the embedded connection")


def _over(below: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings over a destination's defaults, table by table."""
    tables = {name: {**table, **settings.get(name, {})} for name, table in below.items()}
    return {**settings, **tables}


def _at(settings: Mapping[str, Any], place: str) -> str | None:
    """The setting of a table, named as in messages: `configuration.host_name`."""
    table, _, key = place.partition(".")
    found: str | None = settings.get(table, {}).get(key)
    return found


def _account(table: Mapping[str, Any], pair: tuple[str, str] | None) -> Credentials | None:
    if pair is None or not set(pair) <= set(table):
        return None
    return Credentials(table[pair[0]], table[pair[1]])


def _platforms(settings: Mapping[str, Any]) -> dict[str, Credentials | None]:
    """A platform that names only one of key and secret takes the other from the default."""
    default = settings.get("default", {})
    made: dict[str, Credentials | None] = {}
    for name, own in settings.items():
        both = {**default, **own}
        made[name] = Credentials(**both) if {"api_key", "api_secret"} <= set(both) else None
    return made


def _data_filter(settings: Mapping[str, Any], fold: Callable[[str], str]) -> DataFilter:
    default = settings.get("send_new_data_points_by_default", False)

    def switches(table: Mapping[str, bool], otherwise: bool, spell: Callable[[str], str] = fold) -> Switches:
        return Switches(
            {spell(key): on for key, on in table.items() if key != "*"}, table.get("*", otherwise), "*" in table
        )

    def events(table: Mapping[str, bool]) -> Switches:
        return switches(table, default)

    def nested(table: Mapping[str, Mapping[str, bool]]) -> dict[str, Switches]:
        anywhere = table.get("*", {})
        made = {fold(key): switches({**anywhere, **own}, default) for key, own in table.items() if key != "*"}
        return {**made, "*": switches(anywhere, default)}

    return DataFilter(
        events=events(settings.get("events", {})),
        screens=events(settings.get("screens", {})),
        user_attributes=switches(settings.get("user_attributes", {}), default),
        user_identities=switches(settings.get("user_identities", {}), default, identity_type),
        event_attributes=nested(settings.get("event_attributes", {})),
        screen_attributes=nested(settings.get("screen_attributes", {})),
    )


def _imported(module: str, name: str, folder: Path | None) -> Rewrite:
    """The function that the settings name; a module beside the settings file is found first."""
    place, _, function = module.partition(":")
    if folder is not None:
        _make_findable(place, folder.resolve())
    try:
        found = getattr(importlib.import_module(place), function)
    except (Exception, SystemExit) as error:  # the customer's module may do anything
        raise SettingsError(f"{name}: rules.module {module!r} cannot be imported: {_told(error)}") from error
    if not callable(found):
        raise SettingsError(f"{name}: rules.module {module!r} is not a function")
    rewrite: Rewrite = found
    return rewrite


def _make_findable(place: str, folder: Path) -> None:
    """See to it that `place` is looked for in `folder` first, though another folder had a module of this name."""
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    outermost = place.partition(".")[0]
    known = sys.modules.get(outermost)
    beside = {folder / f"{outermost}.py", folder / outermost / "__init__.py"}
    if known is not None and any(path.exists() for path in beside) and Path(known.__file__ or "") not in beside:
        for loaded in [one for one in sys.modules if one == outermost or one.startswith(f"{outermost}.")]:
            del sys.modules[loaded]


def _told(error: BaseException) -> str:
    """One line: what an import says of itself, or the kind of mistake where that is all there is."""
    said = " ".join(str(error).split())
    if isinstance(error, (ImportError, AttributeError)):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
