"""What a request to SessionM Core is held against, in the order in which SessionM would notice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from contracts import Violation
from contracts.interaction import pointer
from mock_sessionm.call import UUID, Call
from mock_sessionm.check import Check, contract, known_tenant, marked_checks, operations_below
from mock_sessionm.customers import external_ids
from mock_sessionm.limits import limit
from mock_sessionm.names import LONGEST, Names

OPERATIONS = operations_below("sessionm", "/priv/")
WRITES = frozenset({"createUser", "updateUser", "updateUserByExternalId"})
EVENTS = frozenset({"postEvents", "postEventsByExternalId"})
ABOUT_NOBODY = frozenset({"createUser", "listCampaigns", "listUsers"})
TAGS = frozenset({"postTags", "postTagsByExternalId"})
YEARS = {"thirteenth-birthday": 13, "fourteenth-birthday": 14}
COMPARED = 20
"""So many strange names of one request get a nearest one: looking for it is the slowest thing here."""


def credentials(call: Call) -> Iterator[Violation]:
    """Basic, with API key and secret (source: sessionm-authentication#basic)."""
    if call.holder is None:
        yield Violation(
            "sessionm.credentials",
            "header:authorization",
            "header authorization: no valid pair of API key and secret came; Basic credentials of a tenant are wanted",
            "no valid pair",
            "Basic credentials",
        )


def api_key_in_path(call: Call) -> Iterator[Violation]:
    """The key in the path is the one of the credentials."""
    if call.in_path is None or (call.holder is not None and call.in_path is not call.holder):
        yield Violation(
            "sessionm.api-key-in-path",
            "path:api_key",
            "path api_key: another key than that of the credentials came",
            "another key",
            "the key of the credentials",
        )


def user_exists(call: Call) -> Iterator[Violation]:
    """Whoever is named must be known; a deleted customer is not."""
    if call.customer is not None or call.operation in ABOUT_NOBODY:
        return
    for place in ("user_id", "external_id"):
        if place in call.arguments:
            wrong = place == "user_id" and not UUID.fullmatch(call.arguments[place])
            text = f"path {place}: {'no lower-case UUID came' if wrong else 'nobody has it'}"
            yield Violation("sessionm.user-exists", f"path:{place}", text, "an unknown id", "the id of a customer")
            return
    yield Violation(
        "sessionm.user-exists",
        "query:",
        "query: nobody has all of what was searched for; email, external_id, mobile_number and phone are compared",
        "an unknown customer",
        "what a customer has",
    )


def undefined_event(call: Call) -> Iterator[Violation]:
    """Events must first be defined (source: mparticle-sessionm-event#prerequisites)."""
    defined = known_tenant(call).events
    strange = [name for name in call.body["events"] if name not in defined.defined]
    yield from _strange("sessionm.undefined-event", ("events",), strange, defined)


def miscased_attribute(call: Call) -> Iterator[Violation]:
    """The casing must be that of the page Custom User Profile Attributes."""
    defined = known_tenant(call).attributes
    if not defined.defined or call.profile.keys() <= defined.defined:
        return
    for name in call.profile:
        meant = defined.in_other_casing(name)
        if meant is not None:
            place = pointer("user", "user_profile", name)
            shown = _clipped(name)
            text = f"{pointer('user', 'user_profile', shown)}: the profile page has it in another casing, {meant!r}"
            yield Violation("sessionm.miscased-attribute", place, text, shown, meant, meant)


def undefined_attribute(call: Call) -> Iterator[Violation]:
    """Attributes that the page Custom User Profile Attributes does not have, in any casing."""
    tenant = known_tenant(call)
    defined = tenant.attributes
    if call.profile.keys() <= defined.defined:
        return
    strange = (
        [name for name in call.profile if name not in defined.defined and defined.in_other_casing(name) is None]
        if defined.defined
        else list(call.profile)
    )
    if strange and tenant.choices["undefined-attribute"] == "stored":
        # Nothing to complain about; looking for nearest names would be the slowest part of the request.
        tenant.used["undefined-attribute"] += 1
        return
    yield from _strange("sessionm.undefined-attribute", ("user", "user_profile"), strange, defined)


def profile_attributes_max(call: Call) -> Iterator[Violation]:
    """Defined and received names together have a limit (source: mparticle-sessionm-event#data-processing-notes)."""
    too_many = surplus(call)
    if too_many:
        most = profile_limit()
        defined = len(known_tenant(call).attributes)
        yield Violation(
            "sessionm.profile-attributes-max",
            pointer("user", "user_profile"),
            f"/user/user_profile: the profile is full, {len(too_many)} more came than fit; "
            f"at most {most} names, {defined} of them defined, and {', '.join(map(_clipped, too_many[:5]))}"
            f"{' and others' if len(too_many) > 5 else ''} not among them",
            f"{len(too_many)} too many",
            f"{most}",
        )


def surplus(call: Call) -> list[str]:
    """Undefined attributes of the body that do not fit into the profile any more, in the order in which they came."""
    defined = known_tenant(call).attributes.defined
    profile = call.profile
    if profile.keys() <= defined:
        return []
    held = call.customer.attributes if call.customer else {}
    fresh = [name for name in profile if name not in defined and name not in held]
    if call.ignored:
        fresh = [name for name in fresh if pointer("user", "user_profile", name) not in call.ignored]
    room = profile_limit() - len(defined) - sum(1 for name in held if name not in defined)
    return fresh[max(room, 0) :]


def profile_limit() -> int:
    """How many names a profile holds: the number stands in the register."""
    return limit("sessionm.profile-attributes-max")


def under_age(call: Call) -> Iterator[Violation]:
    """A date of birth must make the customer old enough (source: sessionm-create-profile#age)."""
    dob = call.user.get("dob")
    if not isinstance(dob, str):
        return
    year, month, day = int(dob[:4]), int(dob[5:7]), int(dob[8:10])
    tenant = known_tenant(call)
    today = datetime.fromtimestamp(tenant.clock.now(), UTC)
    old_enough = {
        choice: (year + years, month, day) <= (today.year, today.month, today.day) for choice, years in YEARS.items()
    }
    # Only between the two birthdays does the choice make a difference.
    matters = len(set(old_enough.values())) > 1
    choice = tenant.choice("under-age") if matters else tenant.choices["under-age"]
    if not old_enough[choice]:
        text = f"/user/dob: a date of birth less than {YEARS[choice]} years ago came, an older customer is wanted"
        yield Violation("sessionm.under-age", "/user/dob", text, "too young", f"{YEARS[choice]} years or more")


def email_unique(call: Call) -> Iterator[Violation]:
    """An email belongs to one customer, in whatever casing it comes."""
    email = call.user.get("email")
    if email is None:
        return
    other = known_tenant(call).customers.by_email(email)
    if other is not None and other is not call.customer:
        text = "/user/email: another customer has this email; an email belongs to one customer"
        yield Violation("sessionm.email-unique", "/user/email", text, "a taken email", "an email of nobody else")


def external_id_unique(call: Call) -> Iterator[Violation]:
    """An external id leads to one customer, unless the tenant's choice lets two share it."""
    tenant = known_tenant(call)
    for name, _ in external_ids(call.user):
        if any(other is not call.customer for other in tenant.customers.holders(name)):
            if tenant.choices["external-id-conflict"] == "shared":
                tenant.used["external-id-conflict"] += 1
                return
            place = "/user/external_id" if name == call.user.get("external_id") else "/user/identifiers"
            text = f"{place}: another customer has this external id"
            yield Violation("sessionm.external-id-unique", place, text, "a taken id", "an id of nobody else")


def tag_kind_change(call: Call) -> Iterator[Violation]:
    """A tag has a count or a TTL, never both (source: sessionm-tags); a tenant may refuse a change."""
    if call.customer is None:
        return
    tenant = known_tenant(call)
    tags = tenant.customers.tags(call.customer)
    expiring = "ttl" in call.body
    for index, name in enumerate(call.body["tags"]):
        if name not in tags or (tags[name].expires is not None) == expiring:
            continue
        if tenant.choices["tag-kind-change"] == "last-call":
            tenant.used["tag-kind-change"] += 1
            return
        place = pointer("tags", index)
        has, came = ("a count", "a TTL") if expiring else ("a TTL", "no TTL")
        text = f"{place}: the tag has {has}, and {came} came; a tag has a count or a TTL, never both"
        yield Violation("sessionm.tag-kind-change", place, text, came, has)


def _strange(rule: str, place: tuple[str, ...], names: list[str], defined: Names) -> Iterator[Violation]:
    """One violation for each name that is not defined; `place` is where the names stand."""
    for number, name in enumerate(names):
        near = defined.nearest(name) if number < COMPARED else None
        meant = f"; nearest defined name: {near!r}" if near else ""
        shown = _clipped(name)
        text = f"{pointer(*place, shown)}: this name is not defined{meant}"
        yield Violation(rule, pointer(*place, name), text, shown, "a defined name", near)


def _clipped(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[:LONGEST]}…"


GATE: tuple[Check, ...] = (
    Check("sessionm.credentials", credentials, barrier=True),
    Check("sessionm.api-key-in-path", api_key_in_path, barrier=True),
    Check("sessionm.contract", contract, barrier=True),
    *marked_checks("sessionm", "core", OPERATIONS),
    Check("sessionm.user-exists", user_exists, barrier=True),
    Check("sessionm.undefined-event", undefined_event, EVENTS),
    Check("sessionm.miscased-attribute", miscased_attribute, WRITES),
    Check("sessionm.undefined-attribute", undefined_attribute, WRITES),
    Check("sessionm.profile-attributes-max", profile_attributes_max, WRITES),
    Check("sessionm.under-age", under_age, WRITES),
    Check("sessionm.email-unique", email_unique, WRITES),
    Check("sessionm.external-id-unique", external_id_unique, WRITES),
    Check("sessionm.tag-kind-change", tag_kind_change, TAGS),
)
