"""The campaigns of one tenant: who has come how far, and what fires when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .conditions import all_hold
from .definition import Campaign, campaigns_of, variants_of
from .outcomes import Applied, Firing, apply_all, broadcasts

if TYPE_CHECKING:
    from mock_sessionm.customers import Customer
    from mock_sessionm.tenant import Tenant

State = Literal["not_started", "in_progress", "completed"]


@dataclass(frozen=True, slots=True)
class Fired:
    """A campaign that counted something for a customer: how far it is now, and what came of it."""

    campaign_id: str
    name: str
    state: State
    count: int
    goal: int
    outcomes: tuple[Applied, ...] = ()

    def shown(self) -> dict[str, Any]:
        """As Core's answer to an event lists a behaviour; its parts are not public."""
        return {
            "campaign_id": self.campaign_id,
            "name": self.name,
            "state": self.state,
            "progress": {"count": self.count, "goal": self.goal},
            "outcomes": [one.shown() for one in self.outcomes],
        }


@dataclass(slots=True)
class Progress:
    """How far one customer is: `count` towards the goal, and how often the goal was reached."""

    count: int = 0
    completed: int = 0


@dataclass(slots=True)
class Campaigns:
    """Every campaign of a tenant, in the order of its file. `ran` is how many of its times each has had."""

    tenant: Tenant
    campaigns: tuple[Campaign, ...] = ()
    variants: Mapping[str, Any] = field(default_factory=dict)
    ran: dict[str, int] = field(default_factory=dict)
    _progress: dict[tuple[str, str], Progress] = field(default_factory=dict)
    _by_event: dict[str, list[Campaign]] = field(default_factory=dict)
    _scheduled: tuple[Campaign, ...] = ()
    _next: float = float("inf")

    @classmethod
    def of(cls, tenant: Tenant) -> Campaigns:
        """As the tenant's settings have them; what lay in the past when they were set up is not made up for."""
        tables = tenant.settings.tables
        made = cls(tenant, campaigns_of(tables), variants_of(tables))
        keeps = "sessionm.campaign-schedule" in tenant.behaviours
        made._scheduled = tuple(one for one in made.campaigns if one.first is not None and keeps)
        for campaign in made.campaigns:
            if campaign.event is not None:
                made._by_event.setdefault(campaign.event, []).append(campaign)
        now = tenant.clock.now() if made._scheduled else 0.0
        made.ran = {one.id: one.passed(now) for one in made._scheduled}
        made._look_ahead()
        return made

    @property
    def due(self) -> float:
        """When the next occurrence of a scheduled campaign is; infinite where none is."""
        return self._next

    def happened(
        self, customer: Customer, name: str, context: Mapping[str, Any] | None = None, quantity: int = 1
    ) -> list[Fired]:
        """An event came: let every campaign that listens for it count it, and act at its goal or on the way there."""
        if not self._by_event:
            return []
        listening = self._by_event.get(name, ())
        if "sessionm.campaign-event" not in self.tenant.behaviours:
            listening = ()
        found = (self._counted(one, customer, name, context or {}, quantity) for one in listening)
        return [one for one in found if one is not None]

    def run_next(self) -> None:
        """Run the occurrence whose turn is next; the tenant's clock shows its time."""
        campaign = min(self._scheduled, key=self._time)
        self.ran[campaign.id] += 1
        self._look_ahead()
        if self._running(campaign, self.tenant.clock.now()):
            self._broadcast(campaign)
            for customer in list(self.tenant.customers):
                self._counted(campaign, customer, "", {}, 1)

    def state(self, campaign: Campaign, customer: Customer) -> State:
        """How far a customer is with a campaign."""
        progress = self._progress.get((campaign.id, customer.id))
        if progress is None:
            return "not_started"
        if progress.count:
            return "in_progress"
        return "completed" if progress.completed else "not_started"

    def open_to(self, customer: Customer) -> Iterator[Campaign]:
        """The campaigns that run now and whose conditions the customer fulfils."""
        now = self.tenant.clock.now()
        for campaign in self.campaigns:
            if self._running(campaign, now) and all_hold(self.tenant, customer, campaign.conditions):
                yield campaign

    def export(self) -> dict[str, Any]:
        """How far everybody is, as JSON that `restore` takes."""
        rows = [[*key, one.count, one.completed] for key, one in self._progress.items()]
        return {"progress": rows, "ran": self.ran}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave; campaigns that are not set up here any more are left out."""
        known = {one.id for one in self.campaigns}
        rows = (row for row in kept["progress"] if row[0] in known)
        self._progress = {(id_, customer): Progress(count, done) for id_, customer, count, done in rows}
        self.ran = {one.id: kept["ran"].get(one.id, self.ran[one.id]) for one in self._scheduled}
        self._look_ahead()

    def _broadcast(self, campaign: Campaign) -> None:
        """Messages to a whole segment leave once for an occurrence, whoever else the campaign is about."""
        firing = Firing(self.tenant, campaign, None)
        apply_all(firing, [one for one in campaign.outcomes if broadcasts(firing, one)])

    def _time(self, campaign: Campaign) -> float:
        made = campaign.time(self.ran[campaign.id])
        return float("inf") if made is None else made

    def _look_ahead(self) -> None:
        self._next = min((self._time(one) for one in self._scheduled), default=float("inf"))

    def _running(self, campaign: Campaign, now: float) -> bool:
        if "sessionm.campaign-window" not in self.tenant.behaviours:
            return True
        return (campaign.starts is None or campaign.starts <= now) and (campaign.ends is None or now < campaign.ends)

    def _repeats(self, campaign: Campaign) -> bool:
        if campaign.repeats is not None:
            return campaign.repeats
        return self.tenant.choice("campaign-repeats") == "every-time"

    def _counted(
        self, campaign: Campaign, customer: Customer, event: str, context: Mapping[str, Any], quantity: int
    ) -> Fired | None:
        """Count once more for a customer; None where the campaign is not about this customer now."""
        tenant = self.tenant
        if not self._running(campaign, tenant.clock.now()) or not all_hold(tenant, customer, campaign.conditions):
            return None
        progress = self._progress.setdefault((campaign.id, customer.id), Progress())
        once = "sessionm.campaign-once" in tenant.behaviours
        if progress.completed and once and not self._repeats(campaign):
            return None
        each = quantity if quantity != 1 and tenant.choice("goal-counts") == "quantities" else 1
        progress.count += each
        counted = progress.count
        done = counted >= campaign.goal or "sessionm.campaign-progress" not in tenant.behaviours
        if done:
            progress.count, progress.completed = 0, progress.completed + 1
        firing = Firing(tenant, campaign, customer, event, context)
        outcomes = campaign.outcomes if done else campaign.progress_outcomes
        if not event:
            outcomes = tuple(one for one in outcomes if not broadcasts(firing, one))
        state: State = "completed" if done else "in_progress"
        applied = tuple(apply_all(firing, outcomes))
        return Fired(campaign.id, campaign.name, state, min(counted, campaign.goal), campaign.goal, applied)
