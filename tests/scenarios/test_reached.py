"""What is at the address of a target is found out before anything is tried."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.serving import Server
from contracts.transport import WsgiTransport
from mock_sessionm import TenantSettings, create_app
from scenarios.given import Given
from scenarios.stranger import Stranger
from scenarios.target import Target, TargetError

URL = "http://target.example"
SETTINGS = TenantSettings(api_key="k", api_secret="s", events=("visit",))


def given(folder: Path) -> Given:
    file = folder / "tenant.toml"
    file.write_text('[core]\napi_key = "k"\napi_secret = "s"\n[events]\ndefined = ["visit"]\n')
    return Given.load(file, None, {})


def answering(status: str, kind: str, body: bytes) -> Any:
    """An app that answers everything in the same way."""

    def app(_environ: Any, start: Any) -> Iterable[bytes]:
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app


def without_control(app: Any, kind: str = "text/html") -> Any:
    """The same app behind something that lets nobody to its control API."""

    def behind(environ: Any, start: Any) -> Iterable[bytes]:
        inner = answering("404 Not Found", kind, b"<h1>no</h1>") if environ["PATH_INFO"].startswith("/__admin") else app
        found: Iterable[bytes] = inner(environ, start)
        return found

    return behind


def opened(app: Any, given: Given, url: str = URL) -> Any:
    return Target.open(url, given, seed=1, on_violation="reject", transport=WsgiTransport(app))


def test_a_fake_with_our_control_api_is_a_target(tmp_path: Path) -> None:
    assert isinstance(opened(create_app(SETTINGS), given(tmp_path)), Target)


@pytest.mark.parametrize("kind", ["text/html", "application/json", "text/plain"])
def test_a_sessionm_without_control_api_is_a_stranger(tmp_path: Path, kind: str) -> None:
    assert isinstance(opened(without_control(create_app(SETTINGS), kind), given(tmp_path)), Stranger)


def said(app: Any, given: Given) -> str:
    with pytest.raises(TargetError) as error:
        opened(app, given)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_nobody_at_the_address_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(TargetError) as error:
            Target.open(url, given(tmp_path), seed=1, on_violation="reject")
    assert str(error.value) == f"--target: {url} cannot be reached: connection refused; start it first"


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Oops"])
def test_pages_for_people_are_said_to_be_no_sessionm(tmp_path: Path, status: str) -> None:
    app = answering(status, "text/html; charset=utf-8", b"<html>welcome</html>")
    assert said(app, given(tmp_path)) == (f"--target: {URL} answers text/html, not JSON; is this SessionM's address?")


def test_pages_are_noticed_over_a_port_too(tmp_path: Path) -> None:
    with (
        Server(answering("200 OK", "text/html", b"<html>")) as server,
        pytest.raises(TargetError, match="answers text/html, not JSON"),
    ):
        Target.open(server.url, given(tmp_path), seed=1, on_violation="reject")


@pytest.mark.parametrize("body", [{"hello": "world"}, [], "x", {"name": "another", "version": "0.1"}, None])
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
def test_another_json_api_is_said_to_be_no_sessionm(tmp_path: Path, body: Any, status: str) -> None:
    told = said(answering(status, "application/json", orjson.dumps(body)), given(tmp_path))
    assert told.startswith(f"--target: {URL} answers ")
    assert told.endswith("is this SessionM's address?")


def test_what_calls_itself_json_and_is_none_is_no_sessionm(tmp_path: Path) -> None:
    assert "not JSON" in said(answering("200 OK", "application/json", b"{"), given(tmp_path))


@pytest.mark.parametrize("version", ["0.0.0", None, 7])
def test_another_version_of_the_fake_is_said(tmp_path: Path, version: Any) -> None:
    body = orjson.dumps({"name": "sessionm-harness", "version": version})
    told = said(answering("200 OK", "application/json", body), given(tmp_path))
    assert f"is of version {version}" in told
    assert "start the target with the same version" in told


def test_a_fake_that_breaks_off_in_the_middle_of_its_control_api_is_said(tmp_path: Path) -> None:
    whole = create_app(SETTINGS)
    page = answering("200 OK", "text/html", b"<html>")

    def half(environ: Any, start: Any) -> Iterable[bytes]:
        found: Iterable[bytes] = (whole if environ["PATH_INFO"].endswith("/version") else page)(environ, start)
        return found

    assert "/__admin/assumptions answers no JSON" in said(half, given(tmp_path))


def test_credentials_that_are_refused_are_said(tmp_path: Path) -> None:
    app = without_control(create_app(TenantSettings(api_key="other", api_secret="other")))
    told = said(app, given(tmp_path))
    assert told == f"--target: HTTP 401 for {URL}; give the credentials of its tenant with --tenant"


def test_a_slash_at_the_end_of_the_address_means_nothing(tmp_path: Path) -> None:
    with Server(create_app(SETTINGS)) as server:
        found = Target.open(f"{server.url}/", given(tmp_path), seed=1, on_violation="reject")
        assert isinstance(found, Target)
        assert found.url == server.url
