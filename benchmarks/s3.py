"""Batches out of a bucket behind a real S3 API (moto), on one core: read and planned, and planned once read."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping

import orjson

from contracts.interaction import Request
from contracts.transport import HttpTransport
from forwarder import Batch, Connection, plan
from forwarder.sources.amazon import Amazon
from forwarder.sources.ndjson import Record
from forwarder.sources.progress import Progress
from forwarder.sources.s3 import Buckets

from .figure import CORE, Figure, rate
from .planning import DIFFERENT, batch

AIM = 8_000
OBJECTS, LINES, ROUNDS = 8, 2_000, 3
BUCKET = "mp-forwarding-bench"
MOTO = "from moto.server import main; main(['-H', '127.0.0.1', '-p', '0'])"
ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def figures() -> Iterator[Figure]:
    # In a process of its own: what S3 costs is not what reading costs.
    server = subprocess.Popen(
        [sys.executable, "-u", "-c", MOTO], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        url = _address(server)
        os.environ.update({**ENVIRONMENT, "AWS_ENDPOINT_URL": url})
        _fill(url)
        connection = Connection.default()
        read = statistics.median(_rate(connection) for _ in range(ROUNDS))
        yield Figure("s3: read + parse + plan", read, "batches/s", AIM, remark=f"{OBJECTS} objects of {LINES:,} lines")
        parsed = [Batch.read(line) for line in _lines()]
        turn = iter(parsed * (20_000 // DIFFERENT))
        planned = rate(lambda: plan(next(turn), connection), times=2_000)
        yield Figure("s3: plan, once read", planned, "batches/s", AIM)
    finally:
        server.terminate()
        server.wait()
        for stream in (server.stdout, server.stderr):
            if stream:
                stream.close()


def _rate(connection: Connection) -> float:
    """Batches a second of one core, from the listing of the bucket to the plans."""
    begun, count = CORE(), 0
    buckets = Buckets(Amazon, Progress(None, "bench"), connection.choices)
    for found in buckets.opened(f"s3://{BUCKET}"):
        if isinstance(found, Record):
            plan(found.batch, connection)
            count += 1
    assert count == OBJECTS * LINES  # noqa: S101  a benchmark of nothing would be fast
    return count / (CORE() - begun)


def _lines() -> list[bytes]:
    return [orjson.dumps(batch(number)) for number in range(DIFFERENT)]


def _fill(url: str) -> None:
    transport = HttpTransport(url)
    transport.send(Request("PUT", f"/{BUCKET}"))
    content = b"\n".join(_lines() * (LINES // DIFFERENT))
    for number in range(OBJECTS):
        transport.send(Request("PUT", f"/{BUCKET}/Shop_{number:020d}_{number:05d}.txt", {}, content))


def _address(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None  # noqa: S101  a pipe was asked for
    for line in server.stderr:
        if "http://" in line:
            return "http://" + line.partition("http://")[2].strip()
    raise RuntimeError("moto did not start")
