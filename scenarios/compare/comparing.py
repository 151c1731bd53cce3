"""What two forwarders sent, held side by side: every request in its class, every difference under its cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .causes import Cause, Causes, Key
from .explaining import Explain, Explained
from .fields import Compared, compared
from .grouping import taken_apart
from .pairing import paired
from .sent import UNKNOWN, By, Spill, unpacked
from .telling import Told
from .written import Form, Place

Locate = Callable[[int, list[Form]], list[int]]
"""A person and requests about that person -> the number of the batch that each is for, -1 where nobody can tell."""


@dataclass(slots=True)
class Writing:
    """A difference that is none: how many requests show it, and the first batch."""

    requests: int = 0
    first: int = UNKNOWN


@dataclass(slots=True)
class Outcome:
    """What came of a comparison. `classes` counts requests; each is in one class."""

    classes: Counter[str] = field(default_factory=Counter)
    causes: list[Cause] = field(default_factory=list)
    writings: dict[str, Writing] = field(default_factory=dict)
    old: int = 0
    new: int = 0

    def writing(self, name: str, batch: int) -> None:
        """One more request that is only written in another way."""
        one = self.writings.setdefault(name, Writing())
        one.requests += 1
        if one.first < 0 or 0 <= batch < one.first:
            one.first = batch


class Comparing:
    """One comparison of two runs.

    by       whether requests are known by their batches, or only by whom they are about
    noise    places that are no difference
    explain  see `Explain`
    locate   see `Locate`; for requests that are known by their person
    """

    def __init__(
        self,
        spill: Spill,
        *,
        by: By,
        noise: frozenset[Place] = frozenset(),
        explain: Explain = lambda _batch: None,
        locate: Locate = lambda _person, forms: [UNKNOWN] * len(forms),
    ) -> None:
        self._spill = spill
        self.by: By = by
        self.noise = noise
        self._explain = explain
        self.locate = locate
        self.causes = Causes()
        self.begun: dict[int, Key] = {}
        self._last = (UNKNOWN - 1, Explained({}))
        self.made = Outcome()

    def outcome(self, old: str, new: str) -> Outcome:
        """What two runs sent, compared."""
        made = self.made
        for number, ours, yours in self._spill.groups(old, new, self.by):
            made.old += len(ours)
            made.new += len(yours)
            if ours == yours:
                made.classes["identical"] += len(ours)
            else:
                self._group(number, *([Form.of(unpacked(row)) for row in rows] for rows in (ours, yours)))
        made.causes = self.causes.found()
        return made

    def _group(self, number: int, old: list[Form], new: list[Form]) -> None:
        pairs = paired(old, new, self.noise)
        if pairs.lost or pairs.come:
            left = {*pairs.lost, *(mine for mine, _ in pairs.near)}
            right = {*pairs.come, *(theirs for _, theirs in pairs.near)}
            apart = taken_apart(old, left), taken_apart(new, right)
            parted = paired(*apart, self.noise)
            if len(parted.lost) + len(parted.come) < len(pairs.lost) + len(pairs.come):
                if not (parted.near or parted.lost or parted.come or parted.again or parted.moved):
                    self.made.classes["identical"] += len(pairs.same)
                    self.made.classes["equivalent"] += len(left)
                    batches = self.batches(number, old)
                    for index in left:
                        self.made.writing("grouping", batches[index])
                    return
                old, new, pairs = *apart, parted
        Told(self, self.batches(number, old), self.batches(number, new), old, new, pairs).tell()

    # --- for one group ------------------------------------------------------------------------------------

    def batches(self, number: int, forms: list[Form]) -> list[int]:
        """The number of the batch for each of these requests, which are one group."""
        if self.by == "batch":
            return [number] * len(forms)
        return self.locate(number, forms) if number != UNKNOWN else [UNKNOWN] * len(forms)

    def compared(self, old: Form, new: Form) -> Compared:
        return compared(old, new, self.noise)

    def explained(self, batch: int) -> Explained:
        """What both forwarders say of a batch; the last one is remembered."""
        if self._last[0] != batch:
            self._last = (batch, Explained.of(self._explain(batch) if batch != UNKNOWN else None))
        return self._last[1]
