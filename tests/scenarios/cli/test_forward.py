from __future__ import annotations

import gzip
import io
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.interaction import Response
from contracts.serving import Server
from scenarios.cli import forward as forwarding
from scenarios.cli import main
from scenarios.cli.forward import _address
from scenarios.cli.stop import Stop
from tests.commands import Listening
from tests.forwarder.vendor import Vendor, batch, connection, error, until


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(path: Path, *batches: bytes) -> str:
    path.write_bytes(b"\n".join(batches) + b"\n")
    return str(path)


def test_a_file_is_forwarded_and_summed_up(
    folder: Path, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = lines(folder / "a.txt", batch(7, "a", "b", user_attributes={"x y": 1}), batch(8))
    assert main(["forward", source, "--url", url]) == 0
    assert vendor.events == [("7", "a"), ("7", "b")]
    assert vendor.users["7"]["user_profile"] == {"x_y": "1"}
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "batches      2",
        "requests     4: delivered 4, refused 0",
        "data points  7: sent 7",
    ]
    assert said.err == ""


def test_folders_gzip_and_several_sources_are_read_in_order(folder: Path, vendor: Vendor, url: str) -> None:
    (folder / "bucket").mkdir()
    (folder / "bucket" / "a.txt").write_bytes(gzip.compress(batch(1, "a")))
    (folder / "bucket" / "mParticle_Bucket_Verification_1.txt").write_bytes(b"{}")
    last = lines(folder / "b.json", b"[%b, %b]" % (batch(2, "b"), batch(3, "c")))
    assert main(["forward", "bucket", last, "--url", url, "--quiet"]) == 0
    assert [name for _, name in vendor.events] == ["a", "b", "c"]


def test_standard_input_is_a_source(
    vendor: Vendor, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(batch(7, "a"))))
    assert main(["forward", "-", "--url", url, "--quiet"]) == 0
    assert vendor.events == [("7", "a")]
    assert capsys.readouterr().out == ""


