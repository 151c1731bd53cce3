"""The input of somebody else's forwarder: batches are posted there as mParticle's SDKs would."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from contracts import Request
from contracts.serving import Server
from contracts.transport import HttpTransport, Lost
from forwarder import Connection

TIMEOUT = 30.0
PATIENCE = 60
"""So often a 429 of the forwarder is waited for."""
INPUT = ("harness", "harness")
"""The credentials of the input where the connection names none."""


class Unreachable(ValueError):
    """The forwarder cannot be asked; the text is one line."""


class Input:
    """The Events API of a forwarder at an address, which is to send to our fake."""

    def __init__(
        self, url: str, connection: Connection, fake: Server, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._way = HttpTransport(url.rstrip("/"), timeout=TIMEOUT)
        self._fake = fake
        self._sleep = sleep
        key, secret = connection.input_key or INPUT[0], connection.input_secret or INPUT[1]
        pair = b64encode(f"{key}:{secret}".encode()).decode("ascii")
        self._headers = {"Content-Type": "application/json", "Authorization": f"Basic {pair}"}

    def post(self, batch: Mapping[str, Any]) -> None:
        """One batch. Raises `Unreachable`."""
        request = Request("POST", "/v2/events", self._headers, as_json(batch))
        for _ in range(PATIENCE):
            try:
                answer = self._way.send(request)
            except Lost as lost:
                raise Unreachable(f"--forwarder: {lost}; start it first, and let it send to {self._fake.url}") from lost
            if answer.status != 429:
                break
            self._sleep(float(answer.headers.get("retry-after") or 1))
        if answer.status in {401, 403}:
            raise Unreachable(
                f"--forwarder: HTTP {answer.status} for {self._way.base_url}/v2/events; "
                "give its key and secret in [input] of --connection"
            )
        if answer.status == 404 or answer.status >= 500:
            raise Unreachable(f"--forwarder: HTTP {answer.status} for {self._way.base_url}/v2/events")


def as_json(batch: Mapping[str, Any]) -> bytes:
    """A batch as it goes out."""
    return json.dumps(batch, ensure_ascii=False).encode()
