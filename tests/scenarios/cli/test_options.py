import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from contracts import assumptions
from contracts.register import observe
from scenarios.cli import main, options
from scenarios.cli.stop import Stop
from scenarios.reports import ReportError

EXAMPLES = Path(__file__).parents[3] / "docs/examples"


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


OBSERVED = """\
format: sessionm-harness.observations/1
host: api.example.com
observed:
  undefined-event: {choice: stored, date: '2026-06-15'}
  validation-status: {choice: '200', date: '2026-06-15'}
"""


@pytest.fixture
def observed(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "observations.yaml"
    path.write_text(OBSERVED, encoding="utf-8")
    yield str(path)
    observe({})


def test_rules_show_what_was_observed(observed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--observations", observed, "--evidence", "observed"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if "assumption:" in line} == {
        "sessionm.undefined-event",
        "sessionm.validation-status",
    }
    assert main(["rules", "--observations", observed, "--assumptions"]) == 0
    out = capsys.readouterr().out
    assert "\nundefined-event = stored  (observed 2026-06-15, or refused, ignored)\n" in out
    assert "\nundefined-attribute = stored  (or ignored, refused)\n" in out
    assert main(["rules", "--observations", observed, "--json"]) == 0
    told = {one["id"]: one for one in json.loads(capsys.readouterr().out)["assumptions"]}
    assert (told["undefined-event"]["choice"], told["undefined-event"]["observed"]) == ("stored", "2026-06-15")
    assert told["tag-answer"]["observed"] is None


def test_a_command_without_observations_has_none_of_an_earlier_one(
    observed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", "--observations", observed]) == 0
    assert main(["rules", "--assumptions"]) == 0
    assert "\nundefined-event = refused  (or ignored, stored)\n" in capsys.readouterr().out


def test_a_rule_is_explained_with_what_was_observed(observed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "sessionm.undefined-event", "--observations", observed]) == 0
    out = capsys.readouterr().out
    assert "Observed otherwise: undefined-event is stored, not refused." in out
    assert "  evidence  observed\n" in out
    assert "  observed  stored on 2026-06-15, not refused, ignored\n" in out


def test_the_fake_does_what_was_observed_unless_somebody_chooses_otherwise(
    observed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The batch's second event is defined nowhere: whether it is kept is the choice."""
    batch = ["explain", str(EXAMPLES / "batch.json"), "--tenant", str(EXAMPLES / "tenant.toml")]
    assert main([*batch, "--connection", str(EXAMPLES / "connection.toml")]) == 0
    before = capsys.readouterr().out
    assert main([*batch, "--connection", str(EXAMPLES / "connection.toml"), "--observations", observed]) == 0
    after = capsys.readouterr().out
    chosen = ["--observations", observed, "--assume", "undefined-event=refused"]
    assert main([*batch, "--connection", str(EXAMPLES / "connection.toml"), *chosen]) == 0
    otherwise = capsys.readouterr().out
    told = "An event that is not defined is refused"
    assert (told in before, told in after, told in otherwise) == (True, False, True)


def test_a_run_reports_what_was_observed_and_holds_everything_else_as_before(
    observed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "journeys", "--seed", "1", "--destination", "sessionm", "--report", "json=-"]
    assert main([*command, "--observations", observed]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {rule["id"]: rule["evidence"] for rule in told["rules"]}["sessionm.undefined-event"] == "observed"
    assert all(("observed" in one) is (one["id"] in OBSERVED) for one in told["assumptions"])


def test_a_command_that_repeats_a_case_has_the_observations_as_well(observed: str) -> None:
    """The seed first, then what was given."""
    told: list[tuple[str, ...]] = []

    @click.command
    @options.observations
    def command() -> None:
        told.append(options.repeated(7))

    command.main(["--observations", observed], standalone_mode=False)
    command.main([], standalone_mode=False)
    assert told == [("--seed", "7", "--observations", observed), ("--seed", "7")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OBSERVED.replace("observations/1", "observations/9"), ", line 1: format is 'sessionm-harness.observations/9'"),
        (OBSERVED.replace("stored", "kept"), ", line 4: assumption 'undefined-event' has no choice 'kept'"),
        (OBSERVED.replace("undefined-event", "undefined"), ", line 4: unknown assumption 'undefined'"),
        ("host: a", ": format is 'none'"),
    ],
)
@pytest.mark.parametrize("command", [["rules"], ["run"], ["gate"], ["serve"], ["explain", "sessionm.mpid-field"]])
def test_observations_that_cannot_be_used_are_one_line_for_every_command(
    command: list[str], text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "o.yaml"
    path.write_text(text, encoding="utf-8")
    assert main([*command, "--observations", str(path)]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"sessionm-harness: {path}{says}")
    assert (err.count("\n"), out) == (1, "")
