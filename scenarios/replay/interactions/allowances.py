"""What two answers may differ in and still be the same: the declared table, each row with its reason.

Everything that no row names must be equal: status, codes, and every field. Keys of an object have no order, and a
number has no form: 1 and 1.0 are one number, "1" is a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "set-up id", "time", "seconds left", "words", "set up", "any order", "elsewhere"]
"""How a field is held against its counterpart.

id             handed out by the server: another one in the fake, but always the same for the same thing
set-up id      of something that is set up: equal where a tenant file says so, else as an id
time           a moment, within `CLOSE` seconds, in the same form
seconds left   a number of seconds from now, within `CLOSE`
words          a text for people; that there is one is enough
set up         what is set up in the tenant; equal where a tenant file says so, else let pass
any order      a list in no order; the same entries must be there
elsewhere      depends on what went on beside the recording; only its kind is compared
"""
CLOSE = 60.0
"""Seconds between the clock of whoever recorded and that of the server, the time on the wire included."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """One row: fields of this name, `within` an object or list of that name where it says one."""

    field: str
    kind: Kind
    reason: str
    within: str = ""


SERVER = "the server hands it out; it must be the same one wherever the same thing is meant"
MOMENT = "a server's clock is its own; within a minute it is the same moment"
PEOPLE = "a text for people, which no document fixes"
SET_UP = "set up in the tenant; without its file nobody can say what is right"
ORDER = "no document gives the list an order"
BESIDE = "counts what went on beside the recording, too"

EQUIVALENCE: tuple[Allowance, ...] = (
    *(
        Allowance("id", "id", SERVER, within)
        for within in (
            *("user", "users", "lines", "user_offers", "user_offer", "results", "user_event", "tier_levels"),
            "event_stream_payload",
        )
    ),
    *(
        Allowance(name, "id", SERVER)
        for name in ("user_id", "user_offer_id", "user_point_account_id", "request_id", "dispatch_id")
    ),
    Allowance("event_stream_stream_id", "id", SERVER),
    Allowance("modification_entity_id", "id", SERVER),
    # The point of sale gets the id of the user offer under this name, everybody else what was sent.
    Allowance("reference_id", "id", SERVER),
    *(
        Allowance(name, "set-up id", SET_UP)
        for name in (
            *("retailer_id", "point_account_id", "point_source_id", "offer_group_id", "category_id"),
            *("tier_system_id", "tier_level_id", "rule_id", "rule_tree_id", "tree_id", "environment_id"),
        )
    ),
    *(Allowance("id", "set-up id", SET_UP, name) for name in ("tier_overview", "next_tier_overview", "media", "rule")),
    *(
        Allowance(name, "time", MOMENT)
        for name in (
            *("created_at", "updated_at", "expires_at", "join_date", "time_of_occurrence", "create_date"),
            *("acquire_date", "start_date", "end_date", "redemption_start_date", "redemption_end_date"),
            *("expiration_date", "redeem_date", "acquisition_start_date", "acquisition_end_date", "timestamp"),
            "next_maintenance_eval_date",
        )
    ),
    Allowance("ttl", "seconds left", MOMENT),
    *(Allowance(name, "words", PEOPLE) for name in ("message", "raw_message", "stack_trace", "notice")),
    *(Allowance("errors", "words", PEOPLE, within) for within in ("", "meta")),
    Allowance("error", "words", PEOPLE, "meta"),
    *(
        Allowance(name, "set up", SET_UP)
        for name in (
            *("account_name", "grouping_label", "offer_groups", "offer_categories", "media", "offer_type"),
            *("point_source_name", "pos_discount_id", "terms", "description", "name", "title", "root_offer_id"),
            *("region", "url", "behaviors", "outcomes", "campaigns", "tier_overview", "next_tier_overview"),
            *("total_inventory", "available_inventory_remaining"),
        )
    ),
    *(Allowance(name, "elsewhere", BESIDE) for name in ("acquisition_count", "redemption_count")),
    *(
        Allowance(name, "any order", ORDER)
        for name in ("identifiers", "phone_numbers", "user_offers", "offer_groups", "offer_categories", "event_types")
    ),
)
"""The table. What it says of a name alone holds wherever no row with `within` does."""
HEADERS = "headers say how an answer travelled; status, kind of body and body say what it was"
KEYS = "keys of an object have no order"
NUMBERS = "1 and 1.0 are one number"
NOTHING = "a field that may be left out is null on the other side"
BEYOND = "a field that the contract does not know"
SERVER_CLOCK = "the server's clock is not that of the recording; by how much stays the same"

BY_PLACE: Mapping[tuple[str, str], Allowance] = {(row.within, row.field): row for row in EQUIVALENCE}


def allowance(within: str, field: str) -> Allowance | None:
    """The row for a field inside an object or list of that name; None where it must be equal."""
    return BY_PLACE.get((within, field)) or BY_PLACE.get(("", field))
