import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import orjson
import pytest

from contracts.serving import Server
from mock_sessionm import GATE, TenantSettings, create_app
from scenarios.cli import main

Captured = pytest.CaptureFixture[str]
RULE = "sessionm.event-attributes-max"
CASE = f"{RULE}/road-1"
SHORT = ("gate", "--seed", "1", "--examples", "0")


def one_line(capsys: Captured) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    assert "Traceback" not in line
    assert "bug of ours" not in line
    return line


def test_one_rule_is_proved_on_every_side_with_the_case_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    assert main([*SHORT, "--quiet", "--rule", RULE, "--report", f"json={path}"]) == 0
    rule = next(one for one in json.loads(path.read_bytes())["rules"] if one["id"] == RULE)
    assert rule["verdict"] == "kept"
    for side in ("below", "at", "above"):
        assert rule[side]["repeat"].startswith(f"sessionm-harness gate --case {rule[side]['proof']} --seed 1")
    assert rule["above"]["named"] > 0


def test_the_command_that_repeats_a_case_repeats_it(capsys: Captured) -> None:
    assert main([*SHORT, "--case", CASE]) == 0
    assert "1 scenario," in capsys.readouterr().out


def test_a_wrong_fake_at_an_address_is_red_and_its_rule_is_blamed_in_every_report(tmp_path: Path) -> None:
    wrong = create_app(TenantSettings(), gate=tuple(check for check in GATE if check.rule != RULE))
    reports = [f"{kind}={tmp_path / kind}" for kind in ("json", "junit", "sarif", "github", "markdown", "html")]
    arguments = [part for report in reports for part in ("--report", report)]
    with Server(wrong) as server:
        assert main([*SHORT, "--quiet", "--target", server.url, "--rule", RULE, *arguments]) == 1
    for report in reports:
        assert RULE in Path(report.partition("=")[2]).read_text(encoding="utf-8"), report
    assert ET.parse(tmp_path / "junit").getroot().get("failures") != "0"  # noqa: S314  our own file


def test_a_right_fake_at_an_address_is_green() -> None:
    with Server(create_app(TenantSettings())) as server:
        assert main([*SHORT, "--quiet", "--target", server.url, "--rule", RULE]) == 0


def test_recorded_batches_are_judged_and_a_bad_one_is_named_and_red(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "traffic.ndjson"
    path.write_bytes(b'{"mpid": 1, "user_identities": {"customer_id": "c"}}\nhello\n')
    arguments = [*SHORT, "--destination", "sessionm", "--recording", str(path)]
    assert main([*arguments, "--case", f"recorded/sessionm/{path}:1", "--quiet"]) == 0
    capsys.readouterr()
    assert main([*arguments, "--case", f"recorded/{path}:2"]) == 1
    assert f"{path}:2: not JSON" in " ".join(capsys.readouterr().out.split())  # the line may be full before its end


def test_what_tried_nothing_is_neither_green_nor_red(tmp_path: Path) -> None:
    path = tmp_path / "traffic.har"
    elsewhere = {
        "request": {"method": "GET", "url": "https://elsewhere.example/", "headers": []},
        "response": {"status": 200, "headers": [], "content": {}},
    }
    path.write_bytes(orjson.dumps({"log": {"entries": [elsewhere]}}))
    assert main([*SHORT, "--quiet", "--recording", str(path), "--case", f"recorded/{path} entry 1"]) == 3


def html(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<html>"]


def test_a_target_that_answers_html_is_told_in_one_line(capsys: Captured) -> None:
    with Server(html) as server:
        assert main([*SHORT, "--quiet", "--target", server.url, "--case", CASE]) == 2
        line = one_line(capsys)
    assert server.url in line
    assert "text/html" in line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--target", "http://127.0.0.1:1", "--case", CASE], "http://127.0.0.1:1"),
        (["--target", "nowhere"], "--target nowhere: expected an http or https address"),
        (["--case", "sessionm.event-attributes-max/road-one"], "did you mean"),
        (["--rule", "sessionm.event-attribute-max"], RULE),
        (["--recording", "/nowhere.har"], "--recording /nowhere.har: "),
        (["--report", "json=/nowhere/gate.json"], "there is no folder /nowhere"),
        (["--mutant", f"{RULE}~goner"], f"did you mean '{RULE}~gone'?"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(arguments: list[str], said: str, capsys: Captured) -> None:
    assert main([*SHORT, "--quiet", *arguments]) == 2
    assert said in one_line(capsys)


def test_an_openapi_document_with_a_broken_ref_is_told_in_one_line(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "mine.yaml"
    broken = {"$ref": "#/components/responses/Nothing"}
    document = {"openapi": "3.1.0", "paths": {"/users": {"get": {"operationId": "a", "responses": {"200": broken}}}}}
    path.write_bytes(orjson.dumps(document))
    assert main(["gate", "--seed", "1", "--quiet", "--openapi", f"sessionm={path}"]) == 2
    line = one_line(capsys)
    assert str(path) in line
    assert "#/components/responses/Nothing" in line


@pytest.mark.parametrize(
    ("given", "said"), [("sessionm", "wants VENDOR=FILE"), ("nobody=x.yaml", "one of the vendors")]
)
def test_whose_openapi_document_it_is_must_be_said(given: str, said: str, capsys: Captured) -> None:
    assert main(["gate", "--openapi", given]) == 2
    assert said in one_line(capsys)


def test_a_baseline_of_another_version_is_told_in_one_line(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "baseline.json"
    path.write_text('{"format": "sessionm-harness.baseline/9", "accepted": []}')
    assert main([*SHORT, "--case", CASE, "--baseline", str(path)]) == 2
    assert str(path) in one_line(capsys)


def test_one_mutant_is_shown_at_work_with_what_finds_it_out(capsys: Captured) -> None:
    assert main(["gate", "--mutant", f"{RULE}~gone"]) == 0
    told = capsys.readouterr().out
    assert "found out by scenario" in told
    assert RULE in told
