import json
import re
import shlex
from pathlib import Path

import pytest

from scenarios.cli import main

Captured = pytest.CaptureFixture[str]
SHORT = ("run", "journeys", "--seed", "1")


def test_the_quiet_verdict_has_the_seed_that_repeats_the_run(capsys: Captured) -> None:
    assert main([*SHORT, "--quiet"]) == 0
    assert capsys.readouterr() == ("kept (seed 1)\n", "")


@pytest.mark.parametrize("more", [(), ("--quiet",)])
def test_a_report_on_standard_output_has_it_alone(more: tuple[str, ...], tmp_path: Path, capsys: Captured) -> None:
    assert main([*SHORT, *more, "--report", "json=-", "--report", f"text={tmp_path / 'report.txt'}"]) == 0
    assert json.loads(capsys.readouterr().out)["seed"] == 1


def test_the_same_seed_gives_the_same_report_to_the_byte(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    for path in (one, other):
        assert main([*SHORT, "generated", "--count", "3", "--quiet", "--report", f"json={path}"]) == 0
    assert one.read_bytes() == other.read_bytes()


# --- single cases -----------------------------------------------------------------------------------------


def scenarios(path: Path) -> dict[str, object]:
    return {one["id"]: one for one in json.loads(path.read_bytes())["scenarios"]}


@pytest.mark.parametrize(
    "more", [("--count", "4"), ("--count", "5", "--destination", "customerio", "--assume", "colliding-keys=last")]
)
def test_the_command_that_a_report_gives_repeats_the_case(more: tuple[str, ...], tmp_path: Path) -> None:
    whole, one = tmp_path / "whole.json", tmp_path / "one.json"
    main(["run", "generated", "faults", "--seed", "7", *more, "--quiet", "--report", f"json={whole}"])
    written = json.loads(whole.read_bytes())
    assert written["arguments"] == ["--seed", "7", *more]
    rows = [row[side] for row in written["rules"] for side in ("below", "at", "above") if row[side]]
    proofs = {side["proof"]: side["repeat"] for side in rows}
    generated = next(name for name in scenarios(whole) if name.startswith("generated"))
    for name in [*list(proofs)[::9], generated]:
        again = proofs.get(name) or next(iter(proofs.values())).replace(next(iter(proofs)), name)
        program, *arguments = shlex.split(again)
        assert program == "sessionm-harness"
        main([*arguments, "--quiet", "--report", f"json={one}"])
        assert scenarios(one) == {name: scenarios(whole)[name]}


def test_only_scenarios_about_a_rule_are_run_and_only_their_rules_listed(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    assert main(["run", "--rule", "sessionm.tag-ttl-positive", "--quiet", "--report", f"json={path}"]) == 0
    written = json.loads(path.read_bytes())
    assert {row["id"] for row in written["rules"]} >= {"sessionm.tag-ttl-positive", "harness.answers-in-contract"}
    assert len(written["rules"]) < 6
    assert all(name.startswith("sessionm.tag-ttl-positive/") for name in scenarios(path))


def test_the_settings_that_were_given_can_be_a_case(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "tenant.toml"
    path.write_text("[profile_attributes]\nnames = []\n")
    assert main(["run", "--tenant", str(path), "--case", "settings/given", "--quiet"]) == 0
    assert main(["run", "--case", "settings/given", "--quiet"]) == 2
    assert "--case settings/given: no such case" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "sessionm.event-atributes-max"), "did you mean sessionm.event-attributes-max?"),
        (("--case", "sessionm.event-attributes-max/raod-1"), "did you mean sessionm.event-attributes-max/road-1"),
        (("--report", "json=x", "--report", "html=x"), "x is where json=x goes"),
        (("--report", "sarif=no/x"), "there is no folder no"),
    ],
)
def test_what_is_not_there_is_one_line_and_nothing_runs(
    arguments: tuple[str, ...], said: str, capsys: Captured
) -> None:
    assert main([*SHORT, "boundaries", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert said in line


def test_a_rule_without_a_case_in_what_is_run_leaves_nothing_tested(capsys: Captured) -> None:
    assert main(["run", "journeys", "--destination", "braze", "--rule", "sessionm.event-attributes-max"]) == 3
    assert "verdict: untested" in capsys.readouterr().out


def test_the_interactions_of_a_kept_run_are_none(tmp_path: Path) -> None:
    assert main([*SHORT, "--quiet", "--report", f"har={tmp_path / 'x.har'}"]) == 0
    assert json.loads((tmp_path / "x.har").read_bytes())["log"]["entries"] == []


def test_the_run_that_a_report_gives_is_the_whole_of_it_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    main(["run", "journeys", "--destination", "braze", "--seed", "3", "--quiet", "--report", f"markdown={first}"])
    again = re.search("The same run again: <code>(.*)</code>", first.read_text(encoding="utf-8"))
    assert again
    assert again[1] == "sessionm-harness run journeys --seed 3 --destination braze"
    main([*shlex.split(again[1])[1:], "--quiet", "--report", f"markdown={second}"])
    assert first.read_bytes() == second.read_bytes()
    main(["run", "--rule", "sessionm.tag-ttl-positive", "--seed", "3", "--quiet", "--report", f"markdown={first}"])
    assert "run --rule sessionm.tag-ttl-positive --seed 3<" in first.read_text(encoding="utf-8")
