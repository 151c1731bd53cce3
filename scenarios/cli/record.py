"""`sessionm-harness record`: a proxy on this machine that writes down what passes, without credentials."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from . import options
from .stop import KEPT, UNTESTED, Stop

PORT = 8601
EPILOG = """\b
Exit codes: 0 something was recorded; 2 usage, or a file that cannot be written; 3 nothing was recorded.
"""


@click.command(epilog=EPILOG)
@click.option("--upstream", required=True, metavar="URL", help="The server that everything is passed on to.")
@click.option("--out", required=True, type=options.FILE, metavar="FILE", help="The HAR file to write; .gz packs it.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, metavar="N", help="0 takes a free one."
)
@click.option("--production", metavar="HOST", help="The upstream's host once more: record although it is production.")
@click.option("--overwrite", is_flag=True, help="Write over a recording that is there.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the upstream may take for an answer.",
)
@options.quiet
def command(
    *, upstream: str, out: Path, port: int, production: str | None, overwrite: bool, timeout: float, quiet: bool
) -> int:
    """Record what passes between a client and a server, until Ctrl-C.

    The client asks http://127.0.0.1:8601 in place of the server, and gets the server's answers to the byte. Production
    is not recorded unless --production names it: neither a host that does not say it is for trying things, nor
    batches with `environment: production`, which are passed on and left out.
    """
    base = _upstream(upstream, production)
    if not overwrite and _holds_something(out):
        raise Stop(f"--out {out}: holds something already; name another file, or add --overwrite")
    from contracts.relaying import Relay
    from contracts.serving import Server
    from scenarios.recording_proxy import RecordingProxy
    from scenarios.recordings.recorded import RecordingError
    from scenarios.recordings.writing import HarWriter

    proxy = RecordingProxy(
        Relay(base, timeout),
        HarWriter(out),
        production=production is not None,
        told=_silent if quiet else click.echo,
        stop=lambda: signal.raise_signal(signal.SIGINT),
    )
    # The address comes first: where it cannot be had, no file is made.
    server = Server(proxy, port=port, asgi=True)
    try:
        _not_itself(base, server.port)
        with proxy.writer as writer:
            writer.flush()
            _serve(server, f"recording {base} into {out}, at {server.url}", quiet=quiet)
            proxy.close()
    except RecordingError as error:
        raise Stop(str(error)) from error
    finally:
        server.stop()
    if proxy.trouble is not None:
        raise Stop(str(proxy.trouble)) from proxy.trouble
    click.echo(_told(proxy, out))
    return KEPT if proxy.tally.recorded else UNTESTED


def _holds_something(out: Path) -> bool:
    """Whether a file is there that somebody may miss; a recording of nothing is none."""
    from scenarios.recordings.opening import entries
    from scenarios.recordings.recorded import RecordingError

    try:
        return out.exists() and out.stat().st_size > 0 and next(entries([str(out)]), None) is not None
    except (RecordingError, OSError):
        return True


def _upstream(upstream: str, production: str | None) -> str:
    """The address without what follows its path. Raises `Stop` where it is production and that was not said."""
    from scenarios.recording_proxy import is_for_trying

    parts = urlsplit(options.reachable(upstream, "--upstream"))
    name = str(parts.hostname)
    if "@" in parts.netloc:
        raise Stop(f"--upstream {name}: holds a user or a password; the client sends its own")
    if parts.query or parts.fragment:
        raise Stop(f"--upstream {name}: is more than an address; leave out what follows the path")
    if production is not None and production.lower() != name:
        raise Stop(f"--production {production}: is not the host of --upstream, which is {name}")
    if production is None and not options.is_loopback(name) and not is_for_trying(name):
        raise Stop(
            f"--upstream {name}: may be production, which is not recorded; if it is to be, add --production {name}"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _not_itself(base: str, port: int) -> None:
    parts = urlsplit(base)
    if options.is_loopback(str(parts.hostname)) and parts.port == port:
        raise Stop(f"--upstream {base}: is where this recording listens; choose another --port")


def _serve(server: Any, line: str, *, quiet: bool) -> None:
    try:
        signal.signal(signal.SIGTERM, _stopped)
        # The socket listens already: who reads the address and is quick waits, and is not turned away.
        click.echo(line)
        if not quiet:
            click.echo("Credentials are masked as they are written. Ctrl-C stops it.")
        server.run()
    except KeyboardInterrupt:
        pass


def _told(proxy: Any, out: Path) -> str:
    tally, masked = proxy.tally, proxy.writer.masker.count
    parts = [f"recorded {_many(tally.recorded, 'interaction')} into {out}", f"masked {_many(masked, 'credential')}"]
    if tally.production:
        parts.append(f"left out {_many(tally.production, 'request')} with batches of production (--production)")
    if tally.unusable:
        parts.append(f"left out {_many(tally.unusable, 'request')} that a HAR file cannot hold")
    return "; ".join(parts)


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _silent(_line: str) -> None:
    pass


def _stopped(_signal: int, _frame: Any) -> None:
    raise KeyboardInterrupt
