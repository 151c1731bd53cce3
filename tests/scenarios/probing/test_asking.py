"""The proof of `probe`: a fake with another choice, asked over its vendor APIs alone, gives that choice away."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts import Request, Response, assumptions
from contracts.probing import Question, questions
from contracts.transport import Lost, TimedOut
from scenarios.probing.asking import CannotAsk
from tests.scenarios.probing.account import SECRETS, Account, mixture


def every_choice() -> Iterator[Any]:
    for question in questions().values():
        for choice in question.decides:
            yield pytest.param(question, choice, id=f"{question.id}={choice}")


@pytest.mark.parametrize(("question", "choice"), list(every_choice()))
def test_every_choice_of_every_assumption_is_found(question: Question, choice: str, tmp_path: Path) -> None:
    with Account({question.id: choice}, tmp_path) as account:
        outcome = account.answered(question)
        assert (outcome.state, outcome.choice) == ("observed", choice), outcome
        assert account.asking.left == []
        assert len(account.tenant.customers) == 0


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_other_choices_are_each_is_found(seed: int, tmp_path: Path) -> None:
    chosen = mixture(seed)
    with Account(chosen, tmp_path, seed) as account:
        outcomes = {name: account.answered(question) for name, question in questions().items()}
    if chosen["issue-quantity"] == "one-with-quantity":
        # One user offer with a quantity is issued whole or not at all, whatever the choice.
        assert outcomes.pop("issue-in-part").state == "skipped"
        del chosen["issue-in-part"]
    assert {name: one.choice or f"{one.why}: {one.because}" for name, one in outcomes.items()} == chosen


def test_no_credential_is_in_anything_that_is_told_or_kept(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        for question in questions().values():
            account.told += account.asking.preview(question)
            account.told.append(repr(account.asking.ask(question)))
    text = "\n".join(account.told) + "".join(path.read_text() for path in tmp_path.iterdir())
    assert [secret for secret in (*SECRETS, account.asking.settings.api_key) if secret in text] == []
    assert "/priv/v1/apps/{api_key}/users" in text


def test_what_is_shown_before_is_what_is_sent_but_for_what_the_answers_bring(tmp_path: Path) -> None:
    question = questions()["force-spend"]
    with Account({}, tmp_path) as account:
        shown = list(account.asking.preview(question))
        account.asking.ask(question)
        [one] = {line.rpartition("/")[2] for line in account.told if line.startswith("DELETE")}
    assert [line.replace("{one}", one) for line in shown] == account.told


class Broken:
    """A way to a tenant that answers as it is told from one request on."""

    def __init__(self, door: Any, answer: Response | Exception, after: int = 0) -> None:
        self._door, self._answer, self._after = door, answer, after
        self.sent = 0

    def send(self, request: Request) -> Response:
        self.sent += 1
        if self.sent <= self._after:
            answer: Response = self._door.send(request)
            return answer
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


HTML = Response(200, {"content-type": "text/html; charset=utf-8"}, b"<html>Welcome</html>")
UNAUTHORISED = Response(401, {"content-type": "application/json"}, b'{"status":"error"}')
FAULT = Response(503, {"content-type": "text/html"}, b"<html>busy</html>")


def broken(account: Account, answer: Response | Exception, after: int = 0) -> Broken:
    made = Broken(account.asking.opened(), answer, after)
    account.asking = dataclasses.replace(account.asking, opened=lambda: made, _door=None)
    return made


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (HTML, "createUser: HTTP 200 with text/html, not JSON; is --host the address of SessionM's API?"),
        (Response(302, {"location": "/login"}), "HTTP 302"),
        (UNAUTHORISED, "createUser: HTTP 401; are key and secret in [core] of --tenant the right ones?"),
        (Lost("no answer from http://nowhere"), "no answer from http://nowhere; is --host the address of the tenant?"),
    ],
)
def test_an_address_that_is_not_the_tenants_ends_it_all(answer: Any, says: str, tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        sent = broken(account, answer)
        with pytest.raises(CannotAsk, match=re.escape(says)):
            account.asking.ask(questions()["tag-answer"])
        assert sent.sent == 1


def test_credentials_of_connect_that_are_wrong_are_told_apart(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        broken(account, UNAUTHORISED, after=1)
        with pytest.raises(CannotAsk, match=r"\[connect\]"):
            account.asking.ask(questions()["force-spend"])


FORBIDDEN = Response(403, {"content-type": "application/json"}, b'{"status":"error"}')
TOO_MANY = Response(429, {"content-type": "application/json"}, b'{"status":"error"}')


@pytest.mark.parametrize(
    "trouble", [FAULT, FORBIDDEN, TOO_MANY, Lost("connection reset"), TimedOut("no answer within 10 s")]
)
def test_trouble_in_the_middle_leaves_one_question_unclear(trouble: Any, tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        broken(account, trouble, after=2)
        outcome = account.asking.ask(questions()["force-spend"])
    assert outcome.state == "unclear"
    assert outcome.choice == ""
    assert (f"HTTP {trouble.status}" if isinstance(trouble, Response) else str(trouble)) in outcome.why
    assert len(account.asking.left) == 1  # nor could the throw-away customer be deleted


def test_a_question_whose_preparation_is_refused_is_unclear_and_says_at_which_step(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:
        account.asking.names = {**account.asking.names, "probe_points": "not-a-guid"}
        outcome = account.asking.ask(questions()["force-spend"])
        assert len(account.tenant.customers) == 0
    assert outcome.state == "unclear"
    assert outcome.why.startswith("step 2, depositPoints: HTTP 200, refused (validation): ")


def test_answers_that_fit_no_choice_are_told_by_kind_and_size_and_never_by_value(tmp_path: Path) -> None:
    question = questions()["connect-error-status"]
    odd = Response(418, {"content-type": "application/json"}, b'{"status":"error","code":"Ada Lovelace","who":"Ada"}')
    with Account({}, tmp_path) as account:
        broken(account, odd)
        outcome = account.asking.ask(question)
    assert (outcome.state, outcome.why) == ("unclear", "the answers fit no choice of the register")
    assert outcome.because == ("wallet: HTTP 418, refused: {status text, code text, who text}",)


def test_a_question_that_waits_is_resumed_with_what_it_knew_by_another_run(tmp_path: Path) -> None:
    question = questions()["reinstate-expired"]
    with Account({"reinstate-expired": "refused"}, tmp_path, seed=1) as account:
        pending = account.asking.ask(question).pending
        assert pending is not None
        assert len(account.tenant.customers) == 1
        account.asking.seed = 2
        early = account.asking.resume(question, pending)
        assert (early.state, early.why) == ("pending", "until 2026-06-17T12:00:00Z")
        account.tenant.clock.advance("2d")
        assert account.asking.resume(question, pending).choice == "refused"
        assert len(account.tenant.customers) == 0


def test_trouble_while_resuming_leaves_the_question_as_pending_as_it_was(tmp_path: Path) -> None:
    question = questions()["reinstate-expired"]
    with Account({}, tmp_path) as account:
        pending = account.asking.ask(question).pending
        assert pending is not None
        account.tenant.clock.advance("2d")
        whole = account.asking
        broken(account, FAULT)
        outcome = account.asking.resume(question, pending)
        assert (outcome.state, outcome.pending) == ("pending", pending)
        assert whole.resume(question, pending).choice == "stays-expired"


def test_a_file_that_was_not_imported_yet_leaves_the_question_pending(tmp_path: Path) -> None:
    question = questions()["sync-user-id"]
    with Account({}, tmp_path) as account:
        pending = account.asking.ask(question).pending
        assert pending is not None
        assert pending.to_do.endswith(
            "Import it in SM Sync as tags with the lookup key user_id, and resume within thirty days."
        )
        again = account.asking.resume(question, pending)
        assert (again.state, again.pending) == ("pending", pending)
        account.imports()
        assert account.asking.resume(question, pending).choice == "sessionm-id"


def test_ctrl_c_takes_the_throw_away_customer_along(tmp_path: Path) -> None:
    with Account({}, tmp_path) as account:

        def interrupted(_seconds: float) -> None:
            raise KeyboardInterrupt

        account.asking.pause = interrupted
        with pytest.raises(KeyboardInterrupt):
            account.asking.ask(questions()["history-order"])
        assert len(account.tenant.customers) == 0


def test_a_folder_that_cannot_be_written_ends_it_with_a_line(tmp_path: Path) -> None:
    with Account({}, tmp_path / "nowhere") as account, pytest.raises(CannotAsk, match=r"tags\.csv: cannot be written"):
        account.asking.ask(questions()["sync-user-id"])


def test_the_harness_own_header_is_of_no_help(tmp_path: Path) -> None:
    """A real tenant has no X-Harness-Rule: without it, everything is found as well."""
    question = questions()["undefined-event"]
    with Account({"undefined-event": "ignored"}, tmp_path) as account:
        door = account.asking.opened()

        class Bare:
            def send(self, request: Request) -> Response:
                answer = door.send(request)
                kept = {name: value for name, value in answer.headers.items() if not name.startswith("x-")}
                return Response(answer.status, kept, answer.body)

        account.asking.opened = Bare
        assert account.asking.ask(question).choice == "ignored"


def test_no_assumption_of_others_is_asked() -> None:
    assert {assumptions()[name].owner for name in questions()} == {"sessionm"}
