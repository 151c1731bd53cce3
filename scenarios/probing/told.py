"""What a probe tells people and other tools: what could be asked, what would be sent, what became of it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from contracts import assumptions
from contracts.probing import OWNER, Question

from .asking import Asking, Outcome
from .round import Round
from .setting_up import RECEIVER, toml

WIDTH = 110


def listed(questions: Sequence[Question], *, others: bool) -> Iterator[str]:
    """Each question with what it needs; then, with `others`, what only an experiment elsewhere would settle."""
    for question in questions:
        yield f"{question.id} = {' | '.join(question.decides)}"
        yield from _paragraph("asks", question.asks)
        marks = [
            *([f"needs {', '.join(question.needs)}"] if question.needs else []),
            *(["a receiver"] if question.listens else []),
            *(["time: it is left pending, and resumed"] if question.waits else []),
            *([f"--changes-tenant: it {question.changes}"] if question.changes else []),
        ]
        if marks:
            yield from _paragraph("with", "; ".join(marks))
    yield _counted(len(questions), "question")
    if not others:
        return
    yield ""
    elsewhere = [one for one in assumptions().values() if one.owner != OWNER]
    for one in elsewhere:
        yield f"{one.id} = {' | '.join(one.choices)}"
        yield from _paragraph(f"not asked here, it is {one.owner}'s; experiment", one.question)
    yield f"{len(elsewhere)} that no tenant of SessionM could answer"


def needed(questions: Sequence[Question], receiver: str | None) -> Iterator[str]:
    """A tenant file with what these questions need."""
    return toml(questions, receiver or RECEIVER)


def previewed(
    questions: Iterable[Question], asking: Asking, refused: Mapping[str, str], round_: Round
) -> Iterator[str]:
    """Every request that would be sent."""
    requests = asked = 0
    for question in questions:
        if question.id in refused:
            yield f"{question.id}: would be skipped, {refused[question.id]}"
            continue
        asked += 1
        yield f"{question.id}  {question.asks}"
        if question.changes:
            yield f"  it {question.changes}"
        for line in asking.preview(question, round_.now.pending.get(question.id)):
            requests += not line.startswith("(")
            yield f"  {line}"
    what = f"{_counted(asked, 'question')}, {_counted(requests, 'request')} to {round_.now.host}"
    yield f"{what}; nothing was sent; add --yes"


def became(outcome: Outcome, round_: Round) -> Iterator[str]:
    """One question's end."""
    expected = round_.expected(outcome.id)
    before = "observed before" if outcome.id in round_.before.observed else "assumed"
    match outcome.state:
        case "observed":
            how = f"as {before}" if outcome.choice == expected else f"where {expected} was {before}"
            yield f"  = {outcome.choice}, {how}"
        case _:
            yield f"  = {outcome.state}: {outcome.why}"
    yield from (f"    {line}" for line in outcome.because)


def summary(round_: Round, asking: Asking) -> Iterator[str]:
    """The last lines."""
    if not round_.outcomes:
        yield f"nothing is pending in {round_.path}"
        return
    skipped = [one for one in round_.outcomes if one.state == "skipped"]
    if skipped:
        yield ""
        yield from (f"{one.id}: skipped, {one.why}" for one in skipped)
    yield ""
    counts = Counter(one.state for one in round_.outcomes)
    parts = [f"{counts[state]} {state}" for state in ("observed", "pending", "unclear", "skipped") if counts[state]]
    yield f"{_counted(len(round_.outcomes), 'question')} to {round_.now.host}: {', '.join(parts)} (seed {asking.seed})"
    for one in round_.differing:
        yield f"not as it held so far: {one.id} is {one.choice}, not {round_.expected(one.id)}"
    if counts["observed"] or counts["pending"] or counts["unclear"]:
        yield f"observations: {round_.path}"


def document(round_: Round, asking: Asking, form: str) -> dict[str, Any]:
    """The same for other tools."""
    return {
        "format": form,
        "host": round_.now.host,
        "seed": asking.seed,
        "observations": str(round_.path),
        "questions": [
            {
                "id": one.id,
                "state": one.state,
                "choice": one.choice or None,
                "expected": round_.expected(one.id),
                "because": list(one.because),
                "why": one.why,
            }
            for one in round_.outcomes
        ],
        "not_deleted": list(asking.left),
    }


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"


def _paragraph(name: str, text: str) -> list[str]:
    return textwrap.wrap(f"{name}: {text}", WIDTH, initial_indent="    ", subsequent_indent="    ")
