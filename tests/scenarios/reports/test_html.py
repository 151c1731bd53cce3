import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from contracts import rules
from scenarios.reports import html
from scenarios.verdict import Accepted, Report, RuleResult, ScenarioResult, Side

VOID = {"meta", "link", "br", "input"}


class Page(HTMLParser):
    """What a page links to, names and shows; fails where tags do not close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.shown = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        given = dict(attrs)
        if tag not in VOID:
            self._open.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "a":
            self.links.append(given.get("href") or "")
        elif given.get("src") or given.get("href"):
            self.loads.append(given.get("src") or given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.shown += data


@pytest.fixture(params=["report", "green", "empty"])
def page(request: pytest.FixtureRequest) -> Page:
    return Page(html.render(request.getfixturevalue(request.param)))


def test_nothing_is_fetched_and_nothing_is_run(page: Page) -> None:
    assert page.loads == ["data:,"]
    assert not page.tags["script"]
    assert not page.tags["iframe"]


def test_every_link_inside_the_page_leads_somewhere(page: Page) -> None:
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_every_other_link_is_one_of_the_register(page: Page) -> None:
    known = {rule.url for rule in rules().values()}
    assert {link for link in page.links if not link.startswith("#")} <= known


def test_no_place_is_named_twice(page: Page) -> None:
    assert len(page.ids) == len(set(page.ids))


def test_markup_in_a_name_is_shown_and_never_obeyed(report: Report) -> None:
    text = html.render(report)
    assert "<script" not in text
    assert r'size\x00\x1b[31m<script>alert("x")</script>]]>\ud800\u202e' in Page(text).shown


@pytest.mark.parametrize(
    ("name", "said"),
    [("report", "The contract is broken"), ("green", "The contract holds"), ("empty", "Nothing was tested")],
)
def test_the_verdict_comes_first(name: str, said: str, request: pytest.FixtureRequest) -> None:
    text = html.render(request.getfixturevalue(name))
    assert text.index(f"<h1>{said}</h1>") < text.index("<h2>")


def test_a_finding_is_told_with_batch_place_got_and_wanted(report: Report) -> None:
    shown = Page(html.render(report)).shown
    for text in ("77", "/user_attributes/size", "201 names", "200", "2 findings"):
        assert text in shown


def test_an_assumption_comes_with_the_question_that_would_settle_it(report: Report) -> None:
    shown = Page(html.render(report)).shown
    assert 'Send "a b" and "a_b"' in shown
    assert "chosen for this run" in shown


def test_light_and_dark_name_the_same_colours(report: Report) -> None:
    roots = re.findall(r":root \{(.*?)\}", html.render(report), re.DOTALL)
    light, dark = (set(re.findall(r"(--[\w-]+):", root)) for root in roots)
    assert light == dark


def test_thousands_of_kept_scenarios_are_counted_and_not_all_listed() -> None:
    scenarios = tuple(ScenarioResult(f"n{n}", f"Number {n}", "generated") for n in range(5000))
    text = html.render(Report(1, scenarios, (), Counter(), ()))
    assert "4,800 more that are kept" in text
    assert text.count("<tr>") < 300


def test_the_whole_register_fits_on_the_page() -> None:
    results = tuple(RuleResult(rule) for rule in rules().values())
    shown = Page(html.render(Report(1, (), results, Counter(), ()))).shown
    assert all(rule.id in shown for rule in rules().values())


def test_rules_stand_below_the_name_of_their_vendor_and_each_vendor_can_be_reached(report: Report) -> None:
    several = [rules()[name] for name in ("customerio.names-trimmed", "madconnect.event-id")]
    made = Page(html.render(replace(report, rules=tuple(map(RuleResult, several)))))
    vendors = [rule.vendor for rule in several]
    assert [link for link in made.links if link.startswith("#vendor-")] == [f"#vendor-{name}" for name in vendors]
    assert "Customer.io (1)" in made.shown
    assert "MadConnect (1)" in made.shown


def test_every_vendor_of_the_register_has_a_name_for_people() -> None:
    assert {rule.vendor for rule in rules().values()} <= set(html.TITLES)


def test_each_side_of_a_rule_has_the_command_that_repeats_its_proof(report: Report) -> None:
    result = RuleResult(rules()["sessionm.user-exists"], at=Side(3, 0, 2, "at/1"), above=Side(1, 1, 0, "above/2"))
    shown = Page(html.render(replace(report, rules=(result,), arguments=("--seed", "42")))).shown
    assert "an answer named it, sessionm-harness run --case at/1 --seed 42" in shown
    assert "sessionm-harness run --case above/2 --seed 42" in shown


def test_a_vendor_stands_open_where_there_is_something_to_see(report: Report) -> None:
    kept, untried = rules()["sessionm.user-exists"], rules()["customerio.names-trimmed"]
    made = html.render(replace(report, rules=(RuleResult(kept, at=Side(1), above=Side(1)), RuleResult(untried))))
    assert re.findall(r'<details class="vendor"( open)?>\s*<summary>(\w+)', made) == [
        ("", "SessionM"),
        (" open", "Customer"),
    ]


def test_what_is_accepted_is_no_error_and_stands_in_the_baseline(report: Report) -> None:
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "because", "Ada", date(2026, 12, 31))
    text = html.render(replace(report, accepted={entry.key: entry}, baseline="b.json"))
    assert "The contract holds" in text
    assert 'class="badge error"' not in text
    shown = Page(text).shown
    assert "until 2026-12-31 by Ada: because" in shown
    assert "(1 only by what the baseline accepts)" in shown
    assert "was accepted until" in Page(html.render(replace(report, expired={entry.key: entry}, baseline="b"))).shown


def test_every_way_to_narrow_the_ledger_has_its_rule_of_style(report: Report) -> None:
    text = html.render(report)
    ways = set(re.findall(r'type="radio" name="show" id="(show-\w+)"', text))
    assert ways == {*re.findall(r":has\(#(show-\w+):checked\)", text), "show-all"}
