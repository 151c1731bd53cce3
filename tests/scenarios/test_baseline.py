import json
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from contracts.register import load_yaml
from scenarios.baseline import (
    FORMAT,
    BaselineError,
    Scope,
    Terms,
    applied,
    last_day,
    load,
    parse,
    pruned,
    render,
    save,
    updated,
)
from scenarios.verdict import Accepted, Report
from tests.scenarios.conftest import BROKEN, KEPT, OURS

TODAY = date(2026, 11, 29)
TERMS = Terms("the release of March mends it", "Ada", date(2027, 3, 31))
ROW = {"fingerprint": "0" * 16, "rule": "a.b", "reason": "why", "owner": "Ada", "expires": "2026-12-31"}
SCHEMA = Draft202012Validator(load_yaml("baseline.schema.yaml"))


def entry(print_: str = "0" * 16, rule: str = KEPT.id, expires: date = TODAY) -> Accepted:
    return Accepted(print_, rule, "why", "Ada", expires)


def over(report: Report, *entries: Accepted, scope: Scope | None = None, today: date = TODAY) -> Report:
    return applied(report, entries, today=today, file="baseline.json", scope=scope or Scope())


def red(report: Report, **more: Any) -> Accepted:
    """An entry for the one mistake that turns the invented run red."""
    finding = report.scenarios[1].findings[0]
    return replace(entry(finding.fingerprint, finding.rule), **more)


# --- what it does to a run --------------------------------------------------------------------------------


def test_what_is_accepted_is_not_red_and_is_still_counted(report: Report) -> None:
    assert (report.verdict, report.exit_code) == ("broken", 1)
    made = over(report, red(report))
    assert (made.verdict, made.exit_code) == ("kept", 0)
    assert (made.counts["mismatches"], made.counts["accepted"]) == (3, 2)
    assert made.verdict_of(made.scenarios[1]) == "kept"


def test_an_entry_holds_through_its_last_day_and_fails_again_on_the_next(report: Report) -> None:
    assert over(report, red(report, expires=TODAY)).verdict == "kept"
    made = over(report, red(report, expires=TODAY), today=TODAY + timedelta(1))
    assert made.verdict == "broken"
    (expired,) = made.expired.values()
    assert made.expiry(made.scenarios[1].findings[0]) == expired
    assert not made.accepted


def test_an_entry_of_another_rule_or_place_accepts_nothing(report: Report) -> None:
    for other in (red(report, rule=OURS.id), red(report, fingerprint="0" * 16)):
        assert over(report, other).verdict == "broken"


def test_an_accepted_warning_is_not_red_where_warnings_count(report: Report) -> None:
    finding = report.scenarios[2].findings[0]
    strict = replace(report, fail_on="warn", scenarios=report.scenarios[2:3])
    assert strict.verdict == "broken"
    assert over(strict, entry(finding.fingerprint, finding.rule)).verdict == "kept"


def test_what_no_longer_occurs_is_told_and_never_red_where_its_rule_was_tried(green: Report) -> None:
    made = over(green, entry(), entry("1" * 16, "sessionm.never-tried"))
    assert made.gone == (entry(),)
    assert made.verdict == "kept"


def test_a_part_of_a_run_calls_nothing_gone(green: Report) -> None:
    assert over(green, entry(), scope=Scope(whole=False)).gone == ()
    assert over(green, entry(), scope=Scope(everywhere=False)).gone == (entry(),)


# --- writing ----------------------------------------------------------------------------------------------


def test_an_update_accepts_what_is_red_and_nothing_else(report: Report) -> None:
    (made,) = updated(over(report), (), TERMS)
    assert made == red(report, reason=TERMS.reason, owner=TERMS.owner, expires=TERMS.expires)
    assert over(report, made).verdict == "kept"
    assert len(updated(replace(report, fail_on="warn"), (), TERMS)) == 2


def test_an_update_keeps_the_terms_of_what_holds_and_renews_what_has_expired(report: Report) -> None:
    holds = red(report, expires=TODAY, reason="an older reason")
    assert updated(over(report, holds), [holds], TERMS) == (holds,)
    old = red(report, expires=date(2020, 1, 1))
    assert updated(over(report, old), [old], TERMS) == updated(report, (), TERMS)


def test_an_update_keeps_what_did_not_occur_and_pruning_takes_it_out(report: Report) -> None:
    gone, other = entry("1" * 16), entry("2" * 16, "sessionm.never-tried")
    made = over(report, gone, other)
    assert set(updated(made, [gone, other], TERMS)) > {gone, other}
    assert pruned(made, [gone, other]) == (other,)


def test_an_entry_whose_rule_was_changed_by_hand_gives_way_to_an_update(report: Report) -> None:
    wrong = red(report, rule="a.b")
    made = updated(over(report, wrong), [wrong], TERMS)
    assert [one.rule for one in made] == [BROKEN.id]


