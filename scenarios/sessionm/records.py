"""What SessionM Core must show of the customers of a story: read a second time, out of what the story itself wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

WRITES = {"createUser", "updateUser", "updateUserByExternalId"}
DELETES = {"deleteUser", "deleteUserByExternalId"}
READS = {"getUser", "getUserByExternalId", "searchUser", "listUsers"}
PLAIN = (
    *("first_name", "last_name", "gender", "dob", "country", "state", "city", "zip", "address", "address2"),
    *("locale", "ip"),
)
"""Fields that come back as they went in."""


@dataclass(slots=True)
class Record:
    """One customer as the story made it. `external` maps external ids to their types, the latest one last."""

    created: float
    updated: float
    fields: dict[str, Any] = field(default_factory=dict)
    external: dict[str, str | None] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    version: int = 0


@dataclass(slots=True)
class Records:
    """The customers that a story made, by SessionM's id. `sure` ends where somebody else may have written, too."""

    known: dict[str, Record] = field(default_factory=dict)
    sure: bool = True

    def told(self, step: Mapping[str, Any], answer: Any, rules: str, now: float, others: bool) -> Iterator[str]:
        """What is wrong with the customers in an answer, now that its request has been taken.

        `rules` are those that the answer names; `others` is whether there are customers whom the story did not make.
        """
        operation = step["do"]
        if not self.sure or operation not in WRITES | DELETES | READS or not isinstance(answer, dict):
            return
        shown = answer.get("users", [answer["user"]] if isinstance(answer.get("user"), dict) else [])
        if operation in WRITES and shown:
            self.sure = self._written(step, shown[0], now, partly=bool(rules))
            if not self.sure:
                return
        for one in shown:
            if one.get("id") in self.known:
                yield from _wrong(self.known[one["id"]], one, step)
            elif self.known and not others:
                yield "a customer whom the story did not make"

    def _written(self, step: Mapping[str, Any], shown: Mapping[str, Any], now: float, *, partly: bool) -> bool:
        """Write it down, too; whether it is still known what should be there.

        Of what was kept in part it is for the story itself to say which part.
        """
        given, id_ = step["body"]["user"], shown.get("id", "")
        if step["do"] == "createUser":
            self.known[id_] = Record(now, now, {"opted_in": True})
        if id_ not in self.known:
            return True
        if partly:
            return False
        one = self.known[id_]
        one.updated = now
        one.fields |= {name: given[name] for name in PLAIN if name in given}
        if "opted_in" in given:
            one.fields["opted_in"] = given["opted_in"] in (True, "true")
        if "email" in given:
            one.fields["email"] = given["email"].lower()
        if "phone_numbers" in given:
            one.fields["phone_numbers"] = given["phone_numbers"] or None
        names = [(entry["external_id"], entry["external_id_type"]) for entry in given.get("identifiers", ())]
        if "external_id" in given:
            names.append((given["external_id"], given.get("external_id_type")))
        for name, kind in names:
            before = one.external.pop(name, None)
            one.external[name] = before if kind is None else kind
        if given.get("user_profile"):
            one.profile |= given["user_profile"]
            one.version += 1
        return True


def _wrong(known: Record, shown: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    wanted = {
        **known.fields,
        "account_status": "good",
        "suspended": False,
        "created_at": _at(known.created),
        "updated_at": _at(known.updated),
    }
    if known.external:
        wanted["external_id"] = next(reversed(known.external))
    query = step.get("query", "")
    writes = step["do"] in WRITES
    if "show_identifiers=true" in query and step["do"] != "listUsers":
        wanted["identifiers"] = [
            {"external_id": name} | ({} if kind is None else {"external_id_type": kind})
            for name, kind in known.external.items()
        ]
    if (writes and known.version) or ("user[user_profile]=true" in query and step["do"] != "listUsers"):
        wanted["user_profile"] = {**known.profile, "_version": known.version}
    for name, value in wanted.items():
        if name not in shown or shown[name] != value or type(shown[name]) is not type(value):
            yield f"another {name} of the customer than the story wrote"
    for name in shown:
        if name not in wanted and name not in {"id", "tier_details"}:
            yield f"a {name} of the customer that the story did not write or ask for"


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%d %H:%M:%S")
