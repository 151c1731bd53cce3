"""Forwarders that no table makes: each wrong in a way of its own, with a sentence about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from forwarder import DESTINATIONS, Connection, Plan, PlannedRequest, plan, selection
from forwarder.batch import AUDIENCES
from forwarder.draft import Draft, Step

from .mutant import Mutant
from .requests import replanned
from .wrong import planned_by, wrong

PEOPLE = "/api/v1/customers/"
PERSON, PLATFORM = "customerio.audience-person", "sessionm.platform-credentials"
DEVICE, LAST_DEVICE = "customerio.created-at-device", "customerio.created-at-last-device"


def hand_made_mutants() -> Iterator[Mutant]:
    """Every mutant that is made by hand."""
    yield from _of_planning()
    yield from _of_people()
    yield from _of_devices()
    yield from _of_stories()


# --- steps ------------------------------------------------------------------------------------------------


def take_platform_alone(draft: Draft) -> None:
    """As SessionM's destination does it, where every platform is taken."""
    selection.take_platform(draft)


def tell_no_names(draft: Draft) -> None:
    """Of a line of audiences nothing is said but who it is about."""
    if draft.body.get("type") == AUDIENCES:
        for point in draft.attributes:
            draft.end(point, "unsupported", "customerio.audience-person")
        draft.attributes = []


def tell_no_email(draft: Draft) -> None:
    """With a line of audiences no email goes."""
    if draft.body.get("type") == AUDIENCES:
        draft.identities = [point for point in draft.identities if point.out != "email"]


def lose_digits(draft: Draft) -> None:
    """The MPID goes through a float."""
    if draft.mpid is not None:
        draft.mpid = int(float(draft.mpid))


def forget_platform(draft: Draft) -> None:
    """Whatever came, it came from a custom feed."""
    draft.platform = "custom_feeds"


class Odd(NamedTuple):
    """A step that stands where none should, and what is wrong with it. It comes last, unless it is `early`."""

    rule: str
    kind: str
    what: str
    step: Step
    road: str
    says: str
    early: bool = False


TEN = "Ten platforms are taken, as by SessionM."
ODD: Sequence[Odd] = (
    Odd("customerio.all-platforms", "filter added", "platforms", take_platform_alone, "customerio", TEN, early=True),
    Odd("madconnect.one-input", "filter added", "platforms", take_platform_alone, "mparticle", TEN, early=True),
    Odd(PERSON, "attribute lost", "names", tell_no_names, "customerio", "With the audiences no names go."),
    Odd(PERSON, "attribute lost", "email", tell_no_email, "customerio", "With the audiences no email goes."),
    Odd("sessionm.mpid-always", "digits lost", "path", lose_digits, "sessionm", "The MPID is read as a float."),
    Odd("madconnect.mpid", "digits lost", "head", lose_digits, "mparticle", "The MPID is read as a float."),
    Odd(PLATFORM, "effect skipped", "platform", forget_platform, "sessionm", "A batch's platform is forgotten."),
)


def _of_planning() -> Iterator[Mutant]:
    for odd in ODD:
        own = DESTINATIONS[odd.road].steps
        planning = planned_by(odd.road, (own[0], odd.step, *own[1:]) if odd.early else (*own, odd.step))
        told = f"On the road to {DESTINATIONS[odd.road].title}: {odd.says}"
        yield wrong(odd.rule, odd.kind, odd.what, told, planning=planning, road=odd.road, plans=True)


# --- people in Customer.io --------------------------------------------------------------------------------


def _after_opt_out(method: str, ending: str) -> Callable[[Plan], Plan]:
    def change(made: Plan) -> Plan:
        requests = list(made.requests)
        for one in made.requests:
            if one.what == "user" and orjson.loads(one.body).get("unsubscribed"):
                more = replace(one, key=f"{one.key}.more", method=method, path=one.path + ending, body=b"{}")
                requests.append(replace(more, what="more"))
        return Plan(tuple(requests), made.fates)

    return change


