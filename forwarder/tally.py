"""What was forwarded, counted; and one line for each thing that was not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from .delivery import Delivered
from .fate import Plan

OBJECTS = {
    "read": "read",
    "before": "read at an earlier start",
    "again": "changed since then",
    "foreign": "foreign",
    "unread": "not read",
}
"""What became of an object, and how the summary calls it."""


@dataclass(slots=True)
class Tally:
    """Counts over many batches. `unsettled` requests found no answer, or none that settles them.

    `objects` counts those of buckets, by what became of them.
    """

    batches: int = 0
    bad: int = 0
    historical: int = 0
    requests: int = 0
    delivered: int = 0
    refused: int = 0
    unsettled: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    objects: Counter[str] = field(default_factory=Counter)

    def planned(self, plan: Plan) -> None:
        """Count a batch and where its data points go."""
        self.batches += 1
        self.requests += len(plan.requests)
        self.fates.update(fate.fate for fate in plan.fates)

    def settled(self, outcome: Delivered) -> None:
        match outcome.verdict:
            case "delivered":
                self.delivered += 1
            case "refused":
                self.refused += 1
            case "exhausted":
                self.unsettled += 1

    def lines(self, *, sent: bool = True) -> list[str]:
        """The summary, a few short lines for people; `sent` is False where nothing was to be sent."""
        points = self.fates.total()
        by_fate = ", ".join(f"{name} {count}" for name, count in self.fates.most_common())
        made = [
            f"batches      {self.batches}" + (f", and {self.bad} bad" if self.bad else ""),
            f"requests     {self.requests}"
            + (f": delivered {self.delivered}, refused {self.refused}" if sent else " planned, none sent")
            + (f", not delivered {self.unsettled}" if self.unsettled else ""),
            f"data points  {points}" + (f": {by_fate}" if points else ""),
        ]
        if self.objects:
            counted = [f"{words} {self.objects[kind]}" for kind, words in OBJECTS.items() if self.objects[kind]]
            made.insert(0, f"objects      {', '.join(counted)}")
        if self.historical:
            made.append(f"historical   {self.historical} batches taken and, as mParticle does, not forwarded")
        return made


def sentence(where: str, plan: Plan, outcome: Delivered) -> str:
    """One line about a request that did not arrive; `where` names its batch. No identifier, no key, no value."""
    request = next(request for request in plan.requests if request.key == outcome.key)
    return f"{where}: {request.method} {request.what} {outcome.verdict}: {outcome.why}"
