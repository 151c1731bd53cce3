import asyncio
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from contracts import Request
from contracts.serving import Bridge, CannotListen, Server
from contracts.transport import WIRE, HttpTransport, Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY = b"0123456789" * 100
ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def app(**trouble: Any) -> Callable[..., list[bytes]]:
    """Answers `BODY`, and asks for trouble on the way."""

    def answer(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        wire: Wire = environment[WIRE]
        for name, value in trouble.items():
            setattr(wire, name, value)
        start_response("200 OK", [("Content-Length", str(len(BODY)))])
        return [BODY]

    return answer


def raw(server: Server) -> tuple[bytes, bool]:
    """Everything that comes over a plain socket, and whether the connection ended in a reset."""
    got = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(ASK)
        try:
            while part := connection.recv(65536):
                got += part
                if got.endswith(BODY):
                    break
        except ConnectionResetError:
            return got, True
    return got, False


def test_port_0_takes_a_free_port_and_url_says_which() -> None:
    with Server(app()) as one, Server(app()) as other:
        assert one.port != other.port
        assert one.url == f"http://127.0.0.1:{one.port}"
        assert HttpTransport(one.url).send(Request("GET", "/")).body == BODY


def test_an_ipv6_address_stands_in_brackets() -> None:
    try:
        server = Server(app(), host="::1")
    except CannotListen:
        pytest.skip("this machine has no IPv6")
    with server:
        assert server.url == f"http://[::1]:{server.port}"
        assert HttpTransport(server.url).send(Request("GET", "/")).status == 200


def test_a_port_in_use_is_one_line_before_anything_starts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen) as error:
            Server(app(), port=port)
    assert str(error.value) == f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another --port"


@pytest.mark.parametrize(
    ("host", "port", "mend"),
    [
        ("127.0.0.1", 65536, "choose another --port"),
        ("no.such.host.invalid", 0, "choose an address of this machine"),
        ("192.0.2.1", 0, "choose an address of this machine"),
    ],
)
def test_an_address_that_cannot_be_had_is_one_line_with_its_mend(host: str, port: int, mend: str) -> None:
    with pytest.raises(CannotListen, match=rf"^cannot listen on {host}:{port}: .+; {mend}$"):
        Server(app(), host=host, port=port)


def test_a_port_is_free_again_when_the_server_has_stopped() -> None:
    with Server(app()) as server:
        port = server.port
    with Server(app(), port=port) as again:
        assert again.port == port


def test_a_server_that_was_never_started_can_be_stopped() -> None:
    Server(app()).stop()


def test_an_untroubled_answer_comes_whole_over_a_real_socket() -> None:
    with Server(app()) as server:
        got, reset = raw(server)
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(b"\r\n\r\n" + BODY)
    assert not reset


def test_a_reset_reaches_a_real_socket_as_a_reset_before_a_byte_of_the_answer() -> None:
    with Server(app(reset=True)) as server:
        got, reset = raw(server)
    assert got == b""
    assert reset


@pytest.mark.parametrize("size", [0, 1, 999])
def test_a_truncated_answer_promises_more_bytes_than_it_brings(size: int) -> None:
    with Server(app(truncate=size)) as server:
        got, _ = raw(server)
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == BODY[:size]
    assert f"content-length: {len(BODY)}".encode() in head.lower()


def test_a_server_outlives_the_trouble_that_it_made() -> None:
    wanted: list[dict[str, Any]] = [{"reset": True}, {"truncate": 3}, {}]

    def answer(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        return app(**wanted.pop(0))(environment, start_response)

    with Server(answer) as server:
        assert [len(raw(server)[0].rpartition(b"\r\n\r\n")[2]) for _ in range(3)] == [0, 3, len(BODY)]


def test_the_answer_does_not_name_the_server() -> None:
    with Server(app()) as server:
        assert "server" not in HttpTransport(server.url).send(Request("GET", "/")).headers


def test_the_bridge_asks_nothing_of_an_app_whose_sender_went_away() -> None:
    asked: list[str] = []

    def answer(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        asked.append(environment["PATH_INFO"])
        start_response("200 OK", [])
        return []

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_message: dict[str, Any]) -> None:
        raise AssertionError("there is nobody to answer")

    scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": []}
    asyncio.run(Bridge(answer)(scope, gone, send))
    asyncio.run(Bridge(answer)({"type": "websocket"}, gone, send))
    assert asked == []
