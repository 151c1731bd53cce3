"""The users of a Braze workspace, and which of them a recipient, a segment or an audience means."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mock_sessionm.customers import Customer
    from mock_sessionm.tenant import Tenant

DEFAULTS = frozenset(
    {"country", "dob", "email", "first_name", "gender", "home_city", "language", "last_name", "phone", "time_zone"}
)
"""Braze's own attributes, which a call may write beside custom ones."""
SUBSCRIPTIONS = ("email_subscribe", "push_subscribe")
LIQUID = {"email": "email_address", "home_city": "city", "dob": "date_of_birth", "phone": "phone_number"}
"""Attributes that have another name in a template."""
SAME_FIELDS = ("email", "first_name", "last_name", "gender", "dob")
"""What a customer of SessionM and the user of Braze have under one name."""
ROOT = uuid.UUID("b5a2e000-0000-4000-8000-000000000000")


@dataclass(slots=True, eq=False)
class Profile:
    """One user of the workspace. Times are seconds since 1970.

    external_id   None for a user who is known by aliases or an email alone
    fields        Braze's own attributes; `attributes` the custom ones
    """

    external_id: str | None
    braze_id: str
    aliases: list[list[str]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    subscription_groups: list[Any] = field(default_factory=list)
    last_used_app: float | None = None
    updated: float = 0.0

    def write(self, given: Mapping[str, Any], now: float) -> None:
        """Attributes as a call carries them, Braze's own and custom ones."""
        for name, value in given.items():
            if name == "subscription_groups":
                self.subscription_groups = list(value) if isinstance(value, list) else [value]
            else:
                (self.fields if name in DEFAULTS or name in SUBSCRIPTIONS else self.attributes)[name] = value
        self.updated = now

    def for_template(self) -> dict[str, Any]:
        """The fields under the names that a template has for them."""
        made = {LIQUID.get(name, name): value for name, value in self.fields.items() if name in DEFAULTS}
        return {"user_id": self.external_id, "braze_id": self.braze_id, **made}


class Profiles:
    """Everybody in the workspace of a tenant.

    With `[[braze.users]]`, those; else everybody whom SessionM knows, under SessionM's id, if that is the choice
    (rule braze.users-of-sessionm). Users whom a call creates come on top.
    """

    __slots__ = ("_listed", "_own", "_tenant", "_written")

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        entries = tenant.settings.partners.get("braze", {}).get("users")
        self._listed = entries is not None
        self._own: list[Profile] = [_listed(entry, number) for number, entry in enumerate(entries or ())]
        self._written: dict[str, dict[str, Any]] = {}

    def __iter__(self) -> Iterator[Profile]:
        yield from self._own
        if not self._listed and self._tenant.choice("braze-users") == "sessionm-customers":
            for customer in self._tenant.customers:
                yield self._of_customer(customer)

    def find(self, recipient: Mapping[str, Any]) -> Profile | None:
        """Whom a recipient names; None where nobody is known by that."""
        if "external_user_id" in recipient:
            return self._by_id(recipient["external_user_id"])
        if "user_alias" in recipient:
            wanted = [recipient["user_alias"]["alias_name"], recipient["user_alias"]["alias_label"]]
            return next((one for one in self if wanted in one.aliases), None)
        if "braze_id" in recipient:
            return next((one for one in self if one.braze_id == recipient["braze_id"]), None)
        return self._by_email(recipient) if "email" in recipient else None

    def create(self, recipient: Mapping[str, Any]) -> Profile:
        """A new user, whom the recipient's identifier names from now on."""
        external_id = recipient.get("external_user_id")
        seed = external_id or recipient.get("email") or recipient.get("braze_id") or ""
        made = Profile(external_id, recipient.get("braze_id") or str(uuid.uuid5(ROOT, f"{len(self._own)} {seed}")))
        if "email" in recipient:
            made.fields["email"] = recipient["email"]
        self._own.append(made)
        return made

    def write(self, profile: Profile, given: Mapping[str, Any]) -> None:
        """Keep what a call says of a user."""
        profile.write(given, self._tenant.clock.now())
        if profile not in self._own and profile.external_id is not None:
            self._written.setdefault(profile.external_id, {}).update(given)

    def export(self) -> dict[str, Any]:
        """Everybody that is not a customer of SessionM, and what was written of those who are, as JSON."""
        return {"users": [asdict(one) for one in self._own], "written": self._written}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Put in place what `export` gave."""
        self._own = [Profile(**entry) for entry in kept["users"]]
        self._written = {id_: dict(given) for id_, given in kept["written"].items()}

    def _by_id(self, external_id: str) -> Profile | None:
        for one in self._own:
            if one.external_id == external_id:
                return one
        if self._listed or self._tenant.choice("braze-users") != "sessionm-customers":
            return None
        customer = self._tenant.customers.by_id(external_id)
        return self._of_customer(customer) if customer else None

    def _by_email(self, recipient: Mapping[str, Any]) -> Profile | None:
        """Of several who share an email, the one that the order of preference leaves."""
        email = recipient["email"]
        found = [one for one in self if str(one.fields.get("email", "")).lower() == email.lower()]
        if "braze.email-prioritized" not in self._tenant.behaviours:
            return found[0] if found else None
        for wanted in recipient.get("prioritization", ()):
            if len(found) < 2:
                break
            found = _preferred(found, wanted)
        return found[0] if found else None

    def _of_customer(self, customer: Customer) -> Profile:
        fields = {name: customer.fields[name] for name in SAME_FIELDS if customer.fields.get(name) is not None}
        if isinstance(customer.fields.get("locale"), str):
            fields["language"] = customer.fields["locale"].partition("-")[0].lower()
        if customer.fields.get("city") is not None:
            fields["home_city"] = customer.fields["city"]
        made = Profile(customer.id, str(uuid.uuid5(ROOT, customer.id)), fields=fields, updated=customer.updated)
        if customer.id in self._written:
            made.write(self._written[customer.id], customer.updated)
        return made


def _preferred(found: list[Profile], wanted: str) -> list[Profile]:
    """What one preference leaves; everybody, where it would leave nobody."""
    if wanted in {"identified", "unidentified"}:
        left = [one for one in found if (one.external_id is not None) is (wanted == "identified")]
        return left or found
    newest = max if wanted == "most_recently_updated" else min
    at = newest(one.updated for one in found)
    return [one for one in found if one.updated == at]


def _listed(entry: Mapping[str, Any], number: int) -> Profile:
    external_id = entry.get("external_id")
    made = Profile(
        external_id,
        entry.get("braze_id") or str(uuid.uuid5(ROOT, external_id or f"listed {number}")),
        aliases=[[alias["alias_name"], alias["alias_label"]] for alias in entry.get("aliases", ())],
        attributes=dict(entry.get("custom_attributes", {})),
    )
    made.fields = {name: value for name, value in entry.items() if name in DEFAULTS or name in SUBSCRIPTIONS}
    if "last_used_app" in entry:
        made.last_used_app = instant(entry["last_used_app"])
    if "updated" in entry:
        made.updated = instant(entry["updated"])
    return made


def instant(text: str) -> float:
    """Seconds since 1970 of an ISO-8601 time; UTC where it says no zone. Raises `ValueError`."""
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
