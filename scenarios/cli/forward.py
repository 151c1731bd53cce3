"""`sessionm-harness forward`: batches from files, standard input or the Events API, on to SessionM."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
import orjson

from contracts.serving import LOOPBACK, CannotListen, Server
from contracts.transport import HttpTransport
from forwarder import Connection, plan
from forwarder.delivery import Delivered, Delivery
from forwarder.ingest import create_ingest
from forwarder.sources.ndjson import BadRecord, Record, Skipped, SourceError, records
from forwarder.spool import Spool, SpoolError
from forwarder.tally import Tally, sentence
from forwarder.worker import Pause, Worker
from scenarios.reports.visible import visible

from . import options
from .stop import BROKEN, INTERRUPTED, KEPT, UNTESTED, UNUSABLE, Stop

SPOOL = Path(".sessionm-harness/spool")


@click.command
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@options.connection
@click.option("--listen", metavar="HOST:PORT", help="Take mParticle's Events API instead; 8700 is 127.0.0.1:8700.")
@click.option("--spool", type=options.FILE, default=SPOOL, show_default=True, metavar="DIR", help="For --listen.")
@click.option("--url", metavar="URL", help="Send here instead of to configuration.host_name.")
@options.assume
@click.option("--dry-run", is_flag=True, help="Send nothing; print for each batch what would be sent.")
@click.option("--quiet", is_flag=True, help="No summary.")
def command(
    *,
    sources: tuple[str, ...],
    connection: Path | None,
    listen: str | None,
    spool: Path,
    url: str | None,
    assume: Mapping[str, str],
    dry_run: bool,
    quiet: bool,
) -> int:
    """Forward batches to SessionM.

    SOURCE is a file or folder of NDJSON (one batch a line, gzip or not), a .json file with one batch or an
    array of them, or - for standard input.
    """
    if bool(sources) == bool(listen):
        raise Stop("forward takes either sources or --listen; name a file, a folder, or - for standard input")
    if listen and dry_run:
        raise Stop("--dry-run reads sources; leave --listen out, and name a file, a folder or -")
    chosen = Connection.load(connection, assume) if connection else Connection.default(assume)
    if url is not None:
        chosen = replace(chosen, host_name=options.reachable(url, "--url"))
    missing = [] if dry_run else chosen.missing()
    if missing:
        raise Stop(f"{connection}: missing required setting {', '.join(missing)}")
    if chosen.host_name:
        options.reachable(chosen.host_name, f"{connection}: configuration.host_name")
    if listen:
        return _listen(chosen, listen, spool, quiet=quiet)
    return _Run(chosen, dry_run=dry_run, quiet=quiet).over(sources)


def _delivery(connection: Connection, sleep: Callable[[float], None]) -> Delivery:
    transport = HttpTransport(connection.host_name or "")
    return Delivery(transport, connection, clock=time.time, sleep=sleep, chance=random.Random())


def _say(line: str) -> None:
    # A name from a batch may hold what makes a terminal do things.
    click.echo(visible(line), err=True)


class _Unreachable(Exception):
    """The host gave no answer at all."""


class _Run:
    """One run over sources: their batches, one after another."""

    def __init__(self, connection: Connection, *, dry_run: bool, quiet: bool) -> None:
        self._connection = connection
        self._delivery = None if dry_run else _delivery(connection, time.sleep)
        self._quiet = quiet
        self._tally = Tally()
        self._held: set[str] = set()

    def over(self, sources: Sequence[str]) -> int:
        """Forward everything; gives the exit code. Raises `Stop` where a source or the host fails."""
        stop: Stop | None = None
        duplicate_keys = self._connection.choices["duplicate-keys"]
        try:
            for found in records(sources, duplicate_keys=duplicate_keys):
                self._one(found)
        except SourceError as error:
            stop = Stop(str(error), UNUSABLE)
        except _Unreachable as error:
            stop = Stop(str(error), BROKEN)
        if self._tally.batches and not self._quiet:
            for line in self._tally.lines(sent=self._delivery is not None):
                click.echo(line, err=self._delivery is None)
        if stop:
            raise stop
        return self._code()

    def _one(self, found: Record | BadRecord | Skipped) -> None:
        match found:
            case Skipped(source, why):
                _say(f"{source}: skipped: {why}")
            case BadRecord():
                self._tally.bad += 1
                _say(str(found))
            case Record():
                self._forward(found)

    def _forward(self, record: Record) -> None:
        made = plan(record.batch, self._connection, now=time.time())
        self._tally.planned(made)
        where = f"{record.source}:{record.line}"
        if self._delivery is None:
            click.echo(orjson.dumps(made.to_json()))
            return
        if any(request.lane in self._held for request in made.requests):
            self._tally.unsettled += len(made.requests)
            _say(f"{where}: not sent: an earlier batch of its user did not arrive")
            return
        for outcome in self._delivery.outcomes(made):
            self._tally.settled(outcome)
            if outcome.verdict == "delivered":
                continue
            if outcome.code == "lost":
                raise _Unreachable(f"{outcome.why}; stopped at {where}, and what follows was not sent")
            self._hold(made.requests, outcome)
            _say(sentence(where, made, outcome))

    def _hold(self, requests: Sequence[Any], outcome: Delivered) -> None:
        if outcome.verdict == "exhausted":
            self._held.update(request.lane for request in requests if request.key == outcome.key)

    def _code(self) -> int:
        tally = self._tally
        if not tally.batches:
            if tally.bad:
                raise Stop("no record could be read", UNUSABLE)
            raise Stop("the sources hold no record", UNTESTED)
        return BROKEN if tally.bad or tally.refused or tally.unsettled else KEPT


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
