from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from contracts import assumptions
from scenarios.cli import options
from scenarios.cli.stop import Stop
from scenarios.reports import ReportError


def parsed(option: options.Option[Any], *arguments: str) -> Mapping[str, object]:
    """What a command with this one option makes of the arguments."""

    def nothing(**_: object) -> None: ...

    command: click.Command = click.command(option(nothing))
    return command.make_context("test", list(arguments)).params


def test_assumptions_become_a_mapping_of_what_was_chosen() -> None:
    chosen = parsed(options.assume, "--assume", "colliding-keys=last", "--assume", "empty-key=underscore")
    assert chosen == {"assume": {"colliding-keys": "last", "empty-key": "underscore"}}


def test_a_choice_that_is_the_registers_own_is_kept_since_a_file_may_say_otherwise() -> None:
    assert parsed(options.assume, "--assume", "colliding-keys=first") == {"assume": {"colliding-keys": "first"}}


def test_every_choice_of_every_assumption_is_taken() -> None:
    for entry in assumptions().values():
        for choice in entry.choices:
            assert parsed(options.assume, "--assume", f"{entry.id}={choice}")["assume"] == {entry.id: choice}


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("coliding-keys=first", "did you mean 'colliding-keys'"),
        ("colliding-keys=middle", "one of first, last"),
        ("colliding-keys", "one of first, last"),
        ("colliding-keys=", "one of first, last"),
        ("zzz=first", "rules --assumptions"),
        ("zzz", "ID=CHOICE"),
    ],
)
def test_a_wrong_assumption_is_told_the_nearest_id_or_the_choices(pair: str, told: str) -> None:
    with pytest.raises(Stop, match=told) as caught:
        parsed(options.assume, "--assume", pair)
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message


def test_a_report_that_could_not_be_written_is_refused_before_anything_runs(tmp_path: Path) -> None:
    assert parsed(options.reports, "--report", f"json={tmp_path / 'x'}") == {"reports": (f"json={tmp_path / 'x'}",)}
    with pytest.raises(ReportError):
        parsed(options.reports, "--report", f"json={tmp_path / 'no' / 'x'}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "name", "left_out"),
    [
        (options.seed, "seed", None),
        (options.tenant, "tenant", None),
        (options.connection, "connection", None),
        (options.assume, "assume", {}),
        (options.on_violation, "on_violation", "reject"),
        (options.reports, "reports", ()),
        (options.fail_on, "fail_on", "error"),
        (options.quiet, "quiet", False),
        (options.port, "port", 8600),
        (options.count, "count", None),
        (options.cases, "cases", ()),
        (options.about, "about", ()),
        (options.destination, "destinations", ()),
        (options.listing, "listing", False),
        (options.as_json, "as_json", False),
    ],
)
def test_each_option_has_one_name_and_a_value_when_it_is_left_out(
    option: options.Option[Any], name: str, left_out: object
) -> None:
    assert parsed(option) == {name: left_out}


@pytest.mark.parametrize("arguments", [("--port", "65536"), ("--port", "-1"), ("--port", "x")])
def test_a_port_is_a_port(arguments: tuple[str, ...]) -> None:
    with pytest.raises(click.BadParameter):
        parsed(options.port, *arguments)
