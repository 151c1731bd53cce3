"""Observations are written, read back, and refused with the line of what is wrong."""

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import assumptions
from contracts.observed import Observations, ObservationsError, Observed, Pending, Unclear, load, parse

GOOD = """\
format: sessionm-harness.observations/1
host: api.example.com
observed:
  undefined-event:
    choice: stored
    date: 2026-06-15
    because:
    - 'event: ok true'
  validation-status: {choice: '422', date: '2026-06-15'}
unclear:
  tag-answer: {why: the answers fit no choice of the register, date: '2026-06-15'}
pending:
  reinstate-expired:
    since: '2026-06-15T12:00:00Z'
    due: '2026-06-17T12:00:00Z'
    step: 8
    names: {held: 1, before: '2026-06-25T12:00:00Z'}
    people: {one: an-id}
"""


def test_a_file_is_read() -> None:
    found = parse(GOOD, "o.yaml")
    assert found.host == "api.example.com"
    assert found.choices == {"undefined-event": "stored", "validation-status": "422"}
    assert found.observed["undefined-event"] == Observed("stored", "2026-06-15", ("event: ok true",))
    assert found.unclear["tag-answer"].why == "the answers fit no choice of the register"
    pending = found.pending["reinstate-expired"]
    assert pending.due - pending.since == 2 * 86400
    assert pending.names == {"held": 1, "before": "2026-06-25T12:00:00Z"}


TEXTS = st.text(max_size=9)
LINES = st.lists(TEXTS, max_size=2).map(tuple)
KINDS = st.one_of(
    st.builds(Observed, st.just(""), st.just("2026-06-15"), LINES),
    st.builds(Unclear, TEXTS, st.just("2026-06-15"), LINES),
    st.builds(
        Pending,
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.integers(1, 9),
        st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(), st.none()), max_size=2),
        st.dictionaries(TEXTS, TEXTS, max_size=2),
        TEXTS,
    ),
)


@given(st.dictionaries(st.sampled_from(sorted(assumptions())), KINDS, max_size=3), st.data())
def test_what_is_written_is_what_is_read_back(
    entries: dict[str, Observed | Unclear | Pending], data: st.DataObject
) -> None:
    made = Observations("api.example.com")
    for name, entry in entries.items():
        choice = data.draw(st.sampled_from(assumptions()[name].choices))
        made = made.put(name, dataclasses.replace(entry, choice=choice) if isinstance(entry, Observed) else entry)
    assert parse(made.text(), "o.yaml") == made


def test_a_later_answer_takes_the_place_of_an_earlier_one() -> None:
    found = parse(GOOD, "o.yaml")
    seen = found.put("tag-answer", Observed("list", "2026-06-16"))
    assert "tag-answer" not in seen.unclear
    assert seen.observed["tag-answer"].choice == "list"
    resumed = found.put("reinstate-expired", Observed("refused", "2026-06-17"))
    assert resumed.pending == {}


def test_what_was_observed_stays_while_the_question_is_open_again() -> None:
    found = parse(GOOD, "o.yaml").put("undefined-event", Unclear("no answer", "2026-07-01"))
    assert found.choices["undefined-event"] == "stored"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "observations/1",
            "observations/2",
            ", line 1: format is 'sessionm-harness.observations/2'; this version reads",
        ),
        ("format: sessionm-harness.observations/1\n", "", ": format is 'none'; this version reads"),
        (
            "undefined-event",
            "undefined-events",
            ", line 4: unknown assumption 'undefined-events'; did you mean 'undefined-event'?",
        ),
        (
            "choice: stored",
            "choice: kept",
            ", line 4: assumption 'undefined-event' has no choice 'kept'; it is one of refused, ignored, stored",
        ),
        ("'422'", "422", ", line 9: observed.validation-status.choice must be text, not a whole number"),
        ("    choice: stored\n", "", ", line 4: missing required setting observed.undefined-event.choice"),
        (
            "2026-06-15\n",
            "yesterday\n",
            ", line 6: observed.undefined-event.date has an unknown form; expected a day such as '2026-06-15', as text",
        ),
        (
            "because:",
            "becuase:",
            ", line 7: observed.undefined-event.becuase is not a setting; did you mean 'because'?",
        ),
        ("host: api.example.com\n", "", ": missing required setting host"),
        ("step: 8", "step: 0", ", line 16: pending.reinstate-expired.step must be at least 1"),
        (
            "'2026-06-17T12:00:00Z'",
            "'2026-13-17T12:00:00Z'",
            ", line 13: 2026-13-17T12:00:00Z is no moment of any calendar",
        ),
        ("  reinstate-expired:", "  reinstate-expire:", ", line 13: unknown assumption 'reinstate-expire'"),
        ("host: api.example.com", "host: [", ", line 4: is not YAML"),
        ("observed:", "observed: 1", ", line 4: is not YAML"),
    ],
)
def test_a_broken_file_is_refused_with_the_line(old: str, new: str, says: str) -> None:
    assert old in GOOD
    with pytest.raises(ObservationsError) as refused:
        parse(GOOD.replace(old, new, 1), "o.yaml")
    assert str(refused.value).startswith(f"o.yaml{says}"), refused.value
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "- a\n", "1", "format", "? {a: b}\n: c\n", "\x00", "a: &a [*a]"])
def test_what_is_no_such_file_at_all_is_one_line(text: str) -> None:
    with pytest.raises(ObservationsError) as refused:
        parse(text, "o.yaml")
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ObservationsError, match="cannot be read: No such file"):
        load(tmp_path / "nowhere.yaml")
    (tmp_path / "o.yaml").write_bytes(b"host: \xff")
    with pytest.raises(ObservationsError, match="is not UTF-8 at byte 6"):
        load(tmp_path / "o.yaml")


@given(st.text())
def test_no_text_brings_it_down(text: str) -> None:
    refused = ""
    try:
        parse(text, "o.yaml")
    except ObservationsError as error:
        refused = str(error)
    assert refused.startswith("o.yaml")
