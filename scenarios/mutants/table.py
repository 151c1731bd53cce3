"""The table of a self-test: killed and survived, rule by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .selftest import Selftest


def table(done: Selftest) -> Iterator[str]:
    """The lines for people: a row for each rule, one for each kind, every survivor, and the sum."""
    widest = max((len(row.rule) for row in done.rows), default=4)
    yield f"{'rule':{widest}}  mutants  killed  survived  by its own rule"
    for row in done.rows:
        survived = row.mutants - row.killed
        yield f"{row.rule:{widest}}  {row.mutants:7}  {row.killed:6}  {survived or '-':>8}  {row.blamed:15}"
    yield ""
    yield from _kinds(done)
    yield from _survivors(done)
    killed = sum(one.killed for one in done.hunted)
    yield f"{len(done.hunted)} mutants of {len(done.rows)} rules: {killed} killed, {len(done.survivors)} survived"
    right = not (done.survivors or done.wrongly.killed or any(not row.mutants for row in done.rows))
    yield f"verdict: {'kept, the gate can fail' if right else 'broken, the gate does not notice everything'}"


def _kinds(done: Selftest) -> Iterator[str]:
    """What was wrong, and how often it was found out."""
    every = Counter((one.kind, one.killed) for one in done.hunted)
    kinds = dict.fromkeys(kind for kind, _ in every)
    widest = max(map(len, kinds), default=4)
    yield f"{'what is wrong':{max(widest, 13)}}  killed  survived"
    for kind in kinds:
        yield f"{kind:{max(widest, 13)}}  {every[kind, True]:6}  {every[kind, False] or '-':>8}"
    yield ""


def _survivors(done: Selftest) -> Iterator[str]:
    if done.wrongly.killed:
        yield f"the gate is red where nothing is wrong: {done.wrongly.killer}"
        yield from (f"  {finding.rule}: {finding.message}" for finding in done.wrongly.findings)
        yield ""
    bare = [row.rule for row in done.rows if not row.mutants]
    for name in bare:
        yield f"no mutant breaks {name}"
    for one in done.survivors:
        yield f"survived: {one.mutant}; see it at work: sessionm-harness gate --mutant '{one.mutant}'"
    if bare or done.survivors:
        yield ""
