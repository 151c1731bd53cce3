import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import click
import pytest

from contracts.register import RegisterError
from contracts.serving import CannotListen
from contracts.settings import SettingsError
from scenarios import cli
from scenarios.cli.stop import Stop
from scenarios.reports import ReportError

ROOT = Path(__file__).parents[3]
Raising = Callable[[BaseException], None]


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Raising:
    """Give the group a command `fall` that raises what it is told to."""

    def made(error: BaseException) -> None:
        @click.command
        def command() -> None:
            raise error

        monkeypatch.setattr(cli, "COMMANDS", {"fall": ("falling", "Fall.")})
        monkeypatch.setattr(cli, "import_module", lambda _name: type("module", (), {"command": command}))

    return made


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_listed_command_exists_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module, line = cli.COMMANDS[name]
    assert isinstance(importlib.import_module(module).command, click.Command)
    assert line.endswith(".")
    assert cli.main([name, "--help"]) == 0
    assert f"sessionm-harness {name}" in capsys.readouterr().out


def test_help_imports_no_command_and_nothing_heavy() -> None:
    program = (
        "import sys; from scenarios.cli import main; main(['--help']);"
        "sys.exit(' '.join(sorted(name for name in sys.modules if name.startswith('scenarios.cli.') "
        "or name.split('.')[0] in {'flask', 'contracts', 'yaml', 'jinja2', 'uvicorn', 'requests', 'faker'})))"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter with our own text
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr.split() == ["scenarios.cli.stop"]


def test_help_lists_every_command_and_ends_with_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for name, (_, line) in cli.COMMANDS.items():
        assert f"{name} {line}" in shown
    assert shown.endswith("130 interrupted")


def test_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"sessionm-harness {version('sessionm-harness')}\n"


def test_without_a_command_the_help_is_shown_and_the_code_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "Commands:" in capsys.readouterr().out


def test_a_misspelt_command_is_told_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["ruels"]) == 2
    shown = capsys.readouterr().err
    assert "no such command 'ruels'; did you mean 'rules'?" in shown
    assert shown.count("\n") == 1


def test_a_misspelt_option_is_one_line_that_names_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rules", "--evidense", "assumed"]) == 2
    shown = capsys.readouterr().err
    assert "--evidence" in shown
    assert "sessionm-harness rules --help" in shown
    assert shown.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (Stop("no such file"), 2, "sessionm-harness: no such file\n"),
        (Stop("nothing to do", 3), 3, "sessionm-harness: nothing to do\n"),
        (SettingsError("tenant.toml, line 3: wrong"), 2, "sessionm-harness: tenant.toml, line 3: wrong\n"),
        (RegisterError("unknown assumption 'x'"), 2, "sessionm-harness: unknown assumption 'x'\n"),
        (CannotListen("cannot listen"), 2, "sessionm-harness: cannot listen\n"),
        (ReportError("cannot be written"), 2, "sessionm-harness: cannot be written\n"),
        (Stop("two\nlines and \x1b[31m"), 2, "sessionm-harness: two lines and \\x1b[31m\n"),
        (KeyboardInterrupt(), 130, "sessionm-harness: interrupted\n"),
        (click.Abort(), 130, "sessionm-harness: interrupted\n"),
        (click.exceptions.Exit(3), 3, ""),
    ],
)
def test_what_goes_wrong_is_one_line_and_its_code(
    error: BaseException, code: int, line: str, raising: Raising, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(error)
    assert cli.main(["fall"]) == code
    assert capsys.readouterr().err == line


def test_a_bug_of_ours_says_where_and_is_never_taken_for_a_broken_contract(
    raising: Raising, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(ZeroDivisionError("by nothing"))
    assert cli.main(["fall"]) == 2
    shown = capsys.readouterr().err
    assert "ZeroDivisionError at test_cli.py:" in shown
    assert shown.count("\n") == 1


def test_a_reader_who_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from scenarios.cli import main; sys.exit(main(['rules']))"],
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
        cwd=ROOT,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (cli.PIPE_CLOSED, b"")
