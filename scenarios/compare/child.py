"""A build that is tried: the process that it runs in, what it is given, and what it sends."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Self

from . import driver
from .builds import OURS, Build, SideError
from .explaining import Fates, fates
from .receiver import Names
from .sent import UNKNOWN, Sent, Spill

CHUNK = 1 << 16
AT_ONCE = 50
"""So many batches are handed over together."""
NOBODY = (UNKNOWN, UNKNOWN)
LEFT_OUT = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONPYCACHEPREFIX")
"""Variables that would lead a build to other packages than its own."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a build is tried, the same for all of them.

    connection  the file with its settings; None for those that it has for itself
    beside      folders in which modules that the settings name are found
    now         seconds since 1970
    receiver    the fake that it sends to, as `receiver.document` has it
    """

    connection: Path | None
    beside: Sequence[Path]
    destination: str
    choices: Mapping[str, str]
    now: float
    seed: int

    receiver: Mapping[str, Any]

    def to_json(self, folder: Path) -> dict[str, Any]:
        arguments = ["--quiet"]
        if self.connection is not None:
            arguments += ["--connection", str(self.connection)]
        if self.destination != "sessionm":
            arguments += ["--destination", self.destination]
        for name, choice in self.choices.items():
            arguments += ["--assume", f"{name}={choice}"]
        return {
            "folder": str(folder),
            "ours": str(OURS),
            "receiver": self.receiver,
            "arguments": arguments,
            "connection": None if self.connection is None else str(self.connection),
            "beside": [str(one) for one in self.beside],
            "destination": self.destination,
            "choices": dict(self.choices),
            "now": self.now,
            "seed": self.seed,
        }


class Child:
    """One build in its process. A context manager; `run` names what it sends in the spill."""

    def __init__(self, build: Build, setup: Setup, names: Names, spill: Spill, run: str, scratch: Path) -> None:
        self.run = run
        self._build = build
        self._setup = setup
        self._names = names
        self._spill = spill
        self._scratch = scratch
        self._batches: Iterator[tuple[int, int, bytes]] = iter(())
        self._ahead: deque[tuple[int, int]] = deque()
        self._now = NOBODY
        self._buffer = bytearray()
        self.ended = False

    def __enter__(self) -> Self:
        self._errors: IO[bytes] = tempfile.TemporaryFile(dir=self._scratch)
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        environment |= {
            "PYTHONPATH": str(self._build.folder),
            "PYTHONHASHSEED": str(self._setup.seed % 2**32),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._process = subprocess.Popen(  # noqa: S603  this interpreter, with a file of ours
            [sys.executable, "-P", driver.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd=self._scratch,
            bufsize=0,
        )
        self._spill.begin(self.run)
        self._batches = self._spill.bodies()
        self._tell(driver.MORE, self._setup.to_json(self._build.folder))
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    @property
    def stream(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101  a pipe was asked for
        return self._process.stdout

    def step(self) -> None:
        """Take what has come, and answer it. Raises `SideError` where the build cannot go on."""
        chunk = self.stream.read(CHUNK)
        if not chunk:
            raise self._failed("it ended early")
        self._buffer += chunk
        while (frame := self._frame()) is not None:
            self._heard(*frame)

    def explain(self, number: int) -> Fates | None:
        """What the build says of a batch, after its run; None where it cannot tell."""
        self._tell(driver.EXPLAIN, None, self._spill.batch(number)[1])
        while (frame := self._frame()) is None:
            chunk = self.stream.read(CHUNK)
            if not chunk:
                return None
            self._buffer += chunk
        return fates(frame[1]) or None

    # --- frames -------------------------------------------------------------------------------------------

    def _frame(self) -> tuple[bytes, Any, bytes] | None:
        size = driver.HEAD.size
        if len(self._buffer) < size:
            return None
        kind, text, body = driver.HEAD.unpack(self._buffer[:size])
        whole = size + text + body
        if len(self._buffer) < whole:
            return None
        said = json.loads(self._buffer[size : size + text])
        rest = bytes(self._buffer[size + text : whole])
        del self._buffer[:whole]
        return kind, said, rest

    def _tell(self, kind: bytes, said: Any = None, body: bytes = b"") -> None:
        text = json.dumps(said).encode()
        frame = driver.HEAD.pack(kind, len(text), len(body)) + text + body
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101  a pipe was asked for
        try:
            while frame:
                frame = frame[pipe.write(frame) or 0 :]
        except BrokenPipeError:
            raise self._failed("it ended early") from None

    def _heard(self, kind: bytes, said: Any, body: bytes) -> None:
        if kind == driver.REQUEST:
            self._request(said, body)
        elif kind == driver.MORE:
            several = list(islice(self._batches, AT_ONCE))
            self._ahead.extend((number, person) for number, person, _ in several)
            self._tell(driver.MORE, None, b"".join(body + b"\n" for _, _, body in several))
        elif kind == driver.NEXT:
            self._now = self._ahead.popleft() if self._ahead else NOBODY
        elif kind == driver.FAILED:
            raise SideError(f"{self._build.name}: {said}")
        elif kind == driver.ENDED:
            self.ended = True
            if self._ahead or next(self._batches, None) is not None or said not in {0, 1}:
                raise self._failed(f"it ended with exit code {said}")

    def _request(self, said: Any, body: bytes) -> None:
        method, target, headers, status, code = said
        named = tuple((name, self._names.header(name, text)) for name, text in headers)
        self._spill.add(self.run, Sent(*self._now, method, self._names.target(target), named, body, status, code))

    def _failed(self, why: str) -> SideError:
        """One line about a build that does not run, with the last that it said itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._errors.seek(0)
        said = [line.strip() for line in self._errors.read().decode("utf-8", "replace").splitlines() if line.strip()]
        last = said[-1].removeprefix("sessionm-harness: ") if said else "it said nothing"
        last = last.replace(str(self._build.folder), self._build.name).replace(str(self._scratch), "")
        return SideError(f"{self._build.name}: this forwarder does not run: {why}; its last line: {last}")


def together(children: Iterable[Child]) -> None:
    """Run builds side by side until each has sent everything. Raises `SideError`."""
    left = {child for child in children if not child.ended}
    with selectors.DefaultSelector() as waiting:
        for child in left:
            waiting.register(child.stream, selectors.EVENT_READ, child)
        while left:
            for ready, _ in waiting.select():
                child = ready.data
                child.step()
                if child.ended:
                    waiting.unregister(child.stream)
                    left.discard(child)
