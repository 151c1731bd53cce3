import json
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from contracts.interaction import Request, Response
from contracts.transport import HttpTransport, WsgiTransport
from mock_sessionm import TenantSettings, create_app, world
from scenarios.cli import main
from scenarios.cli.serve import announcement, curls, welcome

ROOT = Path(__file__).parents[3]
URL = "http://127.0.0.1:8600"


@contextmanager
def served(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A `serve` process on a free port, and the first line that it printed."""
    program = "import sys; from scenarios.cli import main; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(  # noqa: S603  our own interpreter with our own text
        [sys.executable, "-c", program, "serve", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def stopped(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """What else it printed. A Ctrl-C in the very moment in which it begins to serve may be lost: then another comes."""
    for _ in range(20):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("it does not end")


def asked(line: str, settings: TenantSettings, app: object) -> Response:
    """What a curl line would be answered, put into the app with no socket."""
    words = shlex.split(line)
    assert words.pop(0) == "curl"
    headers, body, user = {}, b"", ""
    while len(words) > 1:
        match words.pop(0):
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0).encode()
            case "-u":
                user = words.pop(0)
            case flag:
                assert flag == "-sS"
    assert user == f"{settings.api_key}:{settings.api_secret}"
    from base64 import b64encode

    headers["Authorization"] = f"Basic {b64encode(user.encode()).decode()}"
    target = urlsplit(words[0]).path
    return WsgiTransport(app).send(Request("POST" if body else "GET", target, headers, body))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "settings",
    [
        None,
        TenantSettings(api_key="k e/y'%", api_secret="s\"e:c'r$(et)", events=('it\'s "new"',)),
        TenantSettings(
            events=("a",), users=({"user": {"external_id": "1001"}}, {"user": {"email": "ADA1002@example.com"}})
        ),
        TenantSettings(),
    ],
    ids=["embedded", "awkward", "taken", "no events"],
)
def test_the_three_curl_lines_work_as_pasted(settings: TenantSettings | None) -> None:
    app = create_app(settings)
    settings = world(app).settings
    lines = curls(URL, settings)
    created, sent, read = (asked(line, settings, app).json() for line in lines)
    assert isinstance(created, dict)
    assert isinstance(read, dict)
    assert isinstance(sent, dict)
    assert created["status"] == read["status"] == "ok"
    assert read["user"]["id"] == created["user"]["id"]
    assert sent["status"] == ("ok" if settings.events else "error")
    assert settings.events or any("the second line is refused" in line for line in welcome(URL, settings))


def test_people_are_told_address_credentials_and_how_to_stop() -> None:
    settings = TenantSettings(api_key="key-1", api_secret="secret-1")
    shown = "\n".join(welcome(URL, settings))
    for part in (URL, "key-1", "secret-1", "/__admin/", "Ctrl-C"):
        assert part in shown


def test_scripts_are_told_in_one_line_of_json() -> None:
    line = announcement(URL, TenantSettings(api_key="k", api_secret="s"))
    assert json.loads(line) == {"url": URL, "api_key": "k", "api_secret": "s", "admin": f"{URL}/__admin/"}
    assert "\n" not in line


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_served_fake_answers_and_ends_quietly_when_it_is_stopped(number: signal.Signals) -> None:
    with served("--json") as (process, line):
        told = json.loads(line)
        answer = HttpTransport(told["url"]).send(Request("GET", "/__admin/health"))
        assert answer.status == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_tenant_file_and_an_assumption_hold_in_the_served_fake(tmp_path: Path) -> None:
    (tmp_path / "tenant.toml").write_text('[core]\napi_key = "mine"\n[assumptions]\nvalidation-status = "400"\n')
    arguments = ("--json", "--tenant", str(tmp_path / "tenant.toml"), "--assume", "validation-status=422")
    with served(*arguments) as (_process, line):
        told = json.loads(line)
        assert told["api_key"] == "mine"
        from base64 import b64encode

        basic = b64encode(f"mine:{told['api_secret']}".encode()).decode()
        request = Request(
            "POST",
            "/priv/v1/apps/mine/users",
            {"Authorization": f"Basic {basic}", "Content-Type": "application/json"},
            b'{"user":{}}',
        )
        assert HttpTransport(told["url"]).send(request).status == 422


def test_a_port_in_use_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    shown = capsys.readouterr()
    assert f"cannot listen on 127.0.0.1:{port}" in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_a_wrong_tenant_file_is_one_line_that_names_line_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tenant.toml").write_text("[core]\napi_kee = 'x'\n")
    assert main(["serve", "--port", "0", "--tenant", str(tmp_path / "tenant.toml")]) == 2
    shown = capsys.readouterr().err
    assert "line 2" in shown
    assert "api_key" in shown
    assert shown.count("\n") == 1


def test_a_host_that_others_can_reach_gets_a_warning() -> None:
    with served("--json", "--host", "0.0.0.0") as (process, line):  # noqa: S104  that is what is warned of
        assert json.loads(line)["url"].startswith("http://")
        _out, err = stopped(process)
    assert "warning: 0.0.0.0 may be reached by other machines" in err


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> tuple[Path, Path]:
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return certificate, key


def test_a_fake_with_a_certificate_is_reached_over_https(authority: trustme.CA, files: tuple[Path, Path]) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with served("--json", "--certificate", str(files[0]), "--key", str(files[1])) as (process, line):
        told = json.loads(line)
        assert told["url"].startswith("https://127.0.0.1:")
        assert told["admin"].startswith("https://")
        with urllib.request.urlopen(f"{told['admin']}health", context=trusting) as answer:  # noqa: S310  https, see above
            assert answer.status == 200
        out, err = stopped(process)
        assert (process.returncode, out, err) == (0, "", "")


def test_the_curl_lines_of_an_https_fake_trust_its_certificate(files: tuple[Path, Path]) -> None:
    for line in curls("https://127.0.0.1:8600", TenantSettings(), files[0]):
        words = shlex.split(line)
        assert words[:4] == ["curl", "-sS", "--cacert", str(files[0])]
        assert words[-1].startswith("https://127.0.0.1:8600/")


@pytest.mark.parametrize(("given", "wanted"), [("--certificate", "--key"), ("--key", "--certificate")])
def test_a_certificate_without_its_key_is_one_line_that_names_the_other(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], given: str, wanted: str
) -> None:
    assert main(["serve", "--port", "0", given, str(files[0])]) == 2
    shown = capsys.readouterr()
    assert f"{given} without {wanted}: https takes both" in shown.err
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_files_that_do_not_belong_together_are_one_line_before_anything_is_served(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "missing.pem"
    for pair, reason in (
        ((files[0], files[0]), f"the key {files[0]}: it holds no PEM key without a password"),
        ((files[0], missing), f"the key {missing}: No such file or directory"),
        ((missing, files[1]), f"the certificate {missing}: No such file or directory"),
    ):
        assert main(["serve", "--port", "0", "--certificate", str(pair[0]), "--key", str(pair[1])]) == 2
        shown = capsys.readouterr()
        assert f"cannot serve https with {reason}" in shown.err
        assert shown.err.count("\n") == 1
        assert shown.out == ""
