"""`record`: from the command line to a file that can be read, and nothing of production or of credentials in it."""

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from contracts.interaction import Request
from contracts.serving import Server
from contracts.transport import HttpTransport
from mock_sessionm import create_app, default_tenant
from mock_sessionm.credentials import basic
from scenarios.cli import main
from scenarios.recordings.opening import entries
from scenarios.recordings.recorded import Bad, Recorded
from tests.commands import Running


class Recording(Running):
    """`record` before a server, on a free port."""

    def __init__(self, url: str, out: Path, *more: str) -> None:
        super().__init__("record", "--upstream", url, "--out", str(out), "--port", "0", *more)
        found = re.fullmatch(r"recording \S+ into \S+, at (http://127\.0\.0\.1:\d+)\n", self.first)
        assert found, self.first
        self.transport = HttpTransport(found[1])


def create(number: int) -> Request:
    tenant = default_tenant()
    headers = {"Authorization": basic(tenant.api_key, tenant.api_secret), "Content-Type": "application/json"}
    body = json.dumps({"user": {"external_id": str(number)}}).encode()
    return Request("POST", f"/priv/v1/apps/{tenant.api_key}/users", headers, body)


def test_what_passes_is_recorded_until_ctrl_c(tmp_path: Path) -> None:
    out = tmp_path / "it.har"
    with Server(create_app()) as fake, Recording(fake.url, out) as recording:
        assert [recording.transport.send(create(number)).status for number in range(3)] == [200, 200, 200]
        code, said, err = recording.end(signal.SIGINT)
    assert (code, err) == (0, "")
    assert said.splitlines()[-1] == f"recorded 3 interactions into {out}; masked 6 credentials"
    found = list(entries([str(out)]))
    targets = [one.interaction.request.target for one in found if isinstance(one, Recorded)]
    assert targets == ["/priv/v1/apps/{api_key}/users"] * 3
    written = out.read_text()
    assert not any(secret in written for secret in (default_tenant().api_key, default_tenant().api_secret))


def test_a_kill_leaves_what_was_answered(tmp_path: Path) -> None:
    out = tmp_path / "it.har"
    with Server(create_app()) as fake, Recording(fake.url, out, "--quiet") as recording:
        assert [recording.transport.send(create(number)).status for number in range(2)] == [200, 200]
        assert recording.end(signal.SIGKILL)[0] == -signal.SIGKILL
    *found, bad = entries([str(out)])
    assert len(found) == 2
    assert isinstance(bad, Bad)
    assert "cut short" in bad.why


def test_nothing_recorded_is_told_by_the_exit_code(tmp_path: Path) -> None:
    out = tmp_path / "it.har"
    with Server(create_app()) as fake, Recording(fake.url, out, "--quiet") as recording:
        code, said, _ = recording.end(signal.SIGTERM)
    assert (code, said) == (3, f"recorded 0 interactions into {out}; masked 0 credentials\n")
    assert json.loads(out.read_text())["log"]["entries"] == []


@pytest.mark.parametrize(
    ("upstream", "more", "said"),
    [
        ("https://api.sessionm.com", [], "may be production, which is not recorded; if it is to be, add --production"),
        (
            "https://api.sessionm.com",
            ["--production", "api.example.com"],
            "is not the host of --upstream, which is api",
        ),
        ("https://u:p@sandbox.example.com", [], "holds a user or a password; the client sends its own"),
        ("http://127.0.0.1:1/x?y", [], "is more than an address"),
        ("ftp://127.0.0.1", [], "expected an http or https address"),
        ("http://127.0.0.1:1", ["--out", "nowhere/it.har"], "nowhere/it.har: cannot be written: No such file"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_line(
    upstream: str, more: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["record", "--upstream", upstream, "--out", "it.har", "--port", "0", *more]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert not (tmp_path / "it.har").exists()


def test_a_recording_that_is_there_is_not_written_over(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "it.har"
    out.write_text('{"mpid": 1}')
    assert main(["record", "--upstream", "http://127.0.0.1:1", "--out", str(out), "--port", "0"]) == 2
    assert "holds something already; name another file, or add --overwrite" in capsys.readouterr().err
    assert out.read_text() == '{"mpid": 1}'


def test_an_address_that_cannot_be_had_leaves_no_file(tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "it.har"
    with Server(create_app()) as fake:
        taken = str(fake.port)
        assert main(["record", "--upstream", "http://127.0.0.1:1", "--out", str(out), "--port", taken]) == 2
        assert f"cannot listen on 127.0.0.1:{taken}" in capsys.readouterr().err
    assert not out.exists()
