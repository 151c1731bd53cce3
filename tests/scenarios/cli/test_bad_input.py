"""What no road is made for: it is told in one line with its place, the rest goes on, and nothing is lost in silence."""

from __future__ import annotations

import io
import json
import socket
import sys
from pathlib import Path

import orjson
import pytest

from scenarios.cli import main
from tests.forwarder.vendor import Vendor, batch
from tests.scenarios.cli.odd_batches import BAD, GOOD, TEN_MEGABYTES, person

Captured = pytest.CaptureFixture[str]


def one_line(capsys: Captured) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert "Traceback" not in line
    assert "bug of ours" not in line
    return line


# --- explain ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BAD)
def test_explain_says_of_what_is_no_batch_where_and_why_in_one_line(
    name: str, tmp_path: Path, capsys: Captured
) -> None:
    raw, said = BAD[name]
    path = tmp_path / "batch.json"
    path.write_bytes(raw)
    assert main(["explain", str(path)]) == 2
    line = one_line(capsys)
    assert line.startswith(f"sessionm-harness: {path}: the batch cannot be used")
    assert said in line


@pytest.mark.parametrize("name", GOOD)
def test_explain_takes_what_is_odd_and_still_a_batch(name: str, tmp_path: Path, capsys: Captured) -> None:
    raw, attributes = GOOD[name]
    path = tmp_path / "batch.json"
    path.write_bytes(raw)
    assert main(["explain", str(path), "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["requests"][0]["body"]["user"].get("user_profile", {}) == attributes
    assert main(["explain", str(path)]) == 0
    told = capsys.readouterr().out
    assert "\0" not in told
    assert "\u202e" not in told


def test_explain_warns_of_names_that_stand_twice(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "batch.json"
    path.write_bytes(GOOD["names that stand twice"][0])
    assert main(["explain", str(path)]) == 0
    assert "warning: 'a' stands twice in one object; the last one holds" in capsys.readouterr().out


def test_explain_reads_ten_megabytes_and_gives_every_attribute_its_fate(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "batch.json"
    path.write_bytes(TEN_MEGABYTES)
    assert main(["explain", str(path), "--json"]) == 0
    made = orjson.loads(capsys.readouterr().out)
    assert len(made["fates"]) == 100_002
    assert sum(fate["fate"] == "sent" for fate in made["fates"]) == 202


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nowhere.json", "neither a file nor a rule"),
        (".", "Is a directory"),
        ("x" * 5000, "neither a file nor a rule"),
        (person().decode(), "neither a file nor a rule"),
        ("a\0b", "neither a file nor a rule"),
        ("", "neither a file nor a rule"),
    ],
)
def test_explain_of_what_is_neither_file_nor_rule_is_one_line(
    what: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["explain", what]) == 2
    line = one_line(capsys)
    assert said in line
    assert len(line) < 400


def test_explain_of_empty_standard_input_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["explain", "-"]) == 2
    assert "-: the batch cannot be used: not JSON" in one_line(capsys)


# --- forward ----------------------------------------------------------------------------------------------


def test_forward_tells_every_bad_line_by_its_number_and_sends_every_other_one(
    vendor: Vendor, url: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "batches.ndjson"
    lines = []
    for number, (raw, _) in enumerate(BAD.values()):
        lines += [raw, batch(1000 + number, "e")]
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert main(["forward", str(path), "--url", url]) == 1
    said = capsys.readouterr()
    told = said.err.splitlines()
    assert len(told) == len(BAD)
    for number, (line, (_, reason)) in enumerate(zip(told, BAD.values(), strict=True)):
        assert line.startswith(f"{path}:{2 * number + 1}")
        assert reason in line
    assert len(vendor.events) == len(BAD)
    assert said.out.splitlines()[0] == f"batches      {len(BAD)}, and {len(BAD)} bad"


def test_forward_sends_what_is_odd_and_still_a_batch(vendor: Vendor, url: str, tmp_path: Path) -> None:
    for number, (raw, attributes) in enumerate(GOOD.values()):
        path = tmp_path / f"{number}.json"
        path.write_bytes(raw)
        assert main(["forward", str(path), "--url", url, "--quiet"]) == 0
        assert vendor.users.pop("7").get("user_profile", {}) == attributes


def test_forward_reads_ten_megabytes_in_a_line_and_the_line_behind_it(
    vendor: Vendor, url: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "batches.ndjson"
    path.write_bytes(TEN_MEGABYTES + b"\n" + batch(8, "e") + b"\n")
    assert main(["forward", str(path), "--url", url]) == 0
    assert len(vendor.users["7"]["user_profile"]) == 200
    assert vendor.events == [("8", "e")]
    assert "dropped 99800" in capsys.readouterr().out


def test_forward_reads_a_file_with_mark_and_windows_line_ends_and_no_end_of_the_last_line(
    vendor: Vendor, url: str, tmp_path: Path
) -> None:
    path = tmp_path / "batches.ndjson"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([batch(1, "a"), b"", batch(2, "b")]))
    assert main(["forward", str(path), "--url", url]) == 0
    assert vendor.events == [("1", "a"), ("2", "b")]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", 3, "the sources hold no record"),
        (b"\r\n \n", 3, "the sources hold no record"),
        (b"\xef\xbb\xbf", 3, "the sources hold no record"),
        (b"{\n", 2, "no record could be read"),
        (b"\xff\xfe{\0}\0", 2, "is UTF-16"),
        (b"\x1f\x8b", 2, "no record could be read"),
        (batch(1) + b"\n{\n", 1, "not JSON"),
    ],
)
def test_forward_says_with_its_exit_code_whether_anything_was_there(
    content: bytes, code: int, said: str, url: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "batches.ndjson"
    path.write_bytes(content)
    assert main(["forward", str(path), "--url", url]) == code
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


def test_every_point_of_every_good_line_is_counted_and_every_bad_line_is_told(
    vendor: Vendor, url: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "batches.ndjson"
    path.write_bytes(b"\n".join([batch(1, "a"), b"{", person(user_attributes={"---": 1, "a": 1}), b"[]"]))
    assert main(["forward", str(path), "--url", url]) == 1
    said = capsys.readouterr()
    assert "data points  7: sent 6, dropped 1" in said.out
    assert len(said.err.splitlines()) == 2
    assert len(vendor.users) == 2


# --- settings files and ports -----------------------------------------------------------------------------

CONNECTIONS = [
    ("[platforms.ipad]\napi_key = 'x'\n", "line 1: platforms.ipad is not a setting"),
    ("\n[configuration]\nhost_name = 'api'\n", "line 3: configuration.host_name"),
    ("[rules]\nmodule = 'module_of_nobody:f'\n", "rules.module 'module_of_nobody:f' cannot be imported"),
    ("= 5\n", "is not TOML"),
    ("a = 1\0\n", "is not TOML"),
]
TENANTS = [
    ("[core]\napi_ky = 'x'\n", "line 2: core.api_ky is not a setting; did you mean 'api_key'?"),
    ("[events]\ndefined = 'purchase'\n", "line 2: events.defined must be a list, not text"),
    ("[[users]]\n[users.user]\nemail = 5\n", "users.0"),
    ("[profile_attributes\n", "is not TOML"),
]
FILES = [
    (command, option, content, said)
    for option, contents, commands in (
        ("--connection", CONNECTIONS, ("run", "explain", "forward")),
        ("--tenant", TENANTS, ("run", "explain", "serve")),
    )
    for command in commands
    for content, said in contents
]


@pytest.mark.parametrize(("command", "option", "content", "said"), FILES)
def test_a_settings_file_that_cannot_be_used_is_exit_2_and_one_line_with_file_and_place(
    command: str, option: str, content: str, said: str, tmp_path: Path, capsys: Captured
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(content)
    source = tmp_path / "batch.json"
    source.write_bytes(batch(7))
    more = {"run": ["journeys"], "serve": ["--port", "0"]}.get(command, [str(source)])
    assert main([command, *more, option, str(path)]) == 2
    line = one_line(capsys)
    assert f"{path}" in line
    assert said in line


@pytest.mark.parametrize("option", ["--connection", "--tenant"])
def test_a_settings_file_that_is_not_there_is_exit_2_and_one_line(
    option: str, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["run", "journeys", option, str(tmp_path / "nowhere.toml")]) == 2
    assert "nowhere.toml: cannot be read: No such file or directory" in one_line(capsys)


def test_two_files_whose_credentials_differ_are_exit_2_and_both_are_named(tmp_path: Path, capsys: Captured) -> None:
    tenant, connection = tmp_path / "tenant.toml", tmp_path / "connection.toml"
    tenant.write_text("[core]\napi_key = 'one'\napi_secret = 'x'\n")
    connection.write_text("[platforms.default]\napi_key = 'two'\napi_secret = 'x'\n")
    assert main(["run", "journeys", "--tenant", str(tenant), "--connection", str(connection)]) == 2
    line = one_line(capsys)
    assert str(tenant) in line
    assert str(connection) in line


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "PORT"],
        ["forward", "--listen", "PORT"],
        ["run", "journeys", "--forwarder", "http://127.0.0.1:1", "--port", "PORT"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_port_in_use_is_exit_2_and_one_line(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main([port if part == "PORT" else part for part in arguments]) == 2
    assert f"cannot listen on 127.0.0.1:{port}" in one_line(capsys)


URLS = ["127.0.0.1:9", "http://", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://a b", "http://[::1", "nonsense"]


@pytest.mark.parametrize("url", [*URLS, "http://127.0.0.1:9"])
def test_a_forwarder_that_cannot_be_asked_is_exit_2_and_one_line(url: str, capsys: Captured) -> None:
    assert main(["run", "journeys", "--forwarder", url, "--port", "0", "--settle", "0.01"]) == 2
    assert "--forwarder" in one_line(capsys)


@pytest.mark.parametrize("url", URLS)
def test_a_host_to_which_nothing_can_be_sent_is_exit_2_and_one_line(url: str, tmp_path: Path, capsys: Captured) -> None:
    source = tmp_path / "batch.json"
    source.write_bytes(batch(7))
    assert main(["forward", str(source), "--url", url]) == 2
    assert f"--url {url}: expected an http or https address" in one_line(capsys)


def test_a_host_name_to_which_nothing_can_be_sent_is_exit_2_and_one_line(tmp_path: Path, capsys: Captured) -> None:
    source, path = tmp_path / "batch.json", tmp_path / "connection.toml"
    source.write_bytes(batch(7))
    path.write_text(
        "[configuration]\nhost_name = 'http://127.0.0.1:99999'\n[platforms.default]\napi_key = 'k'\napi_secret = 's'\n"
    )
    assert main(["forward", str(source), "--connection", str(path)]) == 2
    assert f"{path}: configuration.host_name http://127.0.0.1:99999: expected" in one_line(capsys)
