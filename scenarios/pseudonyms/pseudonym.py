"""The invented value for a person's: chosen by the key among those of the same shape, and always the same one.

What a value looks like comes before what its field is called: an email address is one in whichever field it stands,
or the same person would be two. Nothing is kept of values, but for those kinds of which there are fewer invented than
real ones: telephone numbers and domains.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date

from .alphabets import CROCKFORD, DIGITS, HEX, LETTERS, Spot, spot
from .cards import looks_like_card
from .fictions import NORTH_AMERICAN, TOP, USER_ASSIGNED, ZEROES, country_of, reserved
from .kinds import Kind
from .turning import Turning
from .words import WORD, Words, regions

EMAIL = re.compile(r"([^\s@,;:<>()\[\]\"/]+)@([\w-]+(?:\.[\w-]+)+)")
INT64 = range(-(2**63), 2**63)
LONGEST = 4096
"""So many values are remembered, to be quick."""
_ZEROES = re.compile(r"[0\-]+")
_HEX = re.compile(r"(?=.*\d)(?=.*[a-fA-F])[0-9a-fA-F-]{16,}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.IGNORECASE)
_IPV4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{3,39}(?:%\w+)?")
_BORN = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)(.*)|(\d\d)/(\d\d)/(\d{4})", re.DOTALL)
_AGE = re.compile(r"\d{1,3}")
AGES = (range(1, 10), range(10, 13), range(13, 16), range(16, 18), range(18, 21), range(21, 100), range(100, 120))
"""Ages that may stand for one another: nobody comes of age by another name."""
_WHOLE = re.compile(r"-?\d+")
_COORDINATE = re.compile(r"(-?)(\d{1,3})(?:\.(\d+))?")
_PLACEHOLDER = re.compile(r"\{[\w.]+\}|[*]+")
KEPT_HEADS = ("cio_",)
"""What says of an identifier whose it is, and stays (source: customerio-track-api)."""


class Pseudonyms:
    """Invented values under one key.

    `window` is the first and the last day that the recording speaks of: a birthday between them, or on the other side
    of them, would change who is old enough.
    """

    def __init__(self, key: bytes, window: tuple[date, date] | None = None) -> None:
        self._turning = Turning(key)
        self.words = Words(self._turning)
        self.window = window
        self._numbers = _Settled(self._turning)
        self._emails = _Settled(self._turning)
        self._remembered: dict[tuple[str, Kind], str] = {}

    def begin(self, first: date, last: date) -> None:
        """The first and the last day that the recording speaks of are known."""
        self.window = (first, last)
        self._remembered.clear()

    def of(self, value: str, kind: Kind) -> str:
        """The invented value: as long in characters and bytes, with the same signs in the same places."""
        known = (value, kind)
        found = self._remembered.get(known)
        if found is None:
            if len(self._remembered) > LONGEST:
                self._remembered.clear()
            found = self._remembered[known] = self._of(value, kind)
        return found

    def _of(self, value: str, kind: Kind) -> str:
        core = value.strip()
        if not core or _ZEROES.fullmatch(core) or _PLACEHOLDER.fullmatch(core):
            return value
        if kind == "secret":
            return "*" * len(value.encode("utf-8", "surrogatepass"))
        for look, make in self._looks(kind):
            found = make(core) if look is None or look.fullmatch(core) else None
            if found is not None:
                return value.replace(core, found, 1)
        return value

    def _looks(self, kind: Kind) -> list[tuple[re.Pattern[str] | None, Callable[[str], str | None]]]:
        """What a value may look like, the surest first, and what is made of it; the last takes anything."""
        if kind in {"latitude", "longitude"}:
            return [(_COORDINATE, lambda core: self._coordinate(core, 90 if kind == "latitude" else 180))]
        if kind == "region":
            return [(None, self._region)]
        if kind == "age":
            return [(_AGE, self._age)]
        looks: list[tuple[re.Pattern[str] | None, Callable[[str], str | None]]] = [
            (EMAIL, self._email),
            (_IPV4, self._ipv4),
            (_IPV6, self._ipv6),
        ]
        if kind == "born":
            looks.append((_BORN, self._born))
        if kind == "phone":
            looks.append((None, self._phone))
        return [*looks, (_WHOLE, self._integer), (None, self._named if kind in {"name", "place"} else self._whole)]

    # --- texts ----------------------------------------------------------------------------------------------

    def _named(self, core: str) -> str:
        """Word by word, since a text may hold one word of a name alone; numbers by themselves."""
        made = WORD.sub(lambda word: self.words.other(word[0]), core)
        return re.sub(r"\d+", lambda run: self._turning.text(_spots(run[0]), b"number"), made)

    def _whole(self, core: str) -> str:
        inside = EMAIL.search(core)
        if inside is not None:
            before, after = core[: inside.start()], core[inside.end() :]
            return f"{self._whole(before)}{self._email(inside[0])}{self._whole(after)}"
        if all(char.isalpha() or char in " '-.\u2019" for char in core) and len(core) < 64:
            return self._named(core)  # it may be a name, in a field of another kind
        head = next((one for one in KEPT_HEADS if core.startswith(one)), "")
        spots = _spots(core[len(head) :])
        if _HEX.fullmatch(core):
            spots = [_narrow(one, HEX) for one in _free(core)]
            if _UUID.fullmatch(core):
                spots[14], spots[19] = core[14], core[19]  # version and variant
        elif _ULID.fullmatch(core):
            spots = [core[0], *(_narrow(one, CROCKFORD) for one in _free(core)[1:])]
        made = head + self._turning.text(spots, b"whole")
        while looks_like_card(made):
            made = self._turning.text(_spots(made), b"whole")
        return made

    def _integer(self, core: str) -> str:
        """Digits for digits; what fits into 64 bits still does, and what does not still does not."""
        near = len(core) <= 20
        fits = near and int(core) in INT64
        made = core
        while True:
            made = self._turning.text(_spots(made), b"integer")
            if (not near or (int(made) in INT64) == fits) and not looks_like_card(made):
                return made

    # --- kinds of their own ---------------------------------------------------------------------------------

    def _email(self, core: str) -> str:
        local, domain = core.rsplit("@", 1)

        def made(again: bytes) -> str:
            low = domain.lower()
            other = low if reserved(low) else self._domain(low, again)
            spots = _spots(local.lower())
            tweak = b"local\0" + low.encode() + again
            return f"{self._turning.text(spots, tweak)}@{other}"

        found = self._emails.of(core.lower(), made)
        return _cased(found, core)

    def _domain(self, domain: str, again: bytes) -> str:
        """As long, with as many dots, under a top-level domain that is reserved."""
        *labels, name, top = domain.split(".")
        tweak = b"domain\0" + domain.encode() + again
        other = TOP.get(len(top))
        if not top.isascii():
            other = self._turning.text(_spots(top), tweak)
        elif len(top) == 2:
            other = USER_ASSIGNED[self._turning.number(top, len(USER_ASSIGNED), tweak)]
        elif other is None:
            other = "test"
            name += LETTERS[: len(top) - len(other)] if len(top) > len(other) else ""
        return ".".join([*(self._turning.text(_spots(one), tweak) for one in (*labels, name)), other])

    def _phone(self, core: str) -> str | None:
        """Digits for digits, the country's code as it was, in a range where nobody has a number."""
        digits = "".join(char for char in core if char in DIGITS)
        if len(digits) < 7 or sum(char.isalpha() for char in core) > 3:
            return None
        fixed, own = "", digits
        if core.startswith(("+", "(+")):
            fixed = country_of(digits)
        elif digits.startswith("00") and len(digits) > 9:
            fixed = "00" + country_of(digits[2:])
        elif len(digits) == 11 and digits.startswith("1") and NORTH_AMERICAN.fullmatch(digits[1:]):
            fixed = "1"
        own = digits[len(fixed) :]
        if len(own) == 10 and fixed in {"", "1", "001"} and (fixed or NORTH_AMERICAN.fullmatch(own)):
            new = self._numbers.of("1:" + own, lambda again: self._north_american(own, again))
        else:
            country = fixed.removeprefix("00")
            zeroes = "555" if not fixed and not own.startswith("0") else "00" if not fixed or country in ZEROES else "0"
            rest = max(len(own) - len(zeroes), 1)
            new = self._numbers.of(
                f"{country}:{own}",
                lambda again: zeroes + str(self._turning.number(own, 10**rest, b"phone" + again)).rjust(rest, "0"),
            )[: len(own)]
        fresh = iter(fixed + new)
        return "".join(next(fresh) if char in DIGITS else char for char in core)

    def _north_american(self, own: str, again: bytes) -> str:
        number = self._turning.number(own, 8 * 10 * 8 * 10**6, b"phone" + again)
        number, line = divmod(number, 10**6)
        number, exchange = divmod(number, 8)
        area, last = divmod(number, 10)
        return f"{area + 2}9{last}{exchange + 2}{line:06d}"

    def _ipv4(self, core: str) -> str | None:
        """The first number of a network that is not routed; the others of as many digits."""
        parts = core.split(".")
        if any(int(part) > 255 or part != str(int(part)) for part in parts):
            return None
        first = {1: 0, 2: 10, 3: 240 + self._turning.number(core, 15, b"ip")}[len(parts[0])]
        spans = [{1: (0, 10), 2: (10, 90), 3: (100, 156)}[len(part)] for part in parts[1:]]
        index, size = 0, 1
        for part, (least, count) in zip(parts[1:], spans, strict=True):
            index = index * count + int(part) - least
            size *= count
        index = self._turning.turned(index, size, b"ip\0" + parts[0].encode())
        made: list[str] = []
        for least, count in reversed(spans):
            index, at = divmod(index, count)
            made.append(str(least + at))
        return ".".join([str(first), *reversed(made)])

    def _ipv6(self, core: str) -> str:
        groups = core.split(":")
        head = "fd" if len(groups[0]) == 4 else ""
        spots = [_narrow(one, HEX) for one in _free(core[len(head) :])]
        return head + self._turning.text(spots, b"ipv6" + core[: len(head)].encode())

    def _born(self, core: str) -> str | None:
        """Another day of the same year; where that could make a difference to an age, on the same side of it."""
        found = _BORN.fullmatch(core)
        if found is None:
            return None
        year, month, day = (int(one) for one in (found.group(1, 2, 3) if found[1] else found.group(7, 5, 6)))
        try:
            whole = date(year, month, day)
        except ValueError:
            return None
        first, last = self._span(whole)
        size = (last - first).days + 1
        index = self._turning.turned((whole - first).days, size, f"born{first}".encode())
        made = date.fromordinal(first.toordinal() + index)
        return f"{made}{found[4] or ''}" if found[1] else f"{made:%m/%d/%Y}"

    def _span(self, day: date) -> tuple[date, date]:
        first, last = date(day.year, 1, 1), date(day.year, 12, 31)
        if self.window is None or not 11 <= self.window[1].year - day.year <= 22:
            return first, last
        for moment in self.window:
            edge = date(day.year, moment.month, min(moment.day, monthrange(day.year, moment.month)[1]))
            if day <= edge:
                return first, edge
            first = date.fromordinal(edge.toordinal() + 1)
        return first, last

    def _age(self, core: str) -> str | None:
        """Another age on the same side of those that count, of as many digits."""
        for ages in AGES:
            if int(core) in ages and core[0] != "0":
                return str(ages[self._turning.turned(ages.index(int(core)), len(ages), b"age" + bytes(ages[:1]))])
        return None

    def _region(self, core: str) -> str | None:
        """Another state of the same list; what is none stays."""
        for group in regions():
            for cased in (core, core.title()):
                if cased in group:
                    made = group[self._turning.turned(group.index(cased), len(group), f"{group[0]}".encode())]
                    return made if cased == core else made.lower()
        return None

    def _coordinate(self, core: str, most: int) -> str | None:
        """Somewhere else on the same half of the earth, told as exactly."""
        sign, whole, part = _COORDINATE.fullmatch(core).groups(default="")  # type: ignore[union-attr]
        least = (0, 0, 10, 100)[len(whole)]
        count = min(10 ** len(whole), most) - least
        if not least <= int(whole) < most or count <= 0:
            return None
        parts = 10 ** len(part)
        index = self._turning.turned((int(whole) - least) * parts + int(part or 0), count * parts, sign.encode())
        new, rest = divmod(index, parts)
        return f"{sign}{new + least}" + (f".{rest:0{len(part)}d}" if part else "")


