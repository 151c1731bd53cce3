"""A relay passes on to the byte, keeps its connections, and says in one line when no answer came."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from contracts.relaying import Passed, Relay, passed_on
from contracts.serving import Server
from contracts.transport import Lost, TimedOut


def whole(connection: socket.socket) -> bytes:
    """One request with all of its body, which may come in several parts; nothing where the connection is closed."""
    raw = b""
    while part := connection.recv(65536):
        raw += part
        head, end, body = raw.partition(b"\r\n\r\n")
        sized = re.search(rb"(?i)content-length: *(\d+)", head)
        if end and len(body) >= (int(sized[1]) if sized else 0):
            break
    return raw


@contextmanager
def scripted(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes one request for each answer, and closes a connection after an empty one, or the last."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            waiting = list(answers)
            while waiting:
                with listening.accept()[0] as connection:
                    while waiting and (raw := whole(connection)):
                        heard.append(raw)
                        answer = waiting.pop(0)
                        connection.sendall(answer)
                        if not answer:
                            break

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heard
        thread.join(5)


OK = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 2\r\n\r\n{}"


def test_what_is_sent_is_what_was_asked_and_nothing_is_added() -> None:
    with scripted(OK) as (url, heard), Relay(url) as relay:
        asked = [("accept", "*/*"), ("x-a", "1"), ("x-a", "2"), ("host", "elsewhere"), ("connection", "close")]
        passed = relay.send("GET", "/a%2fb?c=%20d|e", asked, b"")
    host = url.removeprefix("http://").encode()
    assert heard == [b"GET /a%2fb?c=%20d|e HTTP/1.1\r\nHost: " + host + b"\r\naccept: */*\r\nx-a: 1\r\nx-a: 2\r\n\r\n"]
    assert passed == Passed(200, [("Set-Cookie", "a=1"), ("set-cookie", "b=2"), ("Content-Length", "2")], b"{}")


def test_a_connection_is_kept_and_a_closed_one_is_opened_again_where_that_is_safe() -> None:
    with scripted(OK, OK, b"", OK) as (url, heard), Relay(url) as relay:
        for _ in range(3):
            assert relay.send("GET", "/", [], b"").status == 200
    assert len(heard) == 4
    with scripted(OK, b"") as (url, _), Relay(url) as relay:
        relay.send("POST", "/", [], b"x")
        with pytest.raises(Lost, match=f"no answer from {url}: "):
            relay.send("POST", "/", [], b"x")


def test_chunks_are_joined_and_headers_of_one_connection_stay_with_it() -> None:
    answer = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n3\r\n{"a\r\n5\r\n": 1}\r\n0\r\n\r\n'
    with scripted(answer) as (url, _), Relay(url) as relay:
        passed = relay.send("GET", "/", [], b"")
    assert passed.body == b'{"a": 1}'
    assert passed_on(passed.headers) == [("A", "b")]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"nonsense\r\n\r\n", "what came is no whole answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", r"what came is no whole answer \(IncompleteRead\)"),
        (b"", "the connection was closed without one"),
    ],
)
def test_an_answer_that_is_none_is_told_in_one_line(answer: bytes, why: str) -> None:
    with scripted(answer) as (url, _), pytest.raises(Lost, match=why) as caught:
        Relay(url).send("GET", "/", [], b"")
    assert "\n" not in str(caught.value)


def test_who_does_not_answer_in_time_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(TimedOut, match=r"no answer within 0\.1 s"):
            Relay(url, 0.1).send("GET", "/", [], b"")


def test_https_is_held_against_authorities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = trustme.CA()
    pair = authority.issue_cert("127.0.0.1")
    pair.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    pair.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"{}"]

    with Server(app, certificate=(tmp_path / "cert.pem", tmp_path / "key.pem")) as server:
        with pytest.raises(Lost, match="CERTIFICATE_VERIFY_FAILED"):
            Relay(server.url).send("GET", "/", [], b"")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        relay = Relay(server.url)
        assert relay.send("GET", "/", [], b"").body == b"{}"
        relay.close()
