"""The books of points: what came in, what went out, what ran out, and what is left of it.

Nothing in here is ever taken back or counted twice: what a customer has is the sum of the lines. Points that
run out are no line of their own; they follow from the lot and the time, so a clock may move either way.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Unpack

from contracts import Choices

from .chance import Chance, Drawn
from .clock import LAST, Clock
from .points import About, Entry, Kind, Origin, PointsSetup, Posting, Spent, TooFew, Want, derived_id

BEHAVIOURS = frozenset(
    {"sessionm.points-once", "sessionm.points-expire", "sessionm.points-spent-first", "sessionm.spend-accounts"}
)
"""Rules that are kept by how points are booked, not by a check of the gate."""


class Books:
    """The points of every customer of one tenant. `chance` makes ids, `clock` says when.

    `used` counts where an assumption made a difference. `moved` is told of each customer whose points changed.
    """

    __slots__ = ("_behaviours", "_chance", "_choices", "_clock", "_lines", "_once", "_used", "moved", "setup")

    def __init__(
        self,
        setup: PointsSetup,
        clock: Clock,
        chance: Drawn,
        choices: Choices,
        used: Counter[str],
        behaviours: frozenset[str] = BEHAVIOURS,
    ) -> None:
        self.setup = setup
        self.moved: Callable[[str], None] = _nobody
        self._clock = clock
        self._chance = chance
        self._choices = choices
        self._used = used
        self._behaviours = behaviours
        self._lines: dict[str, list[Posting]] = {}
        self._once: dict[tuple[str, str], list[Posting]] = {}

    # --- what there is ------------------------------------------------------------------------------------

    def balance(self, customer_id: str, account_id: str) -> int:
        """What can be spent now from one account; below zero after a spend that was forced."""
        now = self._clock.now()
        return sum(_worth(line, now) for line in self._of(customer_id) if line.account_id == account_id)

    def available(self, customer_id: str) -> int:
        """What can be spent now from all accounts together."""
        now = self._clock.now()
        return sum(_worth(line, now) for line in self._of(customer_id))

    def earned(self, customer_id: str, account_id: str | None = None) -> int:
        """Everything that was ever deposited, spent and run out or not."""
        return self._sum(customer_id, "issued", account_id)

    def spent(self, customer_id: str, account_id: str | None = None) -> int:
        """Everything that was ever spent."""
        return -self._sum(customer_id, "spent", account_id)

    def totals(self, customer_id: str) -> tuple[int, int]:
        """`total_points` and `available_points` of the offer wallet (source: sessionm-clients#wallet)."""
        total = self.spent if self._chosen("total-points") == "spent" else self.earned
        return total(customer_id), self.available(customer_id)

    def log(self, customer_id: str) -> list[Entry]:
        """Every line in the order of its time, those of points that ran out by now among them."""
        now = self._clock.now()
        found = []
        for line in self._of(customer_id):
            found.append(_shown(line, customer_id, now))
            if line.left and line.gone(now):
                found.append(_run_out(line, customer_id))
        return sorted(found, key=lambda entry: entry.at)

    # --- what happens -------------------------------------------------------------------------------------

    def deposit(
        self,
        customer_id: str,
        amount: int,
        *,
        account_id: str | None = None,
        kind: Kind = "issued",
        **about: Unpack[About],
    ) -> Entry:
        """Points that come in, into the first account where none is named. `amount` is above zero.

        Under an idempotency id that was booked before, nothing happens and the first line is answered.
        """
        before = self._before(customer_id, about.get("idempotency_id"))
        now = self._clock.now()
        if before:
            return _shown(before[0], customer_id, now)
        account = self.setup.accounts[account_id] if account_id is not None else self.setup.default
        expires = None
        if account.expires_after is not None and "sessionm.points-expire" in self._behaviours:
            expires = min(now + account.expires_after, LAST)
        line = Posting(self._id(), account.id, kind, amount, now, self._origin(about), expires, left=amount)
        self._book(customer_id, [line])
        _pay(self._of(customer_id), account.id, now)
        self.moved(customer_id)
        return _shown(line, customer_id, now)

    def spend(
        self,
        customer_id: str,
        amount: int,
        *,
        account_ids: Sequence[str] | None = None,
        kind: Kind = "spent",
        force: bool = False,
        **about: Unpack[About],
    ) -> Spent:
        """Points that go out, from all accounts where none is named. `amount` is above zero.

        Raises `TooFew`, and nothing has happened, where the accounts hold less; `force` goes on in spite of it,
        as the assumption `force-spend` says. An idempotency id that was booked before gets the first answer.
        """
        now = self._clock.now()
        before = self._before(customer_id, about.get("idempotency_id"))
        if before:
            return _as_spent(before, before[0].origin, customer_id, now)
        accounts = list(dict.fromkeys(account_ids if account_ids is not None else self.setup.accounts))
        if "sessionm.spend-accounts" not in self._behaviours:
            accounts = accounts[:1]
        for account in accounts:
            _pay(self._of(customer_id), account, now)
        lots = self._lots(customer_id, accounts, now)
        there = sum(lot.left for lot in lots)
        owed = max(amount - there, 0)
        if owed:
            if not force or not self.forces():
                raise TooFew(amount, there)
            if self._choices["force-spend"] == "as-far-as-it-goes":
                amount, owed = there, 0
        taken = _take(lots, amount)
        if owed:
            taken[accounts[0]] = taken.get(accounts[0], 0) + owed
        origin = self._origin(about)
        lines = [
            Posting(self._id(), account, kind, -part, now, origin, owed=owed if account == accounts[0] else 0)
            for account, part in taken.items()
        ]
        self._book(customer_id, lines)
        self.moved(customer_id)
        return _as_spent(lines, origin, customer_id, now)

    def forces(self) -> bool:
        """Whether a forced spend does more than another one."""
        return self._chosen("force-spend") != "refused"

    def booked(self, customer_id: str, idempotency_id: str | None) -> int | None:
        """How many points moved under an idempotency id; None where it was not seen yet."""
        before = self._before(customer_id, idempotency_id)
        return sum(abs(line.amount) for line in before) if before else None

    def lacking(self, customer_id: str, wants: Iterable[Want]) -> Iterator[tuple[int, TooFew]]:
        """Those of several spends, one after the other, for which there would be too few points; nothing is booked."""
        tried = Books(self.setup, self._clock, Chance(0), self._choices, Counter(), self._behaviours)
        tried._book(customer_id, [line.twin() for line in self._of(customer_id) if line.left or line.owed])
        for index, want in enumerate(wants):
            if self._before(customer_id, want.idempotency_id):
                continue
            try:
                tried.spend(
                    customer_id,
                    want.amount,
                    account_ids=want.account_ids,
                    force=want.force,
                    idempotency_id=want.idempotency_id,
                )
            except TooFew as error:
                yield index, error

    # --- kept -----------------------------------------------------------------------------------------------

    def export(self) -> Any:
        return {"lines": {customer_id: [line.export() for line in lines] for customer_id, lines in self._lines.items()}}

    def restore(self, kept: Any) -> None:
        self._lines, self._once = {}, {}
        for customer_id, lines in kept["lines"].items():
            self._book(customer_id, [Posting.restore(line) for line in lines])

    def _of(self, customer_id: str) -> Sequence[Posting]:
        return self._lines.get(customer_id, ())

    def _sum(self, customer_id: str, kind: Kind, account_id: str | None = None) -> int:
        return sum(
            line.amount for line in self._of(customer_id) if line.kind == kind and account_id in {None, line.account_id}
        )

    def _before(self, customer_id: str, idempotency_id: str | None) -> Sequence[Posting]:
        if idempotency_id is None or "sessionm.points-once" not in self._behaviours:
            return ()
        return self._once.get((customer_id, idempotency_id), ())

    def _book(self, customer_id: str, lines: Iterable[Posting]) -> None:
        for line in lines:
            self._lines.setdefault(customer_id, []).append(line)
            if line.origin.idempotency_id is not None:
                self._once.setdefault((customer_id, line.origin.idempotency_id), []).append(line)

    def _lots(self, customer_id: str, accounts: Sequence[str], now: float) -> list[Posting]:
        """What can be spent, in the order in which it is."""
        lots = [
            line for line in self._of(customer_id) if line.left and line.account_id in accounts and not line.gone(now)
        ]
        oldest = self._chosen("points-spent-first", matters=len(lots) > 1) == "oldest"
        if "sessionm.points-spent-first" not in self._behaviours:
            oldest = not oldest
        lots.sort(key=lambda line: line.at, reverse=not oldest)
        several = len({lot.account_id for lot in lots}) > 1
        if self._chosen("spend-accounts", matters=several) == "in-order":
            lots.sort(key=lambda line: accounts.index(line.account_id))
        return lots

    def _chosen(self, assumption: str, *, matters: bool = True) -> str:
        self._used[assumption] += matters
        return self._choices[assumption]

    def _origin(self, about: About) -> Origin:
        return Origin(self._id(), **about)

    def _id(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))


