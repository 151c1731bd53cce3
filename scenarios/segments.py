"""The steps of a story that are about segments: a webhook campaign, and the import of a file."""

from __future__ import annotations

import io
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from contracts import Request, Response
from contracts.transport import Lost, TimedOut
from mock_sessionm import Clock, Tenant
from mock_sessionm.partners.braze import Bindings, Person, Renderer, Sender, Sent, WebhookCampaign, webhook_notes

from .braze_users import person_of
from .segment_file import BEHAVIOURS, Defaults, Segment, SegmentError
from .stage import Stage
from .tag_import import CannotImport, RowReport, asking, import_segment

ELSEWHERE = frozenset({"mends", "sent", "tags", "unreadable", "why", "whys"})
"""Words of `gives` that are looked at by themselves; any other that is not told is a difference."""


@dataclass(slots=True)
class Scripted:
    """The outside world of a step: its answers in order, the last one for ever. `heard` is what came, and when."""

    script: Sequence[Mapping[str, Any]]
    clock: Clock
    heard: list[tuple[float, str, Request]] = field(default_factory=list)
    _begun: float = 0.0
    _answers: list[Mapping[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._begun = self.clock.now()
        self._answers = [answer for answer in self.script for _ in range(answer.get("times", 1))]

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        self.heard.append((self.clock.now() - self._begun, url, request))
        answer = self._answers[min(len(self.heard), len(self._answers)) - 1]
        if answer.get("lost"):
            raise Lost("nobody is there")
        seconds = answer.get("seconds", 0)
        self.clock.advance(min(seconds, timeout))
        if seconds > timeout:
            raise TimedOut(f"no answer within {timeout:g} s")
        body = orjson.dumps(answer["body"]) if "body" in answer else answer.get("raw", "").encode()
        return Response(answer["status"], answer.get("headers", {}), body)


def sent(step: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """Send the webhook of a step; yields a message for each thing that is not as `gives` says.

    Without a script in `web`, it goes to the tenant's own fake.
    """
    tenant, gives = stage.tenant, step["gives"]
    scripted = Scripted(step["web"], tenant.clock) if "web" in step else None
    campaign, variables = campaign_of(step, tenant, stage.origin)
    begun, slept = tenant.clock.now(), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        tenant.clock.advance(seconds)

    sender = Sender(
        Renderer(clock=tenant.clock.now),
        scripted or stage.web,
        clock=tenant.clock.now,
        sleep=sleep,
        chance=random.Random(tenant.seed),
        choices=tenant.choices,
        behaviours=tenant.behaviours,
    )
    done = sender.send(campaign, people_of(step["users"]), variables=variables)
    got = _told(done)
    got["slept"] = [round(seconds, 1) for seconds in slept]
    got["notes"] = [violation.rule for violation in webhook_notes(campaign.webhook)]
    if scripted:
        heard = scripted.heard
        got["calls"] = len(heard)
        got["simulated"] = sum(one.tries for one in done) - len(heard)
        got["agents"] = len({request.headers.get("User-Agent") for _, _, request in heard})
        got["last_at"] = round(heard[-1][0]) if heard else None
    yield from _differences({name: got.get(name) for name in gives if name not in ELSEWHERE}, gives)
    if "sent" in gives:
        yield from _calls(gives["sent"], scripted.heard if scripted else [])
    yield from _whys(gives, done)
    yield from _tags(gives, stage)
    if tenant.clock.now() < begun:
        yield "the clock went back"


def campaign_of(step: Mapping[str, Any], tenant: Tenant, origin: str) -> tuple[WebhookCampaign, Mapping[str, Any]]:
    """The campaign of a step, and the variables that stand for the document's placeholders."""
    bound = Bindings.of(tenant.settings, origin)
    parts = {name: step[name] for name in ("webhook", "schedule", "audience") if name in step}
    campaign = WebhookCampaign.of(parts, "the step")
    return campaign.replaced(bound.filled), {**bound.variables, **step.get("variables", {})}


def people_of(users: Any) -> list[Person]:
    """Braze's users as a step has them: one by one, or `many` of them without a property."""
    if isinstance(users, Mapping):
        ids = [f"u-{number}" for number in range(users["many"])] + (["last"] if users.get("last") else [])
        return [Person({"user_id": id_}) for id_ in ids]
    return [person_of(user) for user in users]


def imported(step: Mapping[str, Any], stage: Stage, *, behaviours: frozenset[str] = BEHAVIOURS) -> Iterator[str]:
    """Import the file of a step; yields a message for each thing that is not as `gives` says."""
    given, gives = step["import"], step["gives"]
    key = given.get("lookup_key", "user_id")
    defaults = Defaults(given.get("tag", ""), given.get("ttl"))
    seen: list[RowReport] = []
    try:
        segment = Segment(
            io.StringIO(_csv(given), newline=""), "the file", lookup_key=key, defaults=defaults, behaviours=behaviours
        )
        report = import_segment(
            segment,
            asking(stage.web, stage.origin, stage.tenant.api_key),
            lookup_key=key,
            seed=given.get("seed", 0),
            each=lambda row, _id: seen.append(row),
        )
    except SegmentError as error:
        if gives.get("unreadable", "") not in str(error) or "unreadable" not in gives:
            yield f"the file cannot be read: {error}"
        return
    except CannotImport as error:
        yield f"the rows are not taken: {error}"
        return
    if "unreadable" in gives:
        yield "the file can be read, wanted that it cannot"
    got = {
        **{name: report.counts[name] for name in ("tagged", "counted", "unknown", "failed", "refused")},
        **report.job,
        "dropped_columns": report.dropped_columns,
        "unsettled": [list(pair) for pair in report.unsettled],
        "notes": list(report.notes()),
        "refused_lines": [row.line for row in seen if row.outcome == "refused"],
    }
    yield from _differences({name: got.get(name) for name in gives if name not in ELSEWHERE}, gives)
    if "mends" in gives and not any(gives["mends"] in row.mend for row in seen):
        yield f"nothing that was said names {gives['mends']}"
    yield from _tags(gives, stage)


def _csv(given: Mapping[str, Any]) -> str:
    """The file of a step: `fillers` times the line `filler` stand after its first row."""
    text: str = given["csv"]
    if "filler" not in given:
        return text.removeprefix("\ufeff")
    header, first, *rest = text.splitlines(keepends=True)
    return "".join([header, first, f"{given['filler']}\n" * given["fillers"], *rest])


def _told(done: Sequence[Sent]) -> dict[str, Any]:
    """What became of the users, in the words of `gives`."""
    return {
        "outcomes": dict(Counter(one.outcome for one in done)),
        "tries": [one.tries for one in done],
        "statuses": [one.status for one in done],
        "numbers": [one.number for one in done],
        "numbers_failed": [one.number for one in done if one.outcome == "failed"],
        "rules": list(dict.fromkeys(rule for one in done for rule in one.rules)),
        "last_status": done[-1].status if done else None,
    }


def _differences(got: Mapping[str, Any], gives: Mapping[str, Any]) -> Iterator[str]:
    for name, value in got.items():
        if value != gives[name]:
            yield f"{name} {value}, wanted {gives[name]}"


def _calls(wanted: Sequence[Mapping[str, Any]], heard: Sequence[tuple[float, str, Request]]) -> Iterator[str]:
    """The calls that went out, each held against what is said of it."""
    if len(wanted) != len(heard):
        yield f"{len(heard)} calls, wanted {len(wanted)}"
        return
    for number, (want, (moment, origin, request)) in enumerate(zip(wanted, heard, strict=True), start=1):
        got = {
            "at": round(moment, 1),
            "method": request.method,
            "url": origin + request.target,
            "body": request.body.decode(),
        }
        yield from (f"call {number}: {line}" for line in _differences({n: got[n] for n in got if n in want}, want))
        for name, value in want.get("headers", {}).items():
            if request.headers.get(name) != value:
                yield f"call {number}: another header {name}"
        for name, pattern in want.get("matches", {}).items():
            if not re.fullmatch(pattern, request.headers.get(name, "")):
                yield f"call {number}: header {name} does not match {pattern}"
        for name in want.get("lacks", ()):
            if name in request.headers:
                yield f"call {number}: header {name}, wanted none"


def _whys(gives: Mapping[str, Any], done: Sequence[Sent]) -> Iterator[str]:
    """`why` must be in what is said of one user, `whys` in what is said of each in turn."""
    if "why" in gives and not any(gives["why"] in one.why for one in done):
        yield f"nothing that is said names {gives['why']}"
    for one, why in zip(done, gives.get("whys", ()), strict=False):
        if (why not in one.why) if why else one.why:
            yield f"user {one.number}: {one.why or 'nothing said'}, wanted {why or 'nothing'}"


def _tags(gives: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """The tags of customers by external id: seconds to live, None for a counter tag."""
    if "tags" not in gives:
        return
    tenant = stage.look()
    now = tenant.clock.now()
    for external_id, wanted in gives["tags"].items():
        customer = tenant.customers.by_external(external_id)
        tags = tenant.customers.tags(customer) if customer else {}
        got = {name: None if tag.expires is None else round(tag.expires - now) for name, tag in tags.items()}
        if got != wanted:
            yield f"tags {got}, wanted {wanted}"
