"""Servers as processes of their own: started, waited for, stopped; ours, a floor, or somebody else's."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.interaction import Request, Response
from contracts.transport import HttpTransport, Lost

PATIENCE = 30.0
"""Seconds that a server may take to answer for the first time, or to stop."""


class DidNotStart(RuntimeError):
    """A server said nothing in time; the text names it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs, and the process that it is."""

    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Fake:
    """What `serve --json` announces about itself."""

    url: str
    api_key: str
    api_secret: str
    pid: int


@contextlib.contextmanager
def fake() -> Iterator[Fake]:
    """`sessionm-harness serve` on a free port, as anybody would start it."""
    command = [sys.executable, "-c", "import sys; from scenarios.cli import main; sys.exit(main())"]
    with _running([*command, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE) as process:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise DidNotStart("sessionm-harness serve ended before it announced itself")
        said = json.loads(line)
        yield Fake(said["url"], said["api_key"], said["api_secret"], process.pid)


@contextlib.contextmanager
def server(name: str, command: Sequence[str], port: int, probe: Request) -> Iterator[Running]:
    """A command that listens on a loopback port, ready when it answers `probe` with 200. Raises `DidNotStart`."""
    url = f"http://127.0.0.1:{port}"
    with _running(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + PATIENCE
        while not _answers(url, probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"{name} gave no answer within {PATIENCE:g} s")
            time.sleep(0.05)
        yield Running(url, process.pid)


def cpu_seconds(pid: int) -> float | None:
    """What a process and its threads have had of any core so far; None where the system does not say (not Linux)."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def ask(url: str, request: Request) -> Response:
    """One answer. Raises `Lost`."""
    return HttpTransport(url, timeout=5).send(request)


def free_port() -> int:
    """A port of the loopback interface that nobody had a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(url: str, request: Request) -> bool:
    try:
        return ask(url, request).status == 200
    except Lost:
        return False


@contextlib.contextmanager
def _running(command: Sequence[str], *, stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
