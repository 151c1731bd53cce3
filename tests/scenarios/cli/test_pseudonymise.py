from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.cli import main

JANE = {
    "mpid": 3000000000000000001,
    "user_identities": {"email": "jane@shop.io"},
    "user_attributes": {"$FirstName": "Jane"},
}


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "a.ndjson"
    path.write_text(json.dumps(JANE) + "\n", "utf-8")
    return path


def test_a_recording_is_written_with_other_people_and_passes_the_check(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "b.ndjson"
    assert main(["pseudonymise", str(recording), str(target), "--key", "quiet river"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{target}: 1 batch; 3 values of people known, 3 times replaced")
    assert err == ""
    assert "quiet river" not in out + target.read_text("utf-8")
    assert main(["pseudonymise", "--check", str(target)]) == 0
    assert main(["pseudonymise", "--check", str(recording), str(target)]) == 1
    assert capsys.readouterr().out == f"{recording}:1 /user_identities/email: an email address\n"


def test_without_a_key_it_is_said_that_nobody_can_make_the_same_people_again(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "bc":
        assert main(["pseudonymise", str(recording), str(tmp_path / name)]) == 0
    assert "a key that is forgotten" in capsys.readouterr().out
    assert (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()
    monkeypatch.setenv("SESSIONM_HARNESS_PSEUDONYM_KEY", "quiet river")
    assert main(["pseudonymise", str(recording), str(tmp_path / "d")]) == 0
    assert "forgotten" not in capsys.readouterr().out


def test_a_leftover_is_exit_code_1_and_a_bad_record_2(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "b"
    recording.write_text('{"user_attributes": {"note": "mail bob@gmail.com"}}\n', "utf-8")
    assert main(["pseudonymise", str(recording), str(target)]) == 1
    out, _ = capsys.readouterr()
    assert f"{recording}:1 /user_attributes/note: an email address\n" in out
    assert "bob" not in out
    recording.write_text('{"mpid": 1}\n{"mpid":\n', "utf-8")
    assert main(["pseudonymise", str(recording), str(target)]) == 2
    assert f"{recording}:2: not JSON" in capsys.readouterr().err
    assert not target.exists()
    assert main(["pseudonymise", str(recording), str(target), "--leave-out-bad"]) == 0
    assert "1 record that cannot be read left out" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments", [["x"], ["none", "out"], ["a", "b", "c"], ["--check", "none"], ["a", "b", "--key", " "]]
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["pseudonymise", *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
