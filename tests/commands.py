"""Commands that keep running, each in a process of its own, on ports that are free."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any, Self

from contracts.interaction import Json, Request, Response
from contracts.transport import HttpTransport

PROGRAM = "import sys; from scenarios.cli import main; sys.exit(main(sys.argv[1:]))"


class Running:
    """One command; `first` is the first line that it printed."""

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-c", PROGRAM, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[1],
            env={"PATH": os.environ["PATH"]},
        )
        assert self._process.stdout is not None
        self.first = self._process.stdout.readline()
        assert self.first, self._process.communicate()

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and wait: exit code, the rest of standard output, standard error."""
        self._process.send_signal(number)
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out, err

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            # Shown by pytest where the test failed: what the command said is then the first question.
            sys.stderr.write(self.end(signal.SIGTERM)[2])
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()


class Listening(Running):
    """`forward --listen`; any Basic pair may send."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__("forward", "--listen", "0", "--spool", str(folder / "spool"), "--url", url)
        found = re.match(r"listening on (http://127\.0\.0\.1:\d+) ", self.first)
        assert found, self.first
        self.url = found[1]
        self._transport = HttpTransport(self.url)

    def post(self, *batches: bytes) -> Response:
        headers = {"Authorization": "Basic " + b64encode(b"a:b").decode(), "Content-Type": "application/json"}
        return self._transport.send(Request("POST", "/v2/bulkevents", headers, b"[" + b",".join(batches) + b"]"))


class Serving(Running):
    """`serve`, with its small tenant."""

    def __init__(self) -> None:
        super().__init__("serve", "--port", "0", "--json")
        self.announced: dict[str, Any] = json.loads(self.first)
        self.url: str = self.announced["url"]
        self._transport = HttpTransport(self.url)

    def ask(self, path: str) -> Json:
        """What the control API answers; the path stands below `/__admin`."""
        return self._transport.send(Request("GET", f"/__admin{path}")).json()

    def customer(self, name: str) -> Any:
        """Everything that the fake knows of a customer of its tenant; None where it knows nobody."""
        found = self.ask(f"/tenants/{self.announced['api_key']}/users/{name}")
        return found if isinstance(found, dict) and "user" in found else None
