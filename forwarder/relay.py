"""What sources hold, on to the vendor: planned, delivered, counted and told, batch after batch."""

from __future__ import annotations

from collections.abc import Callable

from .connection import Connection
from .delivery import Delivered, Delivery
from .fate import Plan
from .planning import plan
from .sources.ndjson import BadRecord, Place, Record, Skipped
from .sources.s3 import Found, Remark
from .tally import Tally, sentence

OURS = frozenset({401, 403})
"""Answers that refuse who sends, and not what is sent: with other credentials the same may be taken."""


class Unreachable(Exception):
    """The host gave no answer at all."""


class Relay:
    """Takes what sources give, in their order.

    delivery  None sends nothing
    wall      seconds since 1970, against which the age of events is measured
    say       is given one line for each thing that is not as it should be
    show      is given each plan where nothing is sent

    After a request that could not be settled nothing of its user is sent any more.
    """

    def __init__(
        self,
        connection: Connection,
        delivery: Delivery | None,
        tally: Tally,
        *,
        wall: Callable[[], float],
        say: Callable[[str], None],
        show: Callable[[Plan], None],
    ) -> None:
        self._connection = connection
        self._delivery = delivery
        self._tally = tally
        self._wall = wall
        self._say = say
        self._show = show
        self._held: set[str] = set()

    def take(self, found: Found) -> None:
        """Forward a record; count and tell anything else. Raises `Unreachable`."""
        match found:
            case Skipped(source, why):
                self._say(f"{source}: skipped: {why}")
            case Remark(kind=kind):
                self._tally.objects[kind] += 1
                if found.why:
                    self._say(str(found))
            case BadRecord():
                self._tally.bad += 1
                self._say(str(found))
            case Record():
                self._forward(found)

    def _forward(self, record: Record) -> None:
        made = plan(record.batch, self._connection, now=self._wall())
        self._tally.planned(made)
        if self._delivery is None:
            self._show(made)
            return
        where = f"{record.source}:{record.line}"
        settled = record.place.parts if record.place else frozenset[str]()
        left = [request for request in made.requests if request.key not in settled]
        self._tally.requests -= len(made.requests) - len(left)
        if any(request.lane in self._held for request in left):
            self._tally.unsettled += len(left)
            self._say(f"{where}: not sent: an earlier batch of its user did not arrive")
            whole = False
        else:
            whole = self._sent(self._delivery, made, where, settled, record.place)
        if record.place and whole:
            record.place.settle()
        elif record.place:
            record.place.leave()

    def _sent(self, delivery: Delivery, made: Plan, where: str, settled: frozenset[str], place: Place | None) -> bool:
        """Deliver a plan; False where something of it must be sent at a later start."""
        whole = True
        for outcome in delivery.outcomes(made, settled=settled):
            self._tally.settled(outcome)
            if outcome.verdict != "delivered":
                if outcome.code == "lost":
                    raise Unreachable(f"{outcome.why}; stopped at {where}, and what follows was not sent")
                self._say(sentence(where, made, outcome))
            if not _settles(outcome, whole=whole):
                whole = False
                if outcome.verdict == "exhausted" or place:
                    self._held.update(request.lane for request in made.requests if request.key == outcome.key)
            elif place:
                place.settle_part(outcome.key)
        return whole


def _settles(outcome: Delivered, *, whole: bool) -> bool:
    """Whether a request need not be sent again; `whole` is whether that was so of all before it."""
    if outcome.verdict != "refused":
        return outcome.verdict == "delivered"
    if outcome.code == "user_refused":
        return whole
    return outcome.code != "no_credentials" and outcome.status not in OURS
