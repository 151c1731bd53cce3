import html
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from scenarios.reports import markdown
from scenarios.reports.visible import visible
from scenarios.verdict import Accepted, Finding, Report, RuleResult, ScenarioResult


@pytest.mark.parametrize(
    ("name", "said"),
    [("report", "The contract is broken"), ("green", "The contract holds"), ("empty", "Nothing was tested")],
)
def test_the_verdict_is_the_first_line(name: str, said: str, request: pytest.FixtureRequest) -> None:
    assert said in markdown.render(request.getfixturevalue(name)).splitlines()[0]


@pytest.mark.parametrize("name", ["report", "green", "empty"])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(name: str, request: pytest.FixtureRequest) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", markdown.render(request.getfixturevalue(name)), re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


@given(st.text())
def test_nothing_in_a_text_is_markup(text: str) -> None:
    made = markdown.plain(text)
    assert not set(re.sub(r"&#\d+;", "", made)) & set("\\`*_{}[]<>#!|~&@$\n")
    assert html.unescape(made) == visible(text)


def test_broken_and_unproved_rules_stand_in_tables_with_links_and_commands(report: Report) -> None:
    text = markdown.render(replace(report, arguments=("--seed", "42")))
    assert "### Broken (2)" in text
    assert "sessionm-harness run --case 201 --seed 42" in text
    assert "### Not proved (1)" in text
    assert "no case at or above" in text
    assert "](https://docs.mparticle.com/" in text
    assert "the forwarder has other settings" in text


def test_accepted_and_gone_have_tables_of_their_own(report: Report) -> None:
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "a | b", "@ada", date(2026, 12, 31))
    text = markdown.render(replace(report, accepted={entry.key: entry}, gone=(entry,), baseline="b.json"))
    assert "The contract holds" in text
    assert "### Accepted for a while (1)" in text
    assert "### Accepted once, and there no more (1)" in text
    assert "a &#124; b" in text
    assert "@ada" not in text


def test_the_text_fits_into_a_comment_however_much_is_broken(empty: Report) -> None:
    found = tuple(Finding(name, "wrong " * 40) for name in rules())
    every = tuple(RuleResult(rule) for rule in rules().values())
    scenarios = (ScenarioResult("one", "One", "journeys", found),)
    text = markdown.render(replace(empty, scenarios=scenarios, rules=every))
    assert len(text) < 65_000
    left = re.search(r"… and (\d+) more", text)
    assert left
    assert text.count("❌ |") + int(left[1]) == len(found)
    assert f"### Not proved ({len(every)})" in text
