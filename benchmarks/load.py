"""Load on a URL: `wrk` where it is installed, else a small generator of our own."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from contracts.interaction import Request

from .figure import CLOCK

CONNECTIONS = 16


class LoadFailed(RuntimeError):
    """Answers were not all 200; the text says what the generator counted."""


@dataclass(frozen=True, slots=True)
class Load:
    """A generator of load; `remark` says what must be known to read its figures."""

    name: str
    run: Callable[[str, Request, float], float]
    remark: str = ""


def load() -> Load:
    """The best generator of this machine: (url, request, seconds) -> requests answered a second, on 16 connections."""
    if shutil.which("wrk"):
        return Load("wrk -t1 -c16", _wrk)
    remark = "wrk is not installed; this one takes most of a core for itself, so only the ratios tell something"
    return Load("a Python generator", lambda url, request, seconds: asyncio.run(_python(url, request, seconds)), remark)


def _wrk(url: str, request: Request, seconds: float) -> float:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        headers = "".join(
            f"wrk.headers[ [==[{name}]==] ] = [==[{value}]==]\n" for name, value in request.headers.items()
        )
        script.write_text(f'wrk.method = "{request.method}"\nwrk.body = [==[{request.body.decode()}]==]\n{headers}')
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        said = subprocess.run(
            [*command, url + request.target], capture_output=True, text=True, check=True, timeout=seconds + 30
        ).stdout
    wrong = re.search(r"Non-2xx.*|Socket errors:.*", said)
    found = re.search(r"Requests/sec:\s*([\d.]+)", said)
    if wrong or not found:
        raise LoadFailed(wrong[0] if wrong else "wrk gave no figure")
    return float(found[1])


async def _python(url: str, request: Request, seconds: float) -> float:
    address = urlsplit(url)
    lines = [f"{request.method} {request.target} HTTP/1.1", f"Host: {address.netloc}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    lines += [f"Content-Length: {len(request.body)}", "", ""]
    message = "\r\n".join(lines).encode() + request.body
    begun = CLOCK()
    counts = await asyncio.gather(
        *(_connection(address.hostname or "", address.port or 80, message, begun + seconds) for _ in range(CONNECTIONS))
    )
    return sum(counts) / (CLOCK() - begun)


async def _connection(host: str, port: int, message: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while CLOCK() < until:
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise LoadFailed(head.partition(b"\r\n")[0].decode("latin-1"))
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if length:
            await reader.readexactly(int(length[1]))
        else:
            # Prism answers in one chunk, with its length in front and an empty chunk behind.
            await reader.readuntil(b"0\r\n\r\n")
        count += 1
    writer.close()
    return count
