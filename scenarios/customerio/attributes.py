"""What should be said of a person to Customer.io: the rules about attributes once more, plainly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from contracts.interaction import pointer
from scenarios.reading import REMEMBERED, Going, limit, table

from .workspace import clipped, size

if TYPE_CHECKING:
    from .expectations import Reading

FIRST_LAST = "customerio.first-last-always"
SILENCES = {
    FIRST_LAST: "customerio-name-attributes",
    "customerio.reserved-attributes": "customerio-reserved-attributes",
}
"""Rules about attributes that mParticle knows -> the assumption about their names."""


class Attributes:
    """The body of one identify call, point by point; `read` gives it, and notes the destinies."""

    def __init__(
        self, reading: Reading, identities: list[Going], attributes: list[Going], opt_outs: list[Going]
    ) -> None:
        self.reading = reading
        self.identities = identities
        self.attributes = attributes
        self.opt_outs = opt_outs
        batch = reading.batch
        self.line = batch.get("type") == "audience_membership" and batch.get("audiences") is not None

    def read(self) -> dict[str, Any]:
        body = {**self._email(), **self._told()}
        points = [*self.attributes, *self._others()]
        named = [point for one in points for point in self._named(one)]
        named.sort(key=lambda point: point.rule != FIRST_LAST)
        shaped = [
            Going(found.place, found.source, found.name, found.value, point.rule)
            for point in named
            for found in self.reading.shaped(point)
        ]
        taken = {"id", *body, *(["SegmentMembership"] if self.line else [])}
        kept = [point for one in self._one_each(shaped, taken) for point in self._sized(one)]
        for point in self._capped(kept, len(body) + self.line):
            self._end(point, "sent", point.rule)
            body[point.name] = point.value
            self.reading.why("profile", point.name, point.rule)
        self._audiences(body)
        return body

    # --- what always goes ---------------------------------------------------------------------------------

    def _email(self) -> dict[str, Any]:
        reading = self.reading
        email, customer = reading.one(self.identities, "email"), reading.one(self.identities, "customer_id")
        if customer and customer.value == reading.mpid and not self._is_email_person():
            reading.end(customer.place, "sent", "customerio.customer-id-first")
        if email is None:
            return {}
        known_by = self._is_email_person()
        everything = reading.own["include_user_attributes"]
        if not everything and reading.lean("customerio-email-sent") != "always":
            reading.end(email.place, "sent" if known_by else "filtered", "customerio.email-sent")
            return {}
        too_long = size(email.value) > limit("customerio.attribute-value-max")
        if too_long and reading.lean("customerio-oversized-value") != "sent":
            reading.end(email.place, "dropped", "customerio.oversized-value")
            return {}
        reading.end(email.place, "sent", "customerio.email-always")
        reading.why("fields", "email", "customerio.email-always")
        return {"email": email.value}

    def _is_email_person(self) -> bool:
        """Whether the email is what the person is known by."""
        own = self.reading.own
        if own["edition"] == "current" and own["user_id_type"] != "prefer_customer_id":
            return bool(own["user_id_type"] == "email")
        return self.reading.one(self.identities, "customer_id") is None

    def _told(self) -> dict[str, Any]:
        """What goes though no user attribute says it: unsubscribed and created_at."""
        told: dict[str, Any] = {}
        for index, point in enumerate(self.opt_outs):
            last = index == len(self.opt_outs) - 1
            self.reading.end(point.place, "sent" if last else "merged", point.rule)
            told["unsubscribed"] = point.value
        moment = self._created_at()
        if moment:
            told["created_at"] = int(moment)
            self.reading.why("fields", "created_at", "customerio.created-at-sent")
        else:
            self.reading.why("fields", "created_at", "customerio.created-at-off")
        return told

    def _created_at(self) -> Any:
        batch: Mapping[str, Any] = self.reading.batch
        if not self.reading.own["send_created_at"]:
            return None
        if self.reading.lean("customerio-created-at-input") == "device-info":
            return (batch.get("device_info") or {}).get("created_at_unixtime")
        return batch.get("created_at_unixtime")

    def _others(self) -> Iterator[Going]:
        """The MPID and every identity that is neither the id nor the email."""
        rule, reading = "customerio.other-identities", self.reading
        mine = {"email"} if self._is_email_person() else {"customer_id", "email"}
        if "mpid" in reading.batch:
            number = str(int(reading.batch["mpid"] or 0) or "")
            yield from self._as_attribute(Going("/mpid", "mpid", "mpid", number, rule))
        for point in self.identities:
            if point.source not in mine:
                yield from self._as_attribute(point._replace(rule=rule))
            elif point is not reading.one(self.identities, point.source):
                reading.end(point.place, "merged", "customerio.colliding-names")

    def _as_attribute(self, point: Going) -> Iterator[Going]:
        if self.reading.lean("customerio-other-identities") == "attributes" and point.value:
            yield point
        else:
            self._end(point, "unsupported", point.rule)

    # --- names --------------------------------------------------------------------------------------------

    def _named(self, point: Going) -> list[Going]:
        """A point under the name that it gets; none where it ends."""
        name, rule = self._name(point)
        if not self.reading.own["include_user_attributes"] and rule != FIRST_LAST:
            self._end(point, "filtered", "customerio.include-user-attributes")
            return []
        if not name:
            if self.reading.lean("empty-key") == "dropped":
                self._end(point, "dropped", "customerio.empty-name")
                return []
            name, rule = "_", "customerio.empty-name"
        if _is_reserved(name):
            rule = "customerio.reserved-keys"
            if self.reading.lean("customerio-reserved-keys") == "dropped":
                self._end(point, "dropped", rule)
                return []
        if size(name) > limit("customerio.attribute-name-max"):
            rule = "customerio.oversized-name"
            choice = self.reading.lean("customerio-oversized-name")
            if choice == "dropped":
                self._end(point, "dropped", rule)
                return []
            if choice == "truncated":
                name = clipped(name, limit("customerio.attribute-name-max"))
        return [Going(point.place, point.source, name, point.value, rule)]

    def _name(self, point: Going) -> tuple[str, str]:
        found = _known_name(point.source, self.reading.choices["reserved-name-case"])
        if found is None:
            return point.source, point.rule
        forms, rule = found
        for form in forms.values():
            self.reading.why("profile", form, rule)
        return forms[self.reading.lean(SILENCES[rule])], rule

    # --- how many, how long -------------------------------------------------------------------------------

    def _one_each(self, points: list[Going], taken: set[str]) -> list[Going]:
        by_name: dict[str, Going] = {}
        for point in points:
            loser = point
            if point.name not in taken:
                before = by_name.setdefault(point.name, point)
                if before is point:
                    continue
                if self.reading.lean("colliding-keys") == "last":
                    by_name[point.name], loser = point, before
            self._end(loser, "merged", "customerio.colliding-names")
        return list(by_name.values())

    def _sized(self, point: Going) -> list[Going]:
        most = limit("customerio.attribute-value-max")
        if point.value is None or size(point.value) <= most:
            return [point]
        rule, choice = "customerio.oversized-value", self.reading.lean("customerio-oversized-value")
        self.reading.why("profile", point.name, rule)
        if choice == "sent":
            return [point]
        if choice == "truncated" and isinstance(point.value, str):
            return [point._replace(value=clipped(point.value, most))]
        self._end(point, "dropped", rule)
        return []

    def _capped(self, points: list[Going], already: int) -> list[Going]:
        room = limit("customerio.identify-attributes-max") - already
        if len(points) <= room:
            return points
        always = [point for point in points if point.rule == FIRST_LAST]
        others = [point for point in points if point.rule != FIRST_LAST]
        room -= len(always)
        last = self.reading.lean("customerio-attributes-kept") == "last"
        kept = others[len(others) - room :] if last else others[:room]
        for point in others:
            if point not in kept:
                self._end(point, "dropped", "customerio.attributes-kept")
                self.reading.why("profile", point.name, "customerio.attributes-kept")
        return always + kept

    # --- audiences ----------------------------------------------------------------------------------------

    def _audiences(self, body: dict[str, Any]) -> None:
        reading = self.reading
        lines = list(enumerate(reading.batch.get("audiences") or ()))
        if not self.line:
            for index, _ in lines:
                reading.end(pointer("audiences", index), "unsupported", "customerio.segment-membership")
            return
        listed, left = [], []
        for index, one in lines:
            if one.get("action") != "delete":
                listed.append((pointer("audiences", index), one))
            elif reading.lean("customerio-audience-left") == "silent":
                reading.end(pointer("audiences", index), "unsupported", "customerio.audience-left")
            else:
                left.append((pointer("audiences", index), one))
        shown = self._listed(listed, body)
        reading.why("profile", "SegmentMembership", "customerio.segment-membership")
        own = self._own_attributes(lines, {place for place, _ in left}, body)
        for place, _ in listed:
            goes = place in shown or place in own
            reading.end(place, "sent" if goes else "dropped", "customerio.long-membership")
        for place, _ in left:
            reading.end(place, "sent", "customerio.audience-left")

    def _listed(self, listed: list[tuple[str, Any]], body: dict[str, Any]) -> set[str]:
        """The audiences that stand in the list; it goes into the body."""
        most, choice = limit("customerio.attribute-value-max"), self.reading.choices["customerio-long-membership"]
        text = ",".join(f"'{one['id']}'" for _, one in listed)
        if size(text) > most and self.reading.lean("customerio-long-membership") != "sent":
            if choice == "dropped":
                return set()
            while size(text) > most:
                listed = listed[:-1]
                text = ",".join(f"'{one['id']}'" for _, one in listed)
        body["SegmentMembership"] = text
        return {place for place, _ in listed}

    def _own_attributes(self, lines: list[tuple[int, Any]], left: set[str], body: dict[str, Any]) -> set[str]:
        """The audiences that have an attribute of their own; these go into the body."""
        told: set[str] = set()
        if not self.reading.own["one_attribute_per_segment"]:
            return told
        most = limit("customerio.attribute-name-max")
        inside: dict[str, bool] = {}
        for index, one in lines:
            place = pointer("audiences", index)
            silent = one.get("action") == "delete" and place not in left
            if not one.get("external_name") or silent:
                continue
            name = f"In {one['external_name']}"
            if size(name) > most:
                choice = self.reading.lean("customerio-oversized-name")
                if choice == "dropped":
                    continue
                name = clipped(name, most) if choice == "truncated" else name
            if name not in inside and len({*body, *inside}) >= limit("customerio.identify-attributes-max"):
                continue
            inside[name] = inside.get(name, False) or place not in left
            told.add(place)
            self.reading.why("profile", name, "customerio.one-attribute-per-segment")
        body.update(inside)
        return told

    def _end(self, point: Going, fate: str, rule: str) -> None:
        self.reading.end(point.place, fate, rule)


@lru_cache(maxsize=REMEMBERED)
def _known_name(name: str, case: str) -> tuple[dict[str, str], str] | None:
    """The forms that the name of an attribute can get which mParticle knows, and the rule about it."""
    for rule in SILENCES:
        for known, snake in table(rule, "names").items():
            if known == name or (case != "exact" and known.lower() == name.lower()):
                return {"snake-case": snake, "stripped": known[1:], "as-is": name}, rule
    return None


@lru_cache(maxsize=REMEMBERED)
def _is_reserved(name: str) -> bool:
    """Whether Customer.io means something of its own by a name."""
    prefixes = table("customerio.reserved-keys", "prefixes")
    return name in table("customerio.reserved-keys", "names") or any(name.startswith(one) for one in prefixes)
