"""What passes for the number of a payment card: issuer, length and Luhn's check digit (ISO/IEC 7812)."""

from __future__ import annotations

import re

_ISSUERS = (
    r"4\d{15}",  # Visa
    r"5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}",  # Mastercard
    r"3[47]\d{13}",  # American Express
    r"6(?:011|5\d\d|4[4-9]\d)\d{12}",  # Discover
    r"35(?:2[89]|[3-8]\d)\d{12}",  # JCB
    r"3(?:0[0-5]|[689]\d)\d{11}",  # Diners Club
)
_CARD = re.compile("|".join(_ISSUERS))


def looks_like_card(text: str) -> bool:
    """Whether the digits of a text, with spaces or hyphens or none, are those of a payment card."""
    digits = text.replace(" ", "").replace("-", "")
    if not 14 <= len(digits) <= 16 or not digits.isascii() or _CARD.fullmatch(digits) is None:
        return False
    total = 0
    for at, char in enumerate(reversed(digits)):
        number = int(char) * (2 if at % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0
