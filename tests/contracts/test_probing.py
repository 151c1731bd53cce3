"""Questions are complete, and what is wrong with one is said with its place."""

import copy
import re
from typing import Any

import pytest

from contracts import assumptions
from contracts.probing import CONDITIONS, OWNER, checked, needed, pieces, questions
from contracts.register import ASSUMPTION_FILES, HERE, RegisterError, load_yaml
from contracts.settings import checked as settings_checked

RAW = {
    name: entry
    for file in ASSUMPTION_FILES
    if (HERE / f"probes/{file}.yaml").exists()
    for name, entry in load_yaml(f"probes/{file}.yaml").items()
}


def test_every_assumption_of_sessionms_has_one_question_and_every_choice_one_way_to_be_seen() -> None:
    own = {name: one for name, one in assumptions().items() if one.owner == OWNER}
    assert list(questions()) == list(own)
    assert {name: tuple(one.decides) for name, one in questions().items()} == {
        name: one.choices for name, one in own.items()
    }


def test_every_assumption_of_others_names_an_experiment() -> None:
    """Something to do first, and then something to look at."""
    for one in assumptions().values():
        if one.owner != OWNER:
            assert re.match(r"[A-Z][a-z]+ .*[;,.?]", one.question), one.id
            assert not re.match(r"(Is|Are|Do|Does|Which|What|From|After|Under|How) ", one.question), one.id


def test_every_piece_is_needed_by_some_question() -> None:
    every = needed(tuple(name for one in questions().values() for name in one.needs))
    assert {piece.name for piece in every} == set(pieces())


def test_what_changes_the_tenant_says_so() -> None:
    """Whatever writes an attribute or posts an event that the set-up does not have."""
    known = {piece.name for piece in pieces().values()}
    for one in questions().values():
        named = {
            name
            for step in one.steps
            if isinstance(step.get("body"), dict)
            for part in (step["body"].get("events", {}), step["body"].get("user", {}).get("user_profile", {}))
            for name in part
        }
        assert bool(named - known) is bool(one.changes), one.id


def test_a_question_can_be_listened_for_or_left_pending() -> None:
    assert {one.id for one in questions().values() if one.listens} == {
        *("outcome-order", "message-email", "canvas-properties", "property-names", "event-properties"),
        *("outgoing-retries", "feed-attributes"),
    }
    assert {one.id for one in questions().values() if one.waits} == {
        *("audit-log-exclusion", "update-redemption-dates", "reinstate-expired", "sync-without-ttl", "sync-user-id"),
    }


def test_what_is_needed_is_good_in_a_tenant_file() -> None:
    from scenarios.probing.setting_up import tables

    assert settings_checked(tables(questions().values()), "tenant.schema.yaml", "needs")


def changed(place: list[Any], value: Any = None, name: str = "tag-answer") -> dict[str, Any]:
    """The questions with one thing put in the place of another, or left out."""
    raw = copy.deepcopy(RAW)
    inner: Any = raw[name]
    for part in place[:-1]:
        inner = inner[part]
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    return raw


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (
            {**RAW, "tag-answers": RAW["tag-answer"]},
            "question tag-answers: no assumption of sessionm has this id; did you mean 'tag-answer'?",
        ),
        ({**RAW, "mpid-field": RAW["tag-answer"]}, "question mpid-field: no assumption of sessionm has this id"),
        (
            {name: one for name, one in RAW.items() if name != "tag-answer"},
            "assumption tag-answer: no file of probes/ says how it can be asked",
        ),
        (changed(["decides", "list"]), "question tag-answer: does not say how the choice 'list' would be seen"),
        (
            changed(["decides", "heap"], [{"of": "post", "ok": True}]),
            "question tag-answer: decides a choice 'heap'; there are by-name, list",
        ),
        (
            changed(["decides", "list"], [{"of": "post", "kinds": {"/tags": "object"}}]),
            "question tag-answer: 'by-name' and 'list' would look the same",
        ),
        (changed(["asks"]), "question tag-answer: has no asks"),
        (changed(["ask"], "x"), "question tag-answer: 'ask' is no part of it; did you mean 'asks'?"),
        (
            changed(["needs"], ["probe_cofee"]),
            "question tag-answer: there is no piece 'probe_cofee'; did you mean 'probe_coffee'?",
        ),
        (
            changed(["steps", 1, "do"], "postTag"),
            "question tag-answer, step 2: no operation 'postTag'; did you mean 'postTags'?",
        ),
        (changed(["steps", 1, "who"], "two"), "question tag-answer, step 2: nothing is called 'two'"),
        (
            changed(["steps", 1, "body"], {"tags": ["{probe_coffee}"]}),
            "question tag-answer, step 2: nothing is called 'probe_coffee'",
        ),
        (changed(["steps", 1, "says"], {}), "question tag-answer, step 2: 'says' is no part of it"),
        (changed(["steps", 1], {"sleep": "1s"}), "question tag-answer, step 2: is none of do, settle"),
        (
            changed(["provided", 0, "of"], "read"),
            "question tag-answer: looks at 'read', which no step after the last wait has as its id",
        ),
        (changed(["provided", 0], {"of": "post"}), "question tag-answer: says nothing of 'post'"),
        (
            changed(["provided", 0, "mention"], "x"),
            "question tag-answer: 'mention' is no part of it; did you mean 'mentions'?",
        ),
        (
            changed(["provided", 0, "of"], "first", "audit-log-exclusion"),
            "question audit-log-exclusion: looks at 'first'",
        ),
    ],
)
def test_a_question_that_cannot_be_asked_stops_the_program_with_its_place(raw: dict[str, Any], says: str) -> None:
    with pytest.raises(RegisterError, match=re.escape(says)):
        checked(raw)


def test_an_answer_from_before_a_wait_cannot_be_looked_at_after_it() -> None:
    raw = changed(["steps", 1, "id"], "deposit", "audit-log-exclusion")
    raw["audit-log-exclusion"]["provided"][0]["of"] = "deposit"
    with pytest.raises(RegisterError, match="no step after the last wait"):
        checked(raw)


def test_the_words_of_conditions_are_those_that_are_understood() -> None:
    from scenarios.probing.answers import WORDS

    assert set(CONDITIONS) == {"of", *WORDS}
