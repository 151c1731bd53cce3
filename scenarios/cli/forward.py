"""`sessionm-harness forward`: batches from files, standard input, buckets or the Events API, on to the vendor."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import blake2b
from ipaddress import ip_address
from pathlib import Path

import click
import orjson

from contracts.serving import LOOPBACK, CannotListen, Server
from contracts.transport import HttpTransport
from forwarder import DESTINATIONS, Connection, Plan
from forwarder.delivery import Delivery
from forwarder.ingest import create_ingest
from forwarder.relay import Relay, Unreachable
from forwarder.sources.mixed import records
from forwarder.sources.ndjson import SourceError
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import Buckets, Store
from forwarder.spool import Spool, SpoolError
from forwarder.tally import Tally
from forwarder.worker import Pause, Worker
from scenarios.reports.visible import visible

from . import options
from .stop import BROKEN, INTERRUPTED, KEPT, UNTESTED, UNUSABLE, Stop

SPOOL = Path(".sessionm-harness/spool")


@click.command
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@options.connection
@options.towards
@click.option("--listen", metavar="HOST:PORT", help="Take mParticle's Events API instead; 8700 is 127.0.0.1:8700.")
@click.option(
    "--spool",
    type=options.FILE,
    default=SPOOL,
    show_default=True,
    metavar="DIR",
    help="What --listen took and did not deliver yet, and what was read out of buckets.",
)
@click.option(
    "--progress", type=options.FILE, metavar="FILE", help="What was read out of buckets; a file of --spool if absent."
)
@click.option("--from-start", is_flag=True, help="Read buckets from their start, whatever was read before.")
@click.option("--url", metavar="URL", help="Send here instead of to the host that the connection names.")
@options.assume
@click.option("--dry-run", is_flag=True, help="Send nothing; print for each batch what would be sent.")
@click.option("--quiet", is_flag=True, help="No summary.")
def command(
    *,
    sources: tuple[str, ...],
    connection: Path | None,
    destination: str,
    listen: str | None,
    spool: Path,
    progress: Path | None,
    from_start: bool,
    url: str | None,
    assume: Mapping[str, str],
    dry_run: bool,
    quiet: bool,
) -> int:
    """Forward batches to SessionM, or to another destination.

    SOURCE is a file or folder of NDJSON (one batch a line, gzip or not), a .json file with one batch or an
    array of them, - for standard input, or s3://bucket/prefix. A bucket is read on from where the last start came.
    """
    if bool(sources) == bool(listen):
        raise Stop(
            "forward takes either sources or --listen; name a file, a folder, s3://bucket or - for standard input"
        )
    if listen and dry_run:
        raise Stop("--dry-run reads sources; leave --listen out, and name a file, a folder or -")
    chosen = Connection.load(connection, assume, destination) if connection else Connection.default(assume, destination)
    if url is not None:
        chosen = replace(chosen, host_name=options.reachable(url, "--url"))
    missing = [] if dry_run else chosen.missing()
    if missing:
        raise Stop(f"{connection}: missing required setting {', '.join(missing)}")
    if chosen.host_name:
        options.reachable(chosen.host_name, f"{connection}: {DESTINATIONS[destination].host}")
    if listen:
        # What was taken for one vendor must not go to another after a restart.
        folder = spool if destination == next(iter(DESTINATIONS)) else spool / destination
        return _listen(chosen, listen, folder, quiet=quiet)
    return _over(sources, chosen, Remembered(progress, spool, from_start), dry_run=dry_run, quiet=quiet)


def _delivery(connection: Connection, sleep: Callable[[float], None]) -> Delivery:
    transport = HttpTransport(connection.host_name or "")
    return Delivery(transport, connection, clock=time.time, sleep=sleep, chance=random.Random())


def _say(line: str) -> None:
    # A name from a batch may hold what makes a terminal do things.
    click.echo(visible(line), err=True)


def _over(sources: Sequence[str], connection: Connection, remembered: Remembered, *, dry_run: bool, quiet: bool) -> int:
    """Forward what the sources hold; gives the exit code. Raises `Stop` where a source or the host fails."""
    stop: Stop | None = None
    tally = Tally()
    delivery = None if dry_run else _delivery(connection, time.sleep)
    relay = Relay(connection, delivery, tally, wall=time.time, say=_say, show=_show)
    with ExitStack() as opened:
        try:
            choices = connection.choices
            for found in records(
                sources,
                lambda: remembered.buckets(connection, opened, dry_run=dry_run),
                duplicate_keys=choices["duplicate-keys"],
            ):
                relay.take(found)
        except SourceError as error:
            stop = Stop(str(error), UNUSABLE)
        except Unreachable as error:
            stop = Stop(str(error), BROKEN)
    if (tally.batches or tally.objects) and not quiet:
        for line in tally.lines(sent=delivery is not None):
            click.echo(line, err=delivery is None)
    if stop:
        raise stop
    return _code(tally)


def _show(made: Plan) -> None:
    click.echo(orjson.dumps(made.to_json()))


def _code(tally: Tally) -> int:
    wrong = tally.bad or tally.objects["unread"]
    if not tally.batches and not (tally.objects["before"] and not wrong):
        if wrong:
            raise Stop("no record could be read", UNUSABLE)
        raise Stop("the sources hold no record", UNTESTED)
    return BROKEN if wrong or tally.refused or tally.unsettled else KEPT


@dataclass(frozen=True, slots=True)
class Remembered:
    """Where it is kept what was read out of buckets: in `file`, or else in the folder `spool`."""

    file: Path | None
    spool: Path
    from_start: bool

    def buckets(self, connection: Connection, opened: ExitStack, *, dry_run: bool) -> Buckets:
        """What reads buckets for a connection, until `opened` is closed. Raises `SourceError`."""
        host = connection.host_name or ""
        # Two accounts at one host get the same batches, each of them once.
        accounts = [connection.account] if connection.account else connection.platforms.values()
        receiver = "\n".join([host, *sorted({one.api_key for one in accounts if one})])
        whose = blake2b(receiver.encode(), digest_size=4).hexdigest()
        name = f"{connection.destination}-{whose}.progress"
        progress = Progress(
            self.file or self.spool / name,
            " ".join(filter(None, (connection.destination, host, whose))),
            writing=not dry_run,
        )
        opened.callback(progress.close)
        return Buckets(
            _amazon,
            progress,
            connection.choices,
            only=connection.settings.get("madconnect", {}).get("bucket"),
            from_start=self.from_start,
        )


def _amazon() -> Store:
    from forwarder.sources.amazon import Amazon

    return Amazon()


def _listen(connection: Connection, address: str, folder: Path, *, quiet: bool) -> int:
    """Take batches and deliver them until SIGTERM or SIGINT; gives the exit code."""
    host, port = _address(address, connection)
    stop = threading.Event()
    tally = Tally()
    try:
        with Spool(folder) as spool, _until_signal(stop) as came:
            delivery = _delivery(connection, Pause(stop))
            worker = Worker(spool, connection, delivery, stop=stop, clock=time.monotonic, say=_say, tally=tally)
            app = create_ingest(connection, worker.accept, clock=time.monotonic, say=_say, tally=tally)
            server = Server(app, host=host, port=port)
            try:
                with server:
                    _announce(server.url, connection, folder, len(spool.unsettled()))
                    worker.start()
                    stop.wait()
            finally:
                worker.stop()
            left = len(spool.unsettled())
    except (SpoolError, CannotListen) as error:
        raise Stop(str(error).replace("--port", "--listen")) from error
    if not quiet:
        for line in tally.lines():
            click.echo(line)
    if left:
        _say(f"in {folder}, for the next start: {left} batches")
    if signal.SIGINT in came:
        return INTERRUPTED
    return BROKEN if tally.refused else KEPT


@contextmanager
def _until_signal(stop: threading.Event) -> Iterator[list[int]]:
    """While it lasts, SIGTERM and SIGINT set `stop` and stand in the list."""
    came: list[int] = []

    def ending(number: int, _frame: object) -> None:
        came.append(number)
        stop.set()

    former = {number: signal.signal(number, ending) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield came
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _announce(url: str, connection: Connection, folder: Path, waiting: int) -> None:
    before = f"; in {folder} from before: {waiting}" if waiting else ""
    click.echo(f"listening on {url} (POST {url}/v2/events), forwarding to {connection.host_name}{before}")


def _address(address: str, connection: Connection) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or LOOPBACK
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise Stop(f"--listen {address}: expected HOST:PORT or PORT, such as 127.0.0.1:8700")
    if not _is_loopback(host) and not (connection.input_key and connection.input_secret):
        raise Stop(
            f"--listen {address}: missing required setting input.key, input.secret; "
            "without them only this machine may send, so listen on 127.0.0.1"
        )
    return host, int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
