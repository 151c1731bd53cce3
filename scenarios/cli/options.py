"""The options that several commands share: the same name, form and meaning everywhere.

Each is a decorator. A value is checked before the command starts, so that nothing runs in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from scenarios.destinations import DESTINATIONS, FORWARDED

from .stop import Stop

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Option = Callable[[Decorated], Decorated]

FILE = click.Path(path_type=Path)
ON_VIOLATION = ("note", "reject", "reject-all")
PORT = 8600


def _assumed(_ctx: click.Context, _parameter: click.Parameter, pairs: tuple[str, ...]) -> Mapping[str, str]:
    """ID=CHOICE pairs, each known to the register; what is not is told with the nearest id or the choices."""
    if not pairs:
        return {}
    from contracts import Choices, assumptions
    from contracts.register import RegisterError

    chosen: dict[str, str] = {}
    for pair in pairs:
        name, equals, choice = pair.partition("=")
        known = assumptions().get(name)
        if known is not None and not choice:
            raise Stop(f"--assume {pair}: wants ID=CHOICE; {name} is one of {', '.join(known.choices)}")
        if not equals:
            raise Stop(f"--assume {pair}: wants ID=CHOICE; `sessionm-harness rules --assumptions` lists them")
        try:
            Choices({name: choice})
        except RegisterError as error:
            mended = known or "did you mean" in str(error)
            more = "" if mended else "; `sessionm-harness rules --assumptions` lists them"
            raise Stop(f"--assume {pair}: {error}{more}") from error
        chosen[name] = choice
    return chosen


def reachable(url: str, given: str) -> str:
    """The address, which must be one that a request can go to; `given` says where it stands. Raises `Stop`."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False  # a port that is none, a bracket that is not closed
    if not good or any(letter.isspace() for letter in url):
        raise Stop(f"{given} {url}: expected an http or https address such as https://api.sessionm.com")
    return url


REPEATED = {
    "count": "--count",
    "tenant": "--tenant",
    "connection": "--connection",
    "data_plan": "--data-plan",
    "destinations": "--destination",
    "assume": "--assume",
    "on_violation": "--on-violation",
    "fail_on": "--fail-on",
    "forwarder": "--forwarder",
    "settle": "--settle",
    "port": "--port",
    "target": "--target",
    "contracts": "--openapi",
    "recordings": "--recording",
    "examples": "--examples",
}
"""What of a command line decides what a case finds: parameter -> option. Reports, baseline and the like do not."""


def repeated(seed: int) -> tuple[str, ...]:
    """The options of the running command with which one of its cases comes out the same, the seed first."""
    context = click.get_current_context()
    made = ["--seed", str(seed)]
    for name, option in REPEATED.items():
        value = context.params.get(name)
        if context.get_parameter_source(name) not in {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}:
            continue
        pairs = [f"{key}={choice}" for key, choice in value.items()] if isinstance(value, Mapping) else value
        for one in pairs if isinstance(pairs, list | tuple) else [pairs]:
            made += [option, str(one)]
    if OBSERVED in context.meta:
        made += ["--observations", str(context.meta[OBSERVED])]
    return tuple(made)


def parts() -> tuple[str, ...]:
    """Which part of everything the running command was asked for: suites, cases, rules."""
    given = click.get_current_context().params
    named = {"--case": given.get("cases", ()), "--rule": given.get("about", ())}
    return (*given.get("suites", ()), *(text for option, ids in named.items() for one in ids for text in (option, one)))


def told(seed: int) -> dict[str, Any]:
    """What a report says of the command line that made it."""
    return {"arguments": repeated(seed), "parts": parts()}


def only(scenarios: Iterable[Any], cases: tuple[str, ...], about: tuple[str, ...], lint: Iterable[Any]) -> list[Any]:
    """What `--case` and `--rule` leave; the results of `lint` have ids too. Raises `Stop` for an unknown id."""
    from scenarios.chosen import UnknownName, chosen

    try:
        return chosen(scenarios, cases, about, others=[result.id for result in lint])
    except UnknownName as error:
        raise Stop(str(error)) from error


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and no other."""
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


OBSERVED = "sessionm-harness.observations"
"""Where a command's context has the file of observations, if one was given."""


