"""What points are made of: accounts and sources as a tenant sets them up, and the lines of the books."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, TypedDict

from .clock import duration

Kind = Literal["issued", "spent", "expired", "adjustment"]
"""What moved points; the audit log's number for each stands in the table of `sessionm.audit-types`."""
OURS = uuid.UUID("5e551011-0000-4000-8000-000000000000")
"""The root of ids that are made from names, so that a file without ids has the same ones every time."""
DEFAULT_ACCOUNT = "Points"


@lru_cache(maxsize=512)
def own_id(kind: str, name: str) -> str:
    """The GUID of something to which the tenant file gives a name and no id."""
    return str(uuid.uuid5(OURS, f"{kind} {name}"))


def derived_id(of: str, what: str) -> str:
    """The GUID of something that follows from another thing with a GUID: always the same for the same two."""
    return str(uuid.uuid5(uuid.UUID(of), what))


@dataclass(frozen=True, slots=True)
class Account:
    """A kind of points. `expires_after` is the seconds that points live after their deposit; None for ever."""

    id: str
    name: str
    label: str = ""
    expires_after: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where points come from, for the statement."""

    id: str
    name: str


class About(TypedDict, total=False):
    """What is said of a booking beside its amount.

    source           a point source's id, or a text of ours such as a campaign's name
    reference_id     the thing that it is about, and `reference_type` what kind of thing that is
    idempotency_id   the same booking comes under the same id
    transaction_id   the purchase that it belongs to
    occurred         when it happened, as the caller says; without it, now
    published        whether the customer's timeline tells of it
    """

    source: str
    reference_id: str
    reference_type: str
    idempotency_id: str | None
    transaction_id: str
    occurred: str
    published: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """`About`, with what was left out filled in; `request_id` is the same for all lines of one booking."""

    request_id: str
    source: str = ""
    reference_id: str = ""
    reference_type: str = ""
    idempotency_id: str | None = None
    transaction_id: str = ""
    occurred: str = ""
    published: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a customer's books, as it looks now.

    amount    signed: what the line changes the balance by
    at        seconds since 1970
    expires   of points that come in: when they are gone; None for never
    spent     of points that came in: how many of them are spent
    expired   of points that came in: how many of them have run out
    """

    id: str
    customer_id: str
    account_id: str
    kind: Kind
    amount: int
    at: float
    origin: Origin
    expires: float | None = None
    spent: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """A spend that was booked: one line for each account that it took from; `amount` is positive."""

    id: str
    amount: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Want:
    """A spend that somebody asks for; see `Books.spend`."""

    amount: int
    account_ids: tuple[str, ...]
    idempotency_id: str | None = None
    force: bool = False


class TooFew(ValueError):
    """There are fewer points than were to be spent: `there` is how many, which no message tells."""

    def __init__(self, wanted: int, there: int) -> None:
        super().__init__(f"{wanted} points are to be spent, and fewer are there")
        self.wanted = wanted
        self.there = there


@dataclass(slots=True, eq=False)
class Posting:
    """A line as the books keep it: `left` of points that came in is unspent, `owed` is what a spend has yet to get."""

    id: str
    account_id: str
    kind: Kind
    amount: int
    at: float
    origin: Origin
    expires: float | None = None
    left: int = 0
    owed: int = 0

    def gone(self, now: float) -> bool:
        """Whether points that came in have run out."""
        return self.expires is not None and self.expires <= now

    def twin(self) -> Posting:
        """Another line that is the same, to try something on."""
        # Written out: copy.copy takes five times as long, and somebody may have a thousand lots.
        return Posting(
            self.id,
            self.account_id,
            self.kind,
            self.amount,
            self.at,
            self.origin,
            self.expires,
            left=self.left,
            owed=self.owed,
        )

    def export(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def restore(cls, kept: Mapping[str, Any]) -> Posting:
        return cls(**{**kept, "origin": Origin(**kept["origin"])})


@dataclass(frozen=True, slots=True)
class PointsSetup:
    """`[[point_accounts]]` and `[[point_sources]]` of a tenant; an account for points is there even with neither."""

    accounts: Mapping[str, Account]
    sources: Mapping[str, Source]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> PointsSetup:
        accounts = tables.get("point_accounts") or [{"name": DEFAULT_ACCOUNT}]
        made = [
            Account(
                entry.get("id", own_id("point account", entry["name"])).lower(),
                entry["name"],
                entry.get("grouping_label", ""),
                duration(entry["expires_after"]) if "expires_after" in entry else None,
            )
            for entry in accounts
        ]
        sources = [
            Source(entry.get("id", own_id("point source", entry["name"])).lower(), entry["name"])
            for entry in tables.get("point_sources", ())
        ]
        return cls({account.id: account for account in made}, {source.id: source for source in sources})

    @property
    def default(self) -> Account:
        """Where points go when nobody names an account: the first one."""
        return next(iter(self.accounts.values()))


def wrong_tables(document: Mapping[str, Any]) -> Iterator[str]:
    """What no schema can say of the tables about points: `<key>: <what is wrong>`."""
    for table, kind in (("point_accounts", "point account"), ("point_sources", "point source")):
        yield from twice(document.get(table, ()), table, kind)
    accounts = PointsSetup.of(document).accounts
    for index, user in enumerate(document.get("users", ())):
        for number, given in enumerate(user.get("points", ())):
            if given.get("point_account_id", "").lower() not in {"", *accounts}:
                yield f"users.{index}.points.{number}.point_account_id: no [[point_accounts]] has this id"


def twice(entries: Sequence[Mapping[str, Any]], table: str, kind: str) -> Iterator[str]:
    """A complaint for each entry of a table whose id an earlier one has; a name stands for the id it makes."""
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        id_ = entry.get("id", own_id(kind, entry["name"])).lower()
        if id_ in seen:
            yield f"{table}.{index}: an earlier entry has the same id, or the same name and no id"
        seen.add(id_)
