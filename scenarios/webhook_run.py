"""A webhook campaign sent against a fake, or against something else: who received it, and what arrived."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from contracts import Choices, Request, Response, Violation, rules
from contracts.transport import Web
from mock_sessionm.partners.braze import (
    Bindings,
    ConnectedContent,
    Person,
    Renderer,
    Sender,
    Sent,
    Unsendable,
    WebhookCampaign,
    webhook_notes,
)

from .surroundings import Surroundings

LOOKED_AT = 1_000
"""So many users who received it are looked up afterwards for their tags."""
PARTS = ("url", "body")


@dataclass(frozen=True, slots=True)
class TagsArrived:
    """One tag on so many users; the seconds that it still lives, least and most, None for a counter tag."""

    name: str
    users: int
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """What became of a campaign. `audience` is how many calls were to be made, `users` how many people there are.

    `waited` is how many seconds passed for Braze. `tags` is None where nobody can be asked.
    """

    sent: tuple[Sent, ...]
    users: int
    notes: tuple[Violation, ...]
    waited: float
    tags: tuple[TagsArrived, ...] | None
    bound: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether everybody received it, and SessionM did not say no under a status that Braze takes for yes."""
        return all(one.outcome != "failed" and not one.code for one in self.sent)


@dataclass(slots=True)
class OneHost:
    """A web in which one address is called and no other: a message may hold the address of a real host."""

    web: Web
    at: str
    calls: int = field(default=0)

    def fetch(self, url: str, request: Request, *, timeout: float) -> Response:
        if url != self.at:
            raise Unsendable(
                f"the message calls {url}, and only {self.at} is called here; say --url {url} to call that"
            )
        self.calls += 1
        return self.web.fetch(url, request, timeout=timeout)


def send_campaign(
    campaign: WebhookCampaign,
    people: Sequence[Person],
    surroundings: Surroundings,
    *,
    seed: int,
    variables: Mapping[str, Any] | None = None,
    choices: Choices | None = None,
    waiting: Callable[[float], None] | None = None,
) -> WebhookReport:
    """Send it, on its schedule. Raises `TemplateError` for a message that is no Liquid, before anybody gets it.

    `waiting` is told the seconds before each wait.
    """
    bindings = Bindings.of(surroundings.settings, surroundings.at)
    web = OneHost(surroundings.web, surroundings.at)
    time = surroundings.time
    waited = 0.0

    def sleep(seconds: float) -> None:
        nonlocal waited
        if waiting is not None:
            waiting(seconds)
        waited += seconds
        time.sleep(seconds)

    content = ConnectedContent(web, time.now, sleep=sleep, allowed=(_netloc(surroundings.at),), choices=choices)
    renderer = Renderer(content, choices=choices)
    ready = campaign.replaced(bindings.filled)
    texts = (ready.webhook.url, *ready.webhook.headers.values(), ready.webhook.body)
    for text in texts:
        renderer.parsed(text)
    sender = Sender(
        renderer,
        web,
        clock=time.now,
        sleep=sleep,
        chance=random.Random(seed),
        allowed={surroundings.at},
        choices=choices,
    )
    about = {"name": campaign.name} if campaign.name else None
    sent = sender.send(ready, people, variables={**bindings.variables, **(variables or {})}, about=about)
    arrived = _arrived(sent, people, surroundings) if surroundings.is_fake else None
    before = (campaign.webhook.url, *campaign.webhook.headers.values(), campaign.webhook.body)
    bound = tuple(dict.fromkeys(name for text in before for name in bindings.used(text)))
    notes = tuple(webhook_notes(campaign.webhook))
    return WebhookReport(tuple(sent), len(people), notes, waited, arrived, bound)


def _netloc(at: str) -> str:
    """Host and port, as Connected Content wants what it may call beside the usual ports."""
    parts = urlsplit(at)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _arrived(sent: Sequence[Sent], people: Sequence[Person], fake: Surroundings) -> tuple[TagsArrived, ...]:
    """The tags that those have now who received it."""
    lives: dict[str, list[int | None]] = {}
    received = list(dict.fromkeys(one.number for one in sent if one.outcome == "received"))
    for number in received[:LOOKED_AT]:
        id_ = people[number].fields.get("user_id")
        if not isinstance(id_, str):
            continue
        found = fake.ask("GET", f"/tenants/{quote(fake.settings.api_key, safe='')}/users/{quote(id_, safe='')}")
        for name, tag in (found or {}).get("tags", {}).items():
            lives.setdefault(name, []).append(tag.get("ttl"))
    made = []
    for name, ttls in lives.items():
        counted = [ttl for ttl in ttls if ttl is not None]
        made.append(TagsArrived(name, len(ttls), min(counted, default=None), max(counted, default=None)))
    return tuple(made)


def lines(report: WebhookReport) -> Iterator[str]:
    """The report for people: groups of users who fared alike. It names nobody, and no credential."""
    groups = Counter((one.outcome, one.tries - 1 if one.tries else 0, one.why, one.rules) for one in report.sent)
    for (outcome, retries, why, _), count in sorted(
        groups.items(), key=lambda group: (ORDER[group[0][0]], group[0][1])
    ):
        again = f"after {retries} {'retry' if retries == 1 else 'retries'}" if retries > 0 else ""
        yield f"{outcome:<9}{count:>7,}  {'; '.join(part for part in (again, why) if part)}".rstrip()
    for rule in dict.fromkeys(rule for one in report.sent for rule in one.rules):
        yield f"note: {rules()[rule].says} ({rule})"
    for note in report.notes:
        yield f"note: {note.message} ({note.rule})"
    if report.waited:
        yield f"time that passed for Braze: {report.waited:,.0f} s"
    if report.tags is not None:
        yield from map(_tag, report.tags)
        if not report.tags:
            yield "tags: none arrived"


ORDER = {"received": 0, "aborted": 1, "failed": 2}


def _tag(tag: TagsArrived) -> str:
    who = f"{tag.users:,} user{'s' * (tag.users != 1)}"
    if tag.most is None:
        return f"tag {tag.name}: {who}, counted"
    lives = f"{tag.most}" if tag.least == tag.most else f"{tag.least} to {tag.most}"
    return f"tag {tag.name}: {who}, for {lives} s"


def document(report: WebhookReport, seed: int) -> dict[str, Any]:
    """The same for other tools; users are known by their place in the list, from 0."""
    return {
        "format": "sessionm-harness.webhook/1",
        "seed": seed,
        "counts": {name: sum(one.outcome == name for one in report.sent) for name in ORDER},
        "users": [
            {
                "number": one.number,
                "time": one.time,
                "outcome": one.outcome,
                "tries": one.tries,
                "status": one.status,
                "code": one.code,
                "why": one.why,
                "rules": list(one.rules),
            }
            for one in report.sent
        ],
        "notes": [{"rule": note.rule, "pointer": note.pointer, "message": note.message} for note in report.notes],
        "bound": list(report.bound),
        "waited": report.waited,
        "tags": None
        if report.tags is None
        else [{"tag": tag.name, "users": tag.users, "ttl": [tag.least, tag.most]} for tag in report.tags],
    }