def _observe(context: click.Context, _parameter: click.Parameter, path: Path | None) -> None:
    """Let the register hold what was observed, before anything else is read; without a file nothing was."""
    from contracts.register import observe

    if path is None:
        observe({})
        return
    from contracts.observed import load

    context.meta[OBSERVED] = path
    observe({name: (seen.choice, seen.date) for name, seen in load(path).observed.items()})


def _reports(_ctx: click.Context, _parameter: click.Parameter, wanted: tuple[str, ...]) -> tuple[str, ...]:
    if wanted:
        from scenarios.reports import target

        paths: dict[str, str] = {}
        for one in wanted:
            path = target(one)[1]
            if paths.setdefault(path, one) != one:
                raise Stop(f"--report {one}: {path} is where {paths[path]} goes; give each report a path of its own")
    return tuple(dict.fromkeys(wanted))


seed: Option[Any] = click.option(
    "--seed",
    type=click.IntRange(min=0),
    metavar="N",
    help="The same seed is the same run; drawn and printed if absent.",
)
tenant: Option[Any] = click.option(
    "--tenant", type=FILE, metavar="FILE", help="tenant.toml: what is set up in SessionM. A small one is built in."
)
connection: Option[Any] = click.option(
    "--connection", type=FILE, metavar="FILE", help="connection.toml: what is set up in mParticle. One is built in."
)
assume: Option[Any] = click.option(
    "--assume",
    multiple=True,
    metavar="ID=CHOICE",
    callback=_assumed,
    help="Choose where the documents are silent; repeatable. `rules --assumptions` lists them.",
)
observations: Option[Any] = click.option(
    "--observations",
    type=FILE,
    metavar="FILE",
    callback=_observe,
    is_eager=True,
    expose_value=False,
    help="Take what `probe` observed in the place of what is assumed; --assume and [assumptions] go over it.",
)
on_violation: Option[Any] = click.option(
    "--on-violation",
    type=click.Choice(ON_VIOLATION),
    default="reject",
    show_default=True,
    help="What the fake does with a request that breaks a documented limit.",
)
reports: Option[Any] = click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=PATH",
    callback=_reports,
    help="Also write json, junit, html, text, sarif, github, markdown or har to PATH (- is stdout); repeatable.",
)
fail_on: Option[Any] = click.option(
    "--fail-on",
    type=click.Choice(["error", "warn"]),
    default="error",
    show_default=True,
    help="warn: a broken assumption is red as well.",
)
quiet: Option[Any] = click.option("--quiet", is_flag=True, help="Print the verdict and nothing else.")
port: Option[Any] = click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, metavar="N", help="0 takes a free one."
)
count: Option[Any] = click.option(
    "--count",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many scenarios to generate, all destinations together.",
)
cases: Option[Any] = click.option(
    "--case", "cases", multiple=True, metavar="ID", help="Only this scenario; repeatable. `--list` has the ids."
)
about: Option[Any] = click.option(
    "--rule", "about", multiple=True, metavar="ID", help="Only scenarios about this rule; repeatable."
)
data_plan: Option[Any] = click.option(
    "--data-plan",
    type=FILE,
    metavar="FILE",
    help="An mParticle data plan: run generates people who follow it, explain says where a batch departs from it.",
)
destination: Option[Any] = click.option(
    "--destination", "destinations", multiple=True, type=click.Choice(DESTINATIONS), help="Only this one; repeatable."
)
towards: Option[Any] = click.option(
    "--destination",
    "destination",
    type=click.Choice(FORWARDED),
    default="sessionm",
    show_default=True,
    help="Where the batches go.",
)
listing: Option[Any] = click.option("--list", "listing", is_flag=True, help="List what would run, and stop.")
as_json: Option[Any] = click.option("--json", "as_json", is_flag=True, help="For other tools.")
