"""Addresses and numbers that are nobody's: reserved domains, telephone numbers and addresses of machines.

What is invented stays within these as far as there is room for its shape, and `--check` lets them pass.

Sources: RFC 2606, RFC 6761, RFC 6762, RFC 9476 (reserved names); ISO 3166-1 (user-assigned codes, which become no
top-level domain); the North American plan (area codes with a 9 in the middle are set aside for a longer plan and 555
is no area; 555-0100 to 555-0199 are for fiction); ITU-T E.164 (a number's own part does not begin with the 0 or 00
that is dialled before it); RFC 1122, 1918, 4193 and 5737 (addresses that are not routed).
"""

from __future__ import annotations

import ipaddress
import re

TOP = {3: "alt", 4: "test", 5: "local", 7: "invalid", 8: "internal", 9: "localhost"}
"""A top-level domain that leads nowhere, by its length."""
USER_ASSIGNED = ("aa", *(f"q{chr(code)}" for code in range(ord("m"), ord("z") + 1)), "xa", "xx", "xz", "zz")
_NOWHERE = {*TOP.values(), "example", "onion"}
_EXAMPLES = re.compile(r"(?:.+\.)?example\.(?:com|net|org|edu)")

ADDRESS = re.compile(r"[0-9A-Fa-f]*[.:][0-9A-Fa-f:.]+")
"""What may be the address of a machine, in a text that holds several."""

_ONE = {"1", "7"}
_TWO = """
    20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86
    90 91 92 93 94 95 98
"""
ZEROES = {"39", "225", "241", "242", "378", "379"}
"""Countries whose numbers may begin with one 0."""
NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}")
_NOBODYS = re.compile(r"[2-9]9\d{8}|555\d{7}|\d{3}55501\d\d")


def reserved(domain: str) -> bool:
    """Whether mail for a domain can reach nobody."""
    domain = domain.lower().rstrip(".")
    top = domain.rpartition(".")[2]
    return top in _NOWHERE or top in USER_ASSIGNED or _EXAMPLES.fullmatch(domain) is not None


def country_of(digits: str) -> str:
    """The country code at the head of an international number without its plus."""
    for length, codes in ((1, _ONE), (2, _TWO.split())):
        if digits[:length] in codes:
            return digits[:length]
    return digits[:3]


def fictional(number: str) -> bool:
    """Whether a telephone number, however it is written, is nobody's."""
    digits = "".join(char for char in number if char.isascii() and char.isdigit())
    if number.lstrip().startswith("+") or number.lstrip().startswith("(+"):
        country = country_of(digits)
        own = digits[len(country) :]
        if country == "1":
            return _NOBODYS.fullmatch(own) is not None or not NORTH_AMERICAN.fullmatch(own)
        return own.startswith("00" if country in ZEROES else "0")
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) == 10 and NORTH_AMERICAN.fullmatch(digits):
        return _NOBODYS.fullmatch(digits) is not None
    return digits.startswith(("00", "555"))


def unrouted(address: str) -> bool:
    """Whether an address of a machine is one that the internet does not carry."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return True
    return not found.is_global
