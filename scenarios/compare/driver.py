"""A build on trial, in a process of its own: fed with batches, and every request of its answered by the fake and told.

This file runs as a script, with the packages of the build before all others. The build is started by its command
line, `forward -`. Batches come to its standard input one at a time: when it asks for the next one it is done with the
one before. What it sends with `requests` goes to a fake in this process, the one of whoever compares, and never
further; its sleep moves the clock. Where a build has no command line, its Python names are called.

The build and the fake are two builds with packages of the same names: only one of them is to be seen at a time.

Both sides speak in frames: a letter, the length of a JSON text and of a body (4 bytes each), the two.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import json
import os
import random
import struct
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

HEAD = struct.Struct(">cII")
MORE, NEXT, REQUEST, ENDED, EXPLAIN, FAILED = b"M", b"N", b"R", b"E", b"X", b"F"
PACKAGES = frozenset({"contracts", "forwarder", "mock_sessionm", "scenarios"})


class Door:
    """The way to whoever started this process; one conversation at a time."""

    def __init__(self) -> None:
        # What the build prints must not get between the frames.
        self._in = os.fdopen(os.dup(0), "rb")
        self._out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
        os.dup2(2, 1)

    def tell(self, kind: bytes, said: Any = None, body: bytes = b"") -> None:
        """Write a frame; it goes out when there are many, or when somebody waits for an answer."""
        text = json.dumps(said).encode()
        self._out.write(HEAD.pack(kind, len(text), len(body)) + text + body)

    def end(self, kind: bytes, said: Any = None) -> None:
        """Write a frame, and let everything out."""
        self.tell(kind, said)
        self._out.flush()

    def heard(self) -> tuple[bytes, Any, bytes]:
        """The next frame. Raises `EOFError` where there is nobody any more."""
        head = self._in.read(HEAD.size)
        if len(head) < HEAD.size:
            raise EOFError
        kind, text, body = HEAD.unpack(head)
        return kind, json.loads(self._in.read(text)), self._in.read(body)

    def ask(self, kind: bytes) -> bytes:
        self.end(kind)
        return self.heard()[2]


class Batches(io.RawIOBase):
    """Standard input, one batch a line, each begun when the one before is used up. They are fetched in dozens."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self._door = door
        self._ready: deque[bytes] = deque()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            if not self._ready:
                self._ready.extend(self._door.ask(MORE).splitlines(keepends=True))
            self._left = self._ready.popleft() if self._ready else b""
            self._door.tell(NEXT)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


