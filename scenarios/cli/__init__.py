"""The command line. A command is imported when it is called, so that asking for help costs nothing."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from .stop import INTERRUPTED, UNUSABLE

NAME = "sessionm-harness"
PIPE_CLOSED = 141
"""What a shell reports for a program whose reader went away: 128 + SIGPIPE."""

COMMANDS = {
    "run": ("scenarios.cli.run", "Run scenario suites through a forwarder into the fake, and print the verdict."),
    "gate": ("scenarios.cli.gate", "Hold everything against the contract in one run; --selftest: try the gate itself."),
    "serve": ("scenarios.cli.serve", "Run the fake of SessionM on a port of this machine."),
    "forward": ("scenarios.cli.forward", "Send batches on to a destination, from files, buckets or a port."),
    "explain": (
        "scenarios.cli.explain",
        "Say what becomes of every data point of a batch, and why; or what a rule says.",
    ),
    "rules": ("scenarios.cli.rules", "Print the rules: who owns each, its limit, where it was read."),
    "replay": ("scenarios.cli.replay", "Play recorded traffic again, batches or interactions, and judge it."),
    "record": ("scenarios.cli.record", "Record what passes between a client and a server, without credentials."),
    "compare": ("scenarios.cli.compare", "Send the same batches through two forwarders, and compare what they send."),
    "shrink": ("scenarios.cli.shrink", "Find the smallest recording that still breaks the same rule."),
    "pseudonymise": (
        "scenarios.cli.pseudonymise",
        "Write a recording with invented people in it; --check: see whether files may be committed.",
    ),
    "contract": ("scenarios.cli.contract", "Say what a change of a contract breaks, and for whom."),
    "probe": ("scenarios.cli.probe", "Ask a tenant of SessionM what no document says, with invented customers."),
    "render": (
        "scenarios.cli.render",
        "Render a Braze template for one person, with Connected Content against the fake.",
    ),
    "webhook": ("scenarios.cli.webhook", "Send a Braze webhook campaign to a list of users, against the fake."),
    "tags": ("scenarios.cli.tags", "Import the export of a Braze segment into the fake, as tags."),
    "report": ("scenarios.cli.report", "Describe the reports for other tools."),
}
"""Every command: the module that has it as `command`, and its line in the help."""

EPILOG = """\b
Exit codes, everywhere:
    0  the contract holds
    1  it is broken
    2  usage, or a file that cannot be read
    3  nothing was tested
  130  interrupted
"""


class Commands(click.Group):
    """The group whose commands stand in `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  the signature is click's
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        if cmd_name not in COMMANDS:
            import difflib

            near = difflib.get_close_matches(cmd_name, COMMANDS, n=1)
            mend = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(COMMANDS)}"
            raise click.UsageError(f"no such command {cmd_name!r}; {mend}", ctx)
        found: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  as above
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _version(ctx: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"{NAME} {version(NAME)}")
        ctx.exit()


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version and stop."
)
def cli() -> None:
    """A local fake of SessionM, a forwarder from mParticle, and a proof of every documented limit between them."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code. Never a traceback: what goes wrong is one line on standard error."""
    for stream in (sys.stdout, sys.stderr):
        # A name from a batch may hold what the terminal's encoding has no bytes for.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        with cli.make_context(NAME, list(arguments)) as context:
            code = cli.invoke(context)
        sys.stdout.flush()
    except BrokenPipeError:
        return _hung_up()
    except Exception as error:  # noqa: BLE001  the last place where an error can become a sentence
        return _told(error)
    except KeyboardInterrupt:
        _say("interrupted")
        return INTERRUPTED
    return code if isinstance(code, int) else 0


def _told(error: Exception) -> int:
    if isinstance(error, click.exceptions.Exit):
        sys.stdout.flush()
        return error.exit_code
    if isinstance(error, click.Abort):
        _say("interrupted")
        return INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
        return UNUSABLE
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else NAME
        _say(f"{error.format_message().rstrip('.')} (see {path} --help)")
        return UNUSABLE
    if isinstance(error, click.ClickException):
        _say(error.format_message())
        return error.exit_code
    _say(str(error) if isinstance(error, _expected()) else _bug(error))
    return UNUSABLE


def _expected() -> tuple[type[Exception], ...]:
    """What our own floors raise for a file, a register or an address that cannot be used."""
    from contracts.register import RegisterError
    from contracts.serving import CannotListen
    from contracts.settings import SettingsError
    from scenarios.reports import ReportError

    return RegisterError, CannotListen, SettingsError, ReportError


def _bug(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "somewhere"
    return f"a bug of ours, {type(error).__name__} at {place}: {error}; please report it with the command line"


def _say(line: str) -> None:
    from scenarios.reports.visible import visible

    click.echo(f"{NAME}: {visible(' '.join(line.split()))}", err=True)


def _hung_up() -> int:
    # Python flushes standard output once more at exit; there is nobody left to read that.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
