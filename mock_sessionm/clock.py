"""A tenant's time: frozen, or running from a source that is passed in, and moved at will."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

SECONDS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,6})?[wdhms])+")
PART = re.compile(r"([\d.]+)([wdhms])")
LAST = 253_402_300_799
"""9999-12-31 23:59:59 in seconds since 1970: later than this no calendar here can say."""


class ClockError(ValueError):
    """A time or a duration that no clock can take; the text is one line that says what is wanted."""


class Clock:
    """Virtual time in seconds since 1970.

    `source` gives real seconds from any beginning, and is read only while the clock runs.
    """

    __slots__ = ("_base", "_frozen", "_origin", "_source", "_start")

    def __init__(self, start: float, *, frozen: bool = False, source: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._start = (start, frozen)
        self._base = start
        self._frozen = frozen
        self._origin = 0.0 if frozen else source()

    def __repr__(self) -> str:
        return f"Clock({self.iso()!r}, frozen={self._frozen})"

    @property
    def frozen(self) -> bool:
        return self._frozen

    def now(self) -> float:
        if self._frozen:
            return self._base
        return min(self._base + self._source() - self._origin, LAST)

    def iso(self) -> str:
        """Now as ISO-8601 in UTC, to the millisecond."""
        return iso(self.now())

    def set(self, now: float | str) -> None:
        """Show another time: seconds since 1970 or ISO-8601. Raises `ClockError`."""
        seconds = _instant(now) if isinstance(now, str) else float(now)
        if not 0 <= seconds <= LAST:
            raise ClockError("now is outside of the years 1970 to 9999")
        self._base = seconds
        self._origin = 0.0 if self._frozen else self._source()

    def freeze(self, frozen: bool = True) -> None:
        """Stand still at what is shown now, or run on from it."""
        self._base = self.now()
        self._frozen = frozen
        self._origin = 0.0 if frozen else self._source()

    def advance(self, by: float | str) -> None:
        """Move forward by seconds, or by a duration such as `30d` or `1h30m`. Raises `ClockError`."""
        self.set(self.now() + duration(by))

    def copy(self) -> Clock:
        """Another clock that shows the same time, starts from it, and goes its own way."""
        return Clock(self.now(), frozen=self._frozen, source=self._source)

    def reset(self) -> None:
        """As it was when it was made."""
        start, frozen = self._start
        self.__init__(start, frozen=frozen, source=self._source)  # type: ignore[misc]  # the same object, new


def duration(by: float | str) -> float:
    """Seconds in `90`, `"90"`, `"1h30m"`, `"30d"` or `"2w"`; never negative. Raises `ClockError`."""
    text = str(by).strip()
    if isinstance(by, bool) or not isinstance(by, (int, float, str)):
        raise ClockError('by is a number of seconds or a text such as "30d" or "1h30m"')
    if DURATION.fullmatch(text):
        return sum(float(number) * SECONDS[unit] for number, unit in PART.findall(text))
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LAST:
        raise ClockError('by is a number of seconds, zero or more, or a text such as "30d" or "1h30m" (w d h m s)')
    return seconds


@lru_cache(maxsize=4096)
def iso(seconds: float) -> str:
    """Seconds since 1970 as ISO-8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(seconds: float) -> str:
    """Seconds since 1970 as SessionM Core writes a time: `2026-06-15 12:00:00`, in UTC."""
    return _moment(int(min(seconds, LAST)))


@lru_cache(maxsize=4096)
def _moment(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def _instant(text: str) -> float:
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise ClockError("now is a time such as 2026-06-15T12:00:00Z") from error