def test_bad_records_are_told_one_a_line_the_others_go_and_the_code_is_1(
    folder: Path, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = lines(folder / "a.txt", batch(7, "a"), b'{"events":7}', batch(8, "b")[:-9], batch(9, "c"))
    assert main(["forward", source, "--url", url]) == 1
    assert [name for _, name in vendor.events] == ["a", "c"]
    said = capsys.readouterr()
    first, second = said.err.splitlines()
    assert first == f"{source}:2 /events: integer, must be array or null"
    assert second.startswith(f"{source}:3: not JSON")
    assert said.out.splitlines()[0] == "batches      2, and 2 bad"


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", 3, "the sources hold no record"),
        (b"\n\n", 3, "the sources hold no record"),
        (b"hello\n", 2, "no record could be read"),
    ],
)
def test_a_source_without_a_good_record_says_so(
    folder: Path, content: bytes, code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.txt").write_bytes(content)
    assert main(["forward", "a.txt"]) == code
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_refused_requests_are_told_without_values_and_the_code_is_1(
    folder: Path, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor.trouble = [None, None, error("validation")]
    source = lines(folder / "a.txt", batch(7, "a", user_attributes={"secret": "geheim"}))
    assert main(["forward", source, "--url", url]) == 1
    said = capsys.readouterr()
    assert said.err == f"{source}:1: POST event refused: HTTP 200 validation (no)\n"
    assert "geheim" not in said.out


def test_a_dry_run_prints_one_explanation_for_each_batch_and_sends_nothing(
    folder: Path, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = lines(folder / "a.txt", batch(7, "a"), batch(8))
    assert main(["forward", source, "--url", url, "--dry-run"]) == 0
    said = capsys.readouterr()
    explained = [json.loads(line) for line in said.out.splitlines()]
    assert [part["format"] for part in explained] == ["sessionm-harness.explain/1"] * 2
    assert [len(part["requests"]) for part in explained] == [2, 1]
    assert "requests     3 planned, none sent" in said.err
    assert vendor.seen == []


def test_a_dry_run_needs_no_required_setting(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "connection.toml").write_text("")
    source = lines(folder / "a.txt", batch(7))
    assert main(["forward", source, "--connection", "connection.toml", "--dry-run"]) == 0
    assert main(["forward", source, "--connection", "connection.toml"]) == 2
    wanted = "missing required setting configuration.host_name, platforms.default.api_key, platforms.default.api_secret"
    assert wanted in capsys.readouterr().err


def test_a_host_that_is_not_there_is_one_line_after_the_retries(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Server(Vendor()) as server:
        nobody = server.url
    source = lines(folder / "a.txt", batch(7), batch(8))
    assert main(["forward", source, "--url", nobody, "--assume", "retry-attempts=1"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert f"no answer from {nobody}" in line
    assert f"stopped at {source}:1, and what follows was not sent" in line


def test_a_user_whose_batch_did_not_arrive_is_not_overtaken(
    folder: Path, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor.trouble = [None, None, Response(503)]
    source = lines(folder / "a.txt", batch(7, "a"), batch(7, "b"), batch(8, "c"))
    assert main(["forward", source, "--url", url, "--assume", "retry-attempts=1"]) == 1
    assert vendor.events == [("8", "c")]
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        f"{source}:1: POST event exhausted: HTTP 503",
        f"{source}:2: not sent: an earlier batch of its user did not arrive",
    ]
    assert "not delivered 3" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.txt", "--listen", "8700"],
        ["--listen", "8700", "--dry-run"],
        ["nowhere.txt"],
        ["a.txt", "--url", "ftp://x"],
        ["a.txt", "--connection", "nowhere.toml"],
        ["a.txt", "--assume", "duplicate-keys"],
        ["a.txt", "--assume", "duplicate-keys=sometimes"],
        ["--listen", "x"],
        ["--listen", "127.0.0.1:70000"],
        ["--listen", "0.0.0.0:0"],
    ],
)
def test_wrong_usage_is_exit_2_and_one_line(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines(folder / "a.txt", batch(7))
    assert main(["forward", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("8700", ("127.0.0.1", 8700)),
        (":0", ("127.0.0.1", 0)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:8700", ("::1", 8700)),
    ],
)
def test_an_address_without_a_host_is_loopback(address: str, wanted: tuple[str, int]) -> None:
    assert _address(address, connection()) == wanted


def test_other_machines_may_send_only_where_the_input_has_credentials() -> None:
    with pytest.raises(Stop, match=r"missing required setting input\.key, input\.secret"):
        _address("0.0.0.0:8700", connection())
    made = connection(input={"key": "in", "secret": "geheim"})
    assert _address("0.0.0.0:8700", made) == ("0.0.0.0", 8700)  # noqa: S104  nothing listens


def test_listening_takes_batches_delivers_them_and_ends_on_sigterm(folder: Path, vendor: Vendor, url: str) -> None:
    listening = Listening(folder, url)
    assert listening.post(batch(7, "a"), batch(8, "b")).status == 202
    until(lambda: len(vendor.events) == 2)
    code, out, err = listening.end(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert vendor.events == [("7", "a"), ("8", "b")]
    assert "requests     4: delivered 4, refused 0" in out


def test_what_was_accepted_and_not_delivered_is_delivered_by_the_next_start(folder: Path) -> None:
    vendor = Vendor()
    with Server(vendor) as server:
        away = server.url
    listening = Listening(folder, away)
    assert listening.post(batch(7, "a")).status == 202
    code, _, _ = listening.end(signal.SIGKILL)
    assert code == -signal.SIGKILL
    with Server(vendor) as server:
        listening = Listening(folder, server.url)
        until(lambda: bool(vendor.events))
        code, _, _ = listening.end(signal.SIGINT)
    assert code == 130
    assert vendor.events == [("7", "a")]
    assert listening.first.endswith("from before: 1\n")


def test_sigterm_in_the_middle_of_a_wait_ends_soon_and_says_what_is_left(folder: Path) -> None:
    with Server(Vendor()) as server:
        away = server.url
    listening = Listening(folder, away)
    assert listening.post(batch(7, "a"), batch(8)).status == 202
    code, _, err = listening.end(signal.SIGTERM)
    assert code == 0
    assert err.splitlines()[-1].endswith("spool, for the next start: 2 batches")


def test_a_port_in_use_and_a_spool_in_use_are_one_line_each(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = url.rpartition(":")[2]
    assert main(["forward", "--listen", port]) == 2
    listening = Listening(folder, url)
    assert main(["forward", "--listen", "0", "--spool", "spool"]) == 2
    listening.end(signal.SIGTERM)
    in_use, spool = capsys.readouterr().err.splitlines()
    assert f"cannot listen on 127.0.0.1:{port}" in in_use
    assert "--listen" in in_use
    assert "is in use by another process" in spool


def test_names_that_would_move_a_terminals_cursor_are_shown_as_escapes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = lines(folder / "a.txt", b'{"user_identities":{"\\u001b[2J":7}}')
    assert main(["forward", source]) == 2
    said: Any = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\\x1b[2J" in said


@pytest.mark.parametrize(
    ("destination", "folder"),
    [("sessionm", "spool"), ("customerio", "spool/customerio"), ("mparticle", "spool/mparticle")],
)
def test_what_was_taken_for_one_vendor_does_not_lie_where_another_would_find_it(
    monkeypatch: pytest.MonkeyPatch, destination: str, folder: str
) -> None:
    used: list[Any] = []

    def listen(chosen: Any, _address: str, spool: Path, **_: Any) -> int:
        used.append((chosen, spool))
        return 0

    monkeypatch.setattr(forwarding, "_listen", listen)
    assert main(["forward", "--listen", "0", "--spool", "spool", "--destination", destination]) == 0
    ((chosen, spool),) = used
    assert (chosen.destination, str(spool)) == (destination, folder)
