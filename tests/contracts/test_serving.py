import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from contracts import Request
from contracts.serving import Bridge, CannotListen, Certificate, Server, UnusableCertificate
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


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Certificate:
    """A certificate for 127.0.0.1 that the authority signed, and its key."""
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    return tmp_path / "certificate.pem", tmp_path / "key.pem"


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


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


def over_tls(server: Server, trusting: ssl.SSLContext) -> tuple[bytes, bool]:
    """The same over TLS. The socket is read apart from it: Python's `ssl` tells a reset as a polite end."""
    came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
    spoken = trusting.wrap_bio(came, goes, server_hostname="127.0.0.1")

    def flush(connection: socket.socket) -> None:
        if goes.pending:
            connection.sendall(goes.read())

    def done(connection: socket.socket, step: Callable[[], object]) -> object:
        while True:
            try:
                return step()
            except ssl.SSLEOFError:
                return b""
            except ssl.SSLWantReadError:
                flush(connection)
                wired = connection.recv(65536)
                came.write(wired) if wired else came.write_eof()

    got = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        done(connection, spoken.do_handshake)
        done(connection, lambda: spoken.write(ASK))
        flush(connection)
        try:
            while not got.endswith(BODY) and isinstance(part := done(connection, spoken.read), bytes) and part:
                got += part
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


def test_with_a_certificate_the_server_speaks_https_and_says_so(files: Certificate, trusting: ssl.SSLContext) -> None:
    with Server(app(), certificate=files) as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        got, reset = over_tls(server, trusting)
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(b"\r\n\r\n" + BODY)
    assert not reset


def test_with_a_certificate_nobody_is_answered_in_plain_text(files: Certificate) -> None:
    with Server(app(), certificate=files) as server:
        got, _ = raw(server)
    assert b"HTTP" not in got
    assert BODY not in got


def test_the_app_is_told_whether_it_was_reached_over_https(files: Certificate, trusting: ssl.SSLContext) -> None:
    said: list[str] = []

    def answer(environment: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
        said.append(environment["wsgi.url_scheme"])
        return app()(environment, start_response)

    with Server(answer, certificate=files) as server:
        over_tls(server, trusting)
    with Server(answer) as server:
        raw(server)
    assert said == ["https", "http"]


def test_a_reset_is_a_reset_over_tls_before_a_byte_of_the_answer(files: Certificate, trusting: ssl.SSLContext) -> None:
    with Server(app(reset=True), certificate=files) as server:
        assert over_tls(server, trusting) == (b"", True)


def test_a_client_that_keeps_its_connection_does_not_hold_up_the_end(
    files: Certificate, trusting: ssl.SSLContext
) -> None:
    with Server(app(), certificate=files) as server:
        plain = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        connection = trusting.wrap_socket(plain, server_hostname="127.0.0.1")
        connection.sendall(ASK)
        got = b""
        while not got.endswith(BODY):
            got += connection.recv(65536)
        begun = time.monotonic()
    # A polite end would wait for two seconds, and leave the loop unclean.
    assert time.monotonic() - begun < 1.5
    connection.close()


@pytest.mark.parametrize("size", [0, 1, 999])
def test_a_truncated_answer_breaks_its_promise_over_tls(
    files: Certificate, trusting: ssl.SSLContext, size: int
) -> None:
    with Server(app(truncate=size), certificate=files) as server:
        got, _ = over_tls(server, trusting)
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == BODY[:size]
    assert f"content-length: {len(BODY)}".encode() in head.lower()


def test_a_delayed_answer_comes_whole_over_tls(files: Certificate, trusting: ssl.SSLContext) -> None:
    with Server(app(delay=0.01), certificate=files) as server:
        assert over_tls(server, trusting)[0].endswith(BODY)


def test_certificate_and_key_may_stand_in_one_file(
    files: Certificate, trusting: ssl.SSLContext, tmp_path: Path
) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(Path(file).read_bytes() for file in files))
    with Server(app(), certificate=(both, both)) as server:
        assert over_tls(server, trusting)[0].endswith(BODY)


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_cannot_be_read_is_one_line_that_says_which(files: Certificate, tmp_path: Path, which: int) -> None:
    called = ("certificate", "key")[which]
    for path, reason in ((tmp_path / "nowhere.pem", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(UnusableCertificate) as error:
            Server(app(), certificate=(path, files[1]) if which == 0 else (files[0], path))
        wanted = f"cannot serve https with the {called} {path}: {reason}; name a file that can be read"
        assert str(error.value) == wanted


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN CERTIFICATE-----\nhello\n-----END CERTIFICATE-----\n"])
def test_a_certificate_that_is_none_is_one_line(files: Certificate, tmp_path: Path, text: str) -> None:
    odd = tmp_path / "odd.pem"
    odd.write_text(text)
    with pytest.raises(UnusableCertificate, match=r"^cannot serve https with the certificate .+odd\.pem: it holds no"):
        Server(app(), certificate=(odd, files[1]))


@pytest.mark.parametrize("text", ["", "hello"])
def test_a_key_that_is_none_is_one_line(files: Certificate, tmp_path: Path, text: str) -> None:
    odd = tmp_path / "odd.pem"
    odd.write_text(text)
    with pytest.raises(UnusableCertificate, match=r"the key .+odd\.pem: it holds no PEM key without a password; "):
        Server(app(), certificate=(files[0], odd))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(files: Certificate, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form

    key = form.load_pem_private_key(Path(files[1]).read_bytes(), None)
    locked = tmp_path / "locked.pem"
    locked.write_bytes(
        key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.BestAvailableEncryption(b"geheim"))
    )
    with pytest.raises(UnusableCertificate, match=r"the key .+locked\.pem: it holds no PEM key without a password; "):
        Server(app(), certificate=(files[0], locked))


@pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
def test_a_key_of_another_certificate_is_one_line(
    authority: trustme.CA, files: Certificate, tmp_path: Path, kind: trustme.KeyType
) -> None:
    other = tmp_path / "other.pem"
    authority.issue_cert("127.0.0.1", key_type=kind).private_key_pem.write_to_path(other)
    with pytest.raises(UnusableCertificate) as error:
        Server(app(), certificate=(files[0], other))
    assert str(error.value) == (
        f"cannot serve https with the key {other}: it is not the one of the certificate {files[0]}; "
        "name the key that the certificate was made for"
    )