def test_the_file_is_sorted_and_has_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    entries = [entry("b" * 16), entry("a" * 16), entry("c" * 16, "a.b")]
    assert render(entries) == render(reversed(entries))
    save(tmp_path / "baseline.json", entries)
    assert [one.fingerprint[0] for one in load(tmp_path / "baseline.json")] == ["c", "a", "b"]
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.json"]


texts = st.text(min_size=1).filter(str.strip)
entries = st.builds(
    Accepted, st.text("0123456789abcdef", min_size=16, max_size=16), texts, texts, texts, st.dates(date(1000, 1, 1))
)


@given(st.lists(entries, unique_by=lambda one: one.fingerprint))
def test_what_is_written_is_read_again_and_is_what_the_schema_describes(made: list[Accepted]) -> None:
    written = json.loads(render(made))
    SCHEMA.validate(written)
    assert sorted(parse(written)) == sorted(made)
    assert parse(written["accepted"]) == parse(written)


def test_the_baselines_that_the_page_shows_can_be_used() -> None:
    docs = Path(__file__).parents[2] / "docs"
    shown = re.findall(
        r"^```json\n(.*?)^```$", (docs / "reports.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    (made,) = [parse(json.loads(block)) for block in shown if "accepted" in block]
    assert list(made) == list(load(docs / "examples" / "baseline.json"))


# --- bad input --------------------------------------------------------------------------------------------

odd = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
rows = st.dictionaries(st.sampled_from([*ROW, "more"]), odd) | st.fixed_dictionaries(
    {name: st.just(value) | odd for name, value in ROW.items()}
)


@given(
    st.lists(rows, max_size=2)
    | st.fixed_dictionaries({"format": st.just(FORMAT) | odd, "accepted": st.lists(rows, max_size=2) | odd})
    | odd
)
@example([ROW])
@example({"format": FORMAT, "accepted": [ROW]})
@example({"accepted": [ROW]})
def test_nothing_is_read_that_the_schema_does_not_describe(raw: Any) -> None:
    described = SCHEMA.is_valid(raw)
    try:
        parse(raw)
    except BaselineError:
        rows_of = raw if isinstance(raw, list) else raw.get("accepted", []) if isinstance(raw, dict) else []
        # Two entries of one fingerprint is the one thing that a schema cannot say.
        wrong = described and len(rows_of) < 2
    else:
        wrong = not described
    assert not wrong


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1:2: is not JSON"),
        ('[\n {"a": 1,}]', ":2:10: is not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("7", "is no list of entries"),
        ("{}", 'has no "format"'),
        ('{"format": "sessionm-harness.baseline/2", "accepted": []}', "another version, sessionm-harness.baseline/2"),
        ('{"format": "sessionm-harness.baseline/1"}', "has no 'accepted'"),
        ('{"format": "sessionm-harness.baseline/1", "accepted": [], "acepted": 1}', "did you mean 'accepted'"),
        ('{"format": "sessionm-harness.baseline/1", "accepted": {}}', "/accepted is no list"),
        ("[[]]", "/0: is no object"),
        (json.dumps([{**ROW, "expires": "2026-02-30"}]), "/0/expires: '2026-02-30' is no day; wants YYYY-MM-DD"),
        (json.dumps([{**ROW, "expires": "20260201"}]), "/0/expires"),
        (json.dumps([{**ROW, "reason": " "}]), "/0/reason: wants a text"),
        (json.dumps([{**ROW, "owner": None}]), "/0/owner: wants a text"),
        (json.dumps([{**ROW, "fingerprint": "xyz"}]), "/0/fingerprint: wants 16 hexadecimal digits"),
        (json.dumps([{**ROW, "resaon": "x"}]), "/0: 'resaon' is no part of it; did you mean 'reason'"),
        (json.dumps([ROW, ROW]), "/1: has the fingerprint of /0"),
        ('[{"rule": "a", "rule": "b"}]', "'rule' stands twice"),
    ],
)
def test_a_bad_file_is_one_line_with_file_place_and_mend(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match="No such file or directory; --baseline-update makes one"):
        load(tmp_path / "nowhere.json")
    with pytest.raises(BaselineError, match="cannot be read"):
        load(tmp_path)
    (tmp_path / "bytes").write_bytes(b"\xff")
    with pytest.raises(BaselineError, match="not UTF-8 at byte 0"):
        load(tmp_path / "bytes")


@pytest.mark.parametrize(
    ("text", "day"),
    [("2027-01-31", date(2027, 1, 31)), ("90d", date(2027, 2, 27)), ("0d", TODAY), ("2026-11-29", TODAY)],
)
def test_a_last_day_is_a_date_or_a_number_of_days_from_today(text: str, day: date) -> None:
    assert last_day(text, TODAY) == day


@pytest.mark.parametrize("text", ["2026-11-28", "tomorrow", "2026-02-30", "90", "-1d", "99999d9", "", "2027-1-1"])
def test_a_last_day_that_is_none_or_over_is_refused(text: str) -> None:
    with pytest.raises(BaselineError):
        last_day(text, TODAY)
