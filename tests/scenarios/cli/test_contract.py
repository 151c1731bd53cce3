"""`contract diff`: what is said, the exit codes, the reports, and one line for what cannot be read."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.register import load_yaml
from scenarios.cli import main

Captured = pytest.CaptureFixture[str]
ROOT = Path(__file__).parents[3]
V1, V2 = "docs/examples/contract/tags_v1.yaml", "docs/examples/contract/tags_v2.yaml"
TRAFFIC = "docs/examples/contract/traffic.har"


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd()))


def run(capsys: Captured, *arguments: str) -> tuple[int, str]:
    code = main(["contract", "diff", *arguments])
    said = capsys.readouterr()
    assert said.err == ""
    return code, said.out


def document(capsys: Captured, *arguments: str) -> tuple[int, Any]:
    code, out = run(capsys, *arguments, "--json")
    made = json.loads(out)
    Draft202012Validator(load_yaml("difference.schema.yaml")).validate(made)
    return code, made


def one_line(capsys: Captured, *arguments: str) -> str:
    assert main(["contract", "diff", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert "Traceback" not in line
    assert "bug of ours" not in line
    return line


def test_a_tighter_limit_is_breaking_and_a_looser_one_a_warning(capsys: Captured) -> None:
    code, out = run(capsys, V1, V2)
    assert code == 1
    assert "maxItems 5 → 4" in out
    assert "maxLength 36 → 20" in out
    assert out.endswith("verdict: broken, 2 breaking changes\n")
    code, out = run(capsys, V2, V1)
    assert (code, out.splitlines()[-1]) == (0, "verdict: kept, 2 warnings")
    assert run(capsys, V2, V1, "--fail-on", "warn")[0] == 1


def test_where_nothing_changed_that_is_what_is_said(capsys: Captured) -> None:
    code, out = run(capsys, "contracts", "contracts", "--quiet")
    assert (code, out) == (0, "verdict: kept, nothing changed\n")


def test_the_document_is_what_its_schema_says(capsys: Captured) -> None:
    code, made = document(capsys, V1, V2, "--recording", TRAFFIC)
    assert (code, made["verdict"], made["counts"]) == (1, "broken", {"error": 2, "warn": 0, "info": 0})
    assert made["impact"]["requests"]["recorded"] == 5
    code, made = document(capsys, V2, V1)
    assert (code, made["verdict"], made["impact"]) == (0, "kept", None)


def test_the_schema_is_printed(capsys: Captured) -> None:
    main(["contract", "schema"])
    printed = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed == load_yaml("difference.schema.yaml")


def test_broken_requests_are_named(capsys: Captured) -> None:
    code, out = run(capsys, V1, V2, "--recording", TRAFFIC)
    assert code == 1
    assert "this breaks 2 of 5 recorded requests and 1 of 5 answers" in out
    assert f"broken: {TRAFFIC} entry 2  request of postTags" in out
    assert "/tags: 5 items, at most 4" in out


def test_batches_are_planned_for_the_destination_that_is_named(capsys: Captured) -> None:
    batch = "docs/examples/batch.json"
    _, made = document(capsys, "contracts", "contracts", "--recording", batch, "--destination", "customerio")
    assert made["impact"]["requests"]["good_by_both"] == 3
    connection = ("--connection", "docs/examples/connection.toml")
    _, made = document(capsys, "contracts", "contracts", "--recording", batch, *connection)
    assert made["impact"]["requests"]["good_by_both"] == made["impact"]["requests"]["recorded"] > 0


def test_traffic_of_nobody_is_nothing_tested(capsys: Captured, tmp_path: Path) -> None:
    made = json.loads((ROOT / TRAFFIC).read_text())
    made["log"]["entries"] = made["log"]["entries"][-1:]
    path = tmp_path / "elsewhere.har"
    path.write_text(json.dumps(made))
    code, out = run(capsys, V1, V1, "--recording", str(path))
    assert code == 3
    assert out.splitlines()[-1].startswith("verdict: untested")


def test_what_cannot_be_read_of_a_recording_is_named_and_the_rest_is_tried(capsys: Captured, tmp_path: Path) -> None:
    made = json.loads((ROOT / TRAFFIC).read_text())
    made["log"]["entries"][0]["response"]["status"] = "fine"
    path = tmp_path / "it.har"
    path.write_text(json.dumps(made))
    _, out = run(capsys, V1, V2, "--recording", str(path))
    assert f"{path} entry 1: response.status is no status" in out
    assert "this breaks 2 of 4 recorded requests" in out


@pytest.mark.parametrize("name", ["json", "markdown", "github", "text"])
def test_every_report_is_written_also_on_failure(name: str, capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "it"
    code, out = run(capsys, V1, V2, "--recording", TRAFFIC, "--report", f"{name}={path}", "--quiet")
    assert (code, len(out.splitlines())) == (1, 1)
    written = path.read_text(encoding="utf-8")
    assert "maxItems" in written
    assert "entry 2" in written


def test_annotations_point_at_the_file_of_the_new_contract(capsys: Captured) -> None:
    _, out = run(capsys, V1, V2, "--report", "github=-", "--quiet")
    lines = [line for line in out.splitlines() if line.startswith("::")]
    assert [line.partition(",title=")[0] for line in lines] == [f"::error file={V2}"] * 2


def test_markdown_survives_what_has_a_meaning_in_it(capsys: Captured, tmp_path: Path) -> None:
    for name, pattern in (("old", "^(a|b)$"), ("new", "^(a|<c>)$")):
        schema = f"{{pattern: '{pattern}'}}"
        (tmp_path / f"{name}.yaml").write_text(f"openapi: 3.1.0\ncomponents: {{schemas: {{A: {schema}}}}}")
    _, out = run(capsys, f"{tmp_path}/old.yaml", f"{tmp_path}/new.yaml", "--report", "markdown=-", "--quiet")
    (row,) = [line for line in out.splitlines() if line.startswith("| error")]
    assert "^(a\\|b)$ → ^(a\\|&lt;c>)$" in row


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", V1), "nowhere: there is no such folder or file"),
        ((V1, "git:nowhere"), "git:nowhere: "),
        ((V1, "docs"), "docs: holds no contract"),
        ((V1, "README.md"), "README.md"),
        ((V1, V2, "--recording", "nowhere.har"), "nowhere.har: cannot be read: No such file or directory"),
        ((V1, V2, "--recording", V1), f"{V1}:"),
        ((V1, V2, "--recording", "docs/examples/connection.toml"), "docs/examples/connection.toml:1"),
        ((V1, V2, "--report", "pdf=x"), "--report pdf=x: wants FORMAT=PATH, with one of the formats json, markdown"),
        ((V1, V2, "--report", "json=nowhere/x"), "there is no folder nowhere; make it first"),
        ((V1, V2, "--report", "json=docs"), "docs is a folder; name a file in it"),
        ((V1,), "Missing argument 'NEW'"),
    ],
)
def test_what_cannot_be_compared_is_told_in_one_line(arguments: tuple[str, ...], said: str, capsys: Captured) -> None:
    assert said in one_line(capsys, *arguments)


def test_a_broken_reference_is_told_with_file_and_place(capsys: Captured, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "contracts", tmp_path / "new", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = tmp_path / "new/sessionm.openapi.yaml"
    file.write_text(
        file.read_text().replace("'#/components/requestBodies/Tags'", "'#/components/requestBodies/Tagz'", 1)
    )
    line = one_line(capsys, "contracts", str(tmp_path / "new"))
    assert f"{tmp_path}/new/sessionm.openapi.yaml: $ref '#/components/requestBodies/Tagz' at /paths/" in line
    assert line.endswith("nothing stands there")


def test_the_page_shows_what_is_printed(capsys: Captured) -> None:
    page = (ROOT / "docs/contract-diff.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\n\$ (sessionm-harness contract diff .*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert shown
    for line, output in shown:
        main(shlex.split(line)[1:])
        printed = iter(capsys.readouterr().out.splitlines())
        for wanted in output.splitlines():
            assert wanted == "…" or wanted in printed, wanted
