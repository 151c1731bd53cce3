import json

import pytest

from contracts import Rule, assumptions
from contracts import rules as register
from scenarios.cli import main, rules
from scenarios.cli.stop import Stop

RULES = [
    Rule("sessionm.ten", "At most ten.", "forwarder", "drop-extra", "mparticle-json#a", "documented", limit=10),
    Rule("sessionm.live", "Seen.", "sessionm", "none", "sessionm-live-tenant#b", "observed"),
    Rule("mparticle.ours", "Chosen.", "forwarder", "none", "assumption:colliding-keys", "assumed"),
]


def test_the_table_has_a_line_for_each_rule_and_their_number() -> None:
    head, *lines, _empty, end = rules.table(RULES)
    assert head.split() == ["rule", "owner", "evidence", "limit", "source"]
    assert lines[0].split() == ["sessionm.ten", "forwarder", "documented", "10", "mparticle-json#a"]
    assert lines[1].split() == ["sessionm.live", "sessionm", "observed", "sessionm-live-tenant#b"]
    assert end.startswith("3 rules")


def test_a_narrow_screen_cuts_the_lines_and_says_so() -> None:
    lines = list(rules.table(RULES, width=40))[:4]
    assert all(len(line) == 40 and line.endswith("…") for line in lines[1:])


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({}, ["sessionm.ten", "sessionm.live", "mparticle.ours"]),
        ({"owner": "forwarder"}, ["sessionm.ten", "mparticle.ours"]),
        ({"evidence": "observed"}, ["sessionm.live"]),
        ({"vendor": "mparticle"}, ["mparticle.ours"]),
        ({"owner": "forwarder", "vendor": "sessionm"}, ["sessionm.ten"]),
        ({"owner": "sessionm", "evidence": "assumed"}, []),
        ({"source": "mparticle-json"}, ["sessionm.ten"]),
        ({"source": "assumption:colliding-keys"}, ["mparticle.ours"]),
    ],
)
def test_filters_are_taken_together(filters: dict[str, str], left: list[str]) -> None:
    assert [rule.id for rule in rules.chosen(RULES, **filters)] == left


def test_an_owner_that_owns_nothing_is_told_the_nearest() -> None:
    with pytest.raises(Stop, match="did you mean 'forwarder'"):
        rules.chosen(RULES, owner="forwader")
    with pytest.raises(Stop, match="there are forwarder, sessionm"):
        rules.chosen(RULES, owner="zzz")


def test_a_vendor_without_rules_is_told_the_nearest() -> None:
    with pytest.raises(Stop, match="did you mean 'sessionm'"):
        rules.chosen(RULES, vendor="sesionm")


def test_a_rule_in_json_has_its_number_severity_and_address() -> None:
    ten, live, ours = rules.document(RULES, [])["rules"]
    assert (ten["limit"], ten["severity"], ten["url"]) == (10, "error", RULES[0].url)
    assert (live["limit"], live["severity"], live["url"]) == (None, "error", None)
    assert (ours["severity"], ours["source"]) == ("warn", "assumption:colliding-keys")


def test_json_gives_every_rule_and_assumption_of_the_register(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["format"] == "sessionm-harness.rules/1"
    assert [row["id"] for row in made["rules"]] == list(register())
    assert [row["id"] for row in made["assumptions"]] == list(assumptions())
    names = {"id", "says", "owner", "effect", "evidence", "limit", "measure", "source", "url", "severity"}
    assert all(set(row) == names for row in made["rules"])
    assert all({"id", "choice", "alternatives", "owner", "question"} <= set(row) for row in made["assumptions"])


def test_filters_hold_for_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--json", "--evidence", "assumed"]) == 0
    assert {row["severity"] for row in json.loads(capsys.readouterr().out)["rules"]} == {"warn"}


def test_assumptions_are_printed_with_choices_and_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--assumptions"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for entry in assumptions().values():
        assert f"{entry.id} = {entry.choice} (or {', '.join(entry.alternatives)})" in shown
        assert f"ask {entry.owner}: {' '.join(entry.question.split())}" in shown