class _Settled:
    """Values of which there are fewer than of those that they stand for: none is given twice."""

    def __init__(self, turning: Turning) -> None:
        self._turning = turning
        self._of: dict[str, str] = {}
        self._given: set[str] = set()

    def of(self, value: str, made: Callable[[bytes], str]) -> str:
        found = self._of.get(value)
        if found is not None:
            return found
        found = made(b"")
        for again in range(1, 64):
            if found not in self._given:
                break
            found = made(bytes((again,)))
        self._of[value] = found
        self._given.add(found)
        return found


def _spots(text: str) -> list[Spot | str]:
    """What may change; zeroes at the head of a number stay, and what comes after them is no zero."""
    made: list[Spot | str] = []
    counting = True
    for char in text:
        one = spot(char)
        if char in DIGITS and counting:
            if char == "0":
                made.append(char)
                continue
            one = Spot(DIGITS[1:], int(char) - 1)
        counting = one is None
        made.append(one or char)
    return made


def _free(text: str) -> list[Spot | str]:
    return [spot(char) or char for char in text]


def _narrow(one: Spot | str, letters: str) -> Spot | str:
    """The same spot among fewer letters, as far as it is one of them."""
    if isinstance(one, str) or one.alphabet != LETTERS or LETTERS[one.index] not in letters:
        return one
    return Spot(letters, letters.index(LETTERS[one.index]), one.upper)


def _cased(made: str, like: str) -> str:
    return "".join(
        new.upper() if old.isupper() and len(new.upper()) == 1 else new for new, old in zip(made, like, strict=True)
    )