class Clock:
    """The same time in every build: it stands still, and goes on where somebody sleeps."""

    def __init__(self, now: float, fake: Fake) -> None:
        self._now = now
        self._fake = fake

    def time(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        self._fake.receiver.clock.advance(seconds)


class Fake:
    """The fake of whoever compares, apart from the packages of the build."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._apart = setup["ours"] != setup["folder"]
        self._lock = threading.Lock()
        self._mine: dict[str, Any] = {}
        self._theirs: dict[str, Any] = {}
        if self._apart:
            self._theirs = _taken_out()
        sys.path.insert(0, setup["ours"])
        receiver = importlib.import_module("scenarios.compare.receiver")
        self.trouble = receiver.trouble
        self.request = importlib.import_module("contracts").Request
        self.receiver = receiver.Receiver.of(setup["receiver"])
        sys.path.remove(setup["ours"])
        if self._apart:
            self._mine = _taken_out()
            sys.modules.update(self._theirs)
            importlib.invalidate_caches()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[Any, str]:
        """The answer, None for none; and the vendor's word for what is wrong."""
        with self._lock:
            if self._apart:
                # What the fake imports as it goes must be its own.
                self._theirs = _taken_out()
                sys.modules.update(self._mine)
            try:
                answer = self.receiver.answer(self.request(method, target, headers, body))
                return answer, self.trouble(answer)
            finally:
                if self._apart:
                    self._mine = _taken_out()
                    sys.modules.update(self._theirs)


def _taken_out() -> dict[str, Any]:
    """Every module of the packages that there are two of, taken out of what Python knows."""
    names = [name for name in sys.modules if name.partition(".")[0] in PACKAGES]
    return {name: sys.modules.pop(name) for name in names}


def catch(door: Door, fake: Fake) -> None:
    """Let nothing that is sent with `requests` go further than to the fake."""
    import requests
    from requests.adapters import HTTPAdapter
    from requests.structures import CaseInsensitiveDict

    def send(_adapter: Any, request: Any, *_rest: Any, **_more: Any) -> requests.Response:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b"".join(body)
        target = "/" + request.url.split("://", 1)[-1].partition("/")[2]
        headers = {_text(name): _text(value) for name, value in request.headers.items()}
        answer, code = fake.answer(request.method, target, headers, body)
        status = None if answer is None else answer.status
        door.tell(REQUEST, [request.method, target, list(headers.items()), status, code], body)
        if answer is None:
            raise requests.ConnectionError("connection reset by peer", request=request)
        made = requests.Response()
        made.status_code = answer.status
        made.headers = CaseInsensitiveDict(answer.headers)
        made._content = answer.body  # noqa: SLF001  requests has no other way to make an answer
        made.url = request.url
        made.request = request
        made.encoding = "utf-8"
        return made

    HTTPAdapter.send = send  # type: ignore[method-assign, assignment]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def forward(setup: dict[str, Any]) -> int:
    """Send on what comes, as the build does it; its exit code."""
    if _own("scenarios.cli", setup["folder"]):
        from scenarios.cli import main

        return int(main(["forward", "-", *setup["arguments"]]) or 0)
    from contracts.transport import HttpTransport
    from forwarder import Batch, Delivery, plan

    connection = _connection(setup)
    delivery = Delivery(
        HttpTransport(connection.host_name), connection, clock=time.time, sleep=time.sleep, chance=random.Random(0)
    )
    for line in sys.stdin.buffer:
        delivery.deliver(plan(Batch.read(line), connection))
    return 0


def _connection(setup: dict[str, Any]) -> Any:
    from forwarder import Connection

    path, more = (
        setup["connection"],
        {"destination": setup["destination"]} if setup["destination"] != "sessionm" else {},
    )
    if path is None:
        return Connection.default(setup["choices"], **more)
    return Connection.load(Path(path), setup["choices"], **more)


def _own(name: str, folder: str) -> bool:
    """Whether the build has a package of its own by this name."""
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        return False
    return found is not None and str(found.origin).startswith(folder)


def explain(door: Door, setup: dict[str, Any]) -> None:
    """Say of any batch what becomes of its points, for as long as somebody asks."""
    connection: Any = None
    while True:
        try:
            _, _, line = door.heard()
        except EOFError:
            return
        try:
            from forwarder import Batch, plan

            connection = connection or _connection(setup)
            told = plan(Batch.read(line), connection).to_json()
            door.end(EXPLAIN, {"fates": told["fates"]})
        except Exception:  # noqa: BLE001  the build may do anything; then nobody can tell
            door.end(EXPLAIN)


def main() -> None:
    door = Door()
    _, setup, _ = door.heard()
    if not _own("forwarder", setup["folder"]):
        door.end(FAILED, "it has no package `forwarder`")
        return
    importlib.import_module("forwarder")  # one that does not start need not wait for the fake
    fake = Fake(setup)
    random.seed(setup["seed"])
    clock = Clock(setup["now"], fake)
    time.time = clock.time
    time.sleep = clock.sleep  # type: ignore[assignment]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(Batches(door)))
    sys.path.extend(setup["beside"])  # behind the build, which must not be found there
    catch(door, fake)
    code = forward(setup)
    sys.stderr.flush()
    door.end(ENDED, code)
    explain(door, setup)


if __name__ == "__main__":
    main()