def _by_email(made: Plan) -> Plan:
    """Whoever has an email is known by it."""
    email = next((orjson.loads(one.body).get("email") for one in made.requests if one.what == "user"), None)
    if not email:
        return made

    def moved(one: PlannedRequest) -> PlannedRequest:
        behind = one.path.removeprefix(PEOPLE).partition("/")[2]
        return replace(one, path=PEOPLE + email + (f"/{behind}" if behind else ""))

    return Plan(tuple(map(moved, made.requests)), made.fates)


def _by_mpid(made: Plan) -> Plan:
    """Nobody is known by the email."""

    def moved(one: PlannedRequest) -> PlannedRequest:
        who, slash, behind = one.path.removeprefix(PEOPLE).partition("/")
        return replace(one, path=f"{PEOPLE}{one.key.partition('.')[0]}{slash}{behind}") if "%40" in who else one

    return Plan(tuple(map(moved, made.requests)), made.fates)


def _of_people() -> Iterator[Mutant]:
    keeps = "customerio.opt-out-keeps-profile"
    for rule, kind, what, says, change in (
        (keeps, "request added", "delete", "Who opts out is deleted.", _after_opt_out("DELETE", "")),
        (keeps, "request added", "suppress", "Who opts out is suppressed.", _after_opt_out("POST", "/suppress")),
        ("customerio.customer-id-first", "name changed", "email", "Whoever has an email is known by it.", _by_email),
        ("customerio.email-else", "name changed", "mpid", "Who has no customer id is known by the MPID.", _by_mpid),
    ):
        yield wrong(rule, kind, what, says, planning=replanned("customerio", change), road="customerio", plans=True)


# --- when somebody was first seen on a device -------------------------------------------------------------


class _Remembering:
    """Planning that remembers what was said of when people were first seen; `choose` picks what is said now."""

    def __init__(self, choose: Callable[[int, int], int]) -> None:
        self._choose = choose
        self._said: dict[str, int] = {}

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Remember nothing of an earlier hunt."""
        self._said.clear()
        yield

    def __call__(self, batch: Any, connection: Connection, *, now: float | None = None) -> Plan:
        made = plan(batch, connection, now=now)
        requests = []
        for one in made.requests:
            body = orjson.loads(one.body) if one.what == "user" and connection.destination == "customerio" else {}
            if "created_at" in body:
                said = self._choose(self._said.setdefault(one.lane, body["created_at"]), body["created_at"])
                self._said[one.lane] = said
                one = replace(one, body=orjson.dumps({**body, "created_at": said}))  # noqa: PLW2901  the same, said otherwise
            requests.append(one)
        return Plan(tuple(requests), made.fates)


def _of_devices() -> Iterator[Mutant]:
    for rule, what, says, choose in (
        (DEVICE, "own", "Every device has a value of its own, later each time.", lambda said, now: max(said, now) + 1),
        (DEVICE, "one", "The value of the first kind of device is that of all.", lambda said, _now: said),
        (LAST_DEVICE, "first", "The earliest value stays.", min),
        (LAST_DEVICE, "latest", "The latest value stays.", max),
    ):
        planning = _Remembering(choose)
        road = "customerio"
        yield wrong(rule, "value changed", what, says, planning=planning, patched=planning.begun, road=road)


# --- stories ----------------------------------------------------------------------------------------------


def _nothing(made: Plan) -> Plan:
    return Plan((), made.fates)


def _events_alone(made: Plan) -> Plan:
    return Plan(tuple(one for one in made.requests if one.what != "user"), made.fates)


def _all_through(connection: Connection) -> Connection:
    open_ = Connection.default(destination=connection.destination).data_filter
    return replace(connection, data_filter=open_)


def _unfiltered(batch: Any, connection: Connection, *, now: float | None = None) -> Plan:
    return plan(batch, _all_through(connection), now=now)


def _of_stories() -> Iterator[Mutant]:
    stories = "harness.stories-hold"
    for what, says, planning in (
        ("nothing", "Nothing is sent.", replanned("sessionm", _nothing)),
        ("events", "Nothing is said of a customer but their events.", replanned("sessionm", _events_alone)),
        ("filter", "What the feed says goes back, whatever the data filter says.", _unfiltered),
    ):
        yield wrong(stories, "story broken", what, says, planning=planning, road="sessionm", plans=True)
