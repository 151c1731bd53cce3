"""What of those who were there before a recording began no answer has shown yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_sessionm import Customer

from .accounts import Account


@dataclass(slots=True)
class Unseen:
    """One small record for each of them; whoever was made in the recording has none.

    `place` is where the recording stands.
    """

    place: str = ""
    _shown: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    _where: dict[tuple[int, str], str] = field(default_factory=dict)

    def add(self, account: Account, customer: Customer) -> None:
        """Somebody was there before, as the place shows at which the recording stands."""
        self._shown[account.number, customer.id] = set()
        self._where[account.number, customer.id] = self.place

    def where(self, account: Account, customer: Customer) -> str:
        """The place that showed somebody to have been there before; empty for whoever was not."""
        return self._where.get((account.number, customer.id), "")

    def remove(self, account: Account, customer: Customer) -> None:
        """Somebody was not there before, after all."""
        self._shown.pop((account.number, customer.id), None)
        self._where.pop((account.number, customer.id), None)

    def before(self, account: Account, customer_id: str) -> bool:
        """Whether somebody was there before the recording began."""
        return (account.number, customer_id) in self._shown

    def first(self, account: Account, customer: Customer, what: str) -> bool:
        """Whether an answer shows this of somebody for the first time; it is the last time that this is so."""
        if not self.never(account, customer, what):
            return False
        self._shown[account.number, customer.id].add(what)
        return True

    def never(self, account: Account, customer: Customer, what: str) -> bool:
        """Whether no answer has shown this yet of somebody who was there before."""
        shown = self._shown.get((account.number, customer.id))
        return shown is not None and what not in shown
