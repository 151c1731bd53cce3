"""A round writes down each answer at once, and says whether anything is news."""

from pathlib import Path

import pytest

from contracts.observed import ObservationsError, load
from contracts.probing import questions
from scenarios.probing.asking import CannotAsk
from scenarios.probing.round import Allowed, Round, refusals
from tests.scenarios.probing.account import Account

NAMES = ("validation-status", "tag-answer")


def run(account: Account, path: Path, names: tuple[str, ...] = NAMES) -> Round:
    made = Round.at(path, "api.example.com")
    chosen = [questions()[name] for name in names]
    refused = refusals(chosen, account.asking.settings, made.before, Allowed(listens=True))
    assert len(list(made.run(chosen, account.asking, refused, lambda _question: None))) == len(names)
    return made


def test_answers_that_are_as_assumed_are_0(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        made = run(account, tmp_path / "o.yaml")
    assert (made.exit_code, made.differing) == (0, [])
    assert load(tmp_path / "o.yaml").choices == {"validation-status": "200", "tag-answer": "by-name"}
    assert load(tmp_path / "o.yaml").observed["tag-answer"].date == "2026-06-15"


def test_an_answer_that_is_not_as_assumed_is_1_and_the_second_time_it_is_0(tmp_path: Path) -> None:
    with Account({"tag-answer": "list"}, tmp_path) as account:
        first, second = run(account, tmp_path / "o.yaml"), run(account, tmp_path / "o.yaml")
    assert ([one.id for one in first.differing], first.exit_code) == (["tag-answer"], 1)
    assert (second.differing, second.exit_code) == ([], 0)


def test_a_tenant_that_changed_is_1_though_it_is_as_the_register_has_it(tmp_path: Path) -> None:
    with Account({"tag-answer": "list"}, tmp_path) as account:
        run(account, tmp_path / "o.yaml")
    with Account({}, tmp_path) as account:
        made = run(account, tmp_path / "o.yaml")
    assert (made.expected("tag-answer"), made.exit_code) == ("list", 1)
    assert load(tmp_path / "o.yaml").choices["tag-answer"] == "by-name"


def test_pending_alone_is_0_and_nothing_at_all_is_3(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        assert run(account, tmp_path / "o.yaml", ("reinstate-expired",)).exit_code == 0
        again = run(account, tmp_path / "o.yaml", ("reinstate-expired", "undefined-event"))
    assert again.exit_code == 3
    assert [one.why for one in again.outcomes] == [
        "left pending on 2026-06-15; --resume takes it up",
        "it may define an event, under a name that is used once; --changes-tenant allows that",
    ]


def test_an_unclear_answer_is_1_and_is_written_down(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        account.asking.names = {**account.asking.names, "probe_points": "not-a-guid"}
        made = run(account, tmp_path / "o.yaml", ("force-spend",))
    assert made.exit_code == 1
    assert load(tmp_path / "o.yaml").unclear["force-spend"].why.startswith("step 2, depositPoints")


def test_what_was_found_before_the_way_was_lost_is_in_the_file(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        chosen = [questions()[name] for name in (*NAMES, "sync-user-id")]
        account.asking.folder = tmp_path / "nowhere"
        made = Round.at(tmp_path / "o.yaml", "api.example.com")
        with pytest.raises(CannotAsk):
            list(made.run(chosen, account.asking, {}, lambda _question: None))
    assert set(load(tmp_path / "o.yaml").choices) == set(NAMES)


def test_a_file_that_cannot_be_written_is_noticed_before_anything_is_asked(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        made = Round.at(tmp_path / "nowhere/o.yaml", "api.example.com")
        with pytest.raises(ObservationsError, match="cannot be written"):
            list(made.run([questions()["tag-answer"]], account.asking, {}, lambda _question: None))
        assert account.told == []
    assert list(tmp_path.iterdir()) == []


def test_a_file_about_another_host_is_refused(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        run(account, tmp_path / "o.yaml")
    with pytest.raises(ObservationsError, match=r"is about api\.example\.com, not about other\.example\.com"):
        Round.at(tmp_path / "o.yaml", "other.example.com")