def _nobody(_customer_id: str) -> None:
    """Nobody wants to know."""


def _worth(line: Posting, now: float) -> int:
    return (0 if line.gone(now) else line.left) - line.owed


def _pay(lines: Iterable[Posting], account_id: str, now: float) -> None:
    """Let what is there pay for what a forced spend still owes."""
    own = [line for line in lines if line.account_id == account_id]
    debts = [line for line in own if line.owed]
    lots = [line for line in own if line.left and not line.gone(now)] if debts else []
    for debt in debts:
        for lot in lots:
            part = min(debt.owed, lot.left)
            debt.owed -= part
            lot.left -= part


def _take(lots: Iterable[Posting], amount: int) -> dict[str, int]:
    """Take so many points out of lots, or all where they hold fewer; by account."""
    taken: dict[str, int] = {}
    for lot in lots:
        if not amount:
            break
        part = min(amount, lot.left)
        lot.left -= part
        amount -= part
        taken[lot.account_id] = taken.get(lot.account_id, 0) + part
    return taken


def _shown(line: Posting, customer_id: str, now: float) -> Entry:
    came_in = line.amount > 0
    return Entry(
        line.id,
        customer_id,
        line.account_id,
        line.kind,
        line.amount,
        line.at,
        line.origin,
        line.expires,
        spent=line.amount - line.left if came_in else 0,
        expired=line.left if came_in and line.gone(now) else 0,
    )


def _run_out(lot: Posting, customer_id: str) -> Entry:
    origin = replace(lot.origin, request_id=derived_id(lot.id, "request"), idempotency_id=None, occurred="")
    return Entry(
        derived_id(lot.id, "expired"), customer_id, lot.account_id, "expired", -lot.left, lot.expires or 0.0, origin
    )


def _as_spent(lines: Sequence[Posting], origin: Origin, customer_id: str, now: float) -> Spent:
    entries = tuple(_shown(line, customer_id, now) for line in lines)
    return Spent(origin.request_id, sum(abs(entry.amount) for entry in entries), entries)
