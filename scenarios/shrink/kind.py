"""What kind of finding one is: of the same rule, in the same kind of place, and wrong in the same way.

A smaller recording must show a finding of the same kind. One that only breaks the same rule may have another fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, get_args, get_type_hints

from forwarder import Fate
from scenarios.verdict import Finding

NOTHING = frozenset({"nothing", "nobody", "no event", "not in its request"})
FATES = frozenset(get_args(get_type_hints(Fate)["fate"]))


class Kind(NamedTuple):
    """The kind of a finding; two with the same kind are the same mistake as far as that shows.

    `way` is how a thing is wrong: it is missing, it is there though it should not be (more), it has another value
    (other), or it is something else altogether (different). Of a fate, which came and which was wanted.
    """

    rule: str
    fingerprint: str
    way: str


def kind_of(finding: Finding) -> Kind:
    return Kind(finding.rule, finding.fingerprint, _way(finding))


def kinds(findings: Iterable[Finding]) -> dict[Kind, Finding]:
    """The first finding of each kind, in their order."""
    made: dict[Kind, Finding] = {}
    for one in findings:
        made.setdefault(kind_of(one), one)
    return made


def _way(finding: Finding) -> str:
    if finding.got in FATES and finding.wanted in FATES:
        return f"{finding.got}, not {finding.wanted}"
    if finding.got in NOTHING or finding.got.endswith(" fewer"):
        return "missing"
    if finding.wanted in {*NOTHING, "not", "no such point"} or finding.got.endswith(" more"):
        return "more"
    return "other" if finding.got.startswith("another ") else "different"
