"""The numbers and tables of the rules on the way to SessionM, read from the register once."""

from __future__ import annotations

from contracts import rules


def limit(rule: str) -> int:
    """The number of a rule. Raises `LookupError` where the rule has none: a limit is never guessed."""
    number = rules()[rule].limit
    if number is None:
        raise LookupError(f"{rule} has no number")
    return number


EVENT_ATTRIBUTES = limit("sessionm.event-attributes-max")
USER_ATTRIBUTES = limit("sessionm.user-attributes-max")

RESERVED: dict[str, str] = dict(rules()["sessionm.reserved-fields"].table["fields"])
RESERVED_FOLDED = {name.casefold(): field for name, field in RESERVED.items()}
UNMAPPED_RESERVED = frozenset(name.casefold() for name in rules()["sessionm.unmapped-reserved"].table["names"])

NAME_OF_KIND: dict[str, str] = dict(rules()["sessionm.other-kinds-unsupported"].table["events"])
FIELD_OF_IDENTITY: dict[str, str] = dict(rules()["sessionm.forwards-user-identities"].table["native"])
MPID_TYPE: str = rules()["sessionm.mpid-field"].table["external_id_type"]
SCREEN_PREFIX: str = rules()["sessionm.screen-view-name"].table["prefix"]

PLATFORM_OF_SPELLING = {
    spelling: platform
    for platform, spellings in rules()["sessionm.platforms"].table["spellings"].items()
    for spelling in spellings
}
