"""The filters that Braze has beside Shopify's, and those of Shopify's that it has not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liquid import Environment, RenderContext
from liquid.exceptions import FilterArgumentError, LoopIterationLimitError, OutputStreamLimitError
from liquid.filter import with_context
from liquid.undefined import is_undefined

from mock_sessionm.limits import table

from .printing import printed

Filter = Callable[..., Any]

KEPT_IN_URLS = "-_.!~*'()"
"""What escaping a parameter leaves alone, beside letters and digits."""
KEPT_IN_ADDRESSES = f"{KEPT_IN_URLS};/?:@&=+$,#%"
"""What escaping an address leaves alone: what may stand in one."""


def install(environment: Environment, behaviours: frozenset[str]) -> None:
    """Put Braze's filters in, take out what it has not, and let every text filter print as Ruby does."""
    for rule, filters in BY_RULE.items():
        if rule in behaviours:
            environment.filters.update(filters)
    if "braze.unsupported-filters" in behaviours:
        for name in unsupported():
            environment.filters.pop(name, None)
    if "braze.ruby-printing" in behaviours:
        for name, made in list(environment.filters.items()):
            if made.__module__ == "liquid.builtin.filters.string":
                environment.filters[name] = _printing(
                    made, arguments=name not in {"slice", "truncate", "truncatewords"}
                )
        environment.filters["join"] = _joining(environment.filters["join"])
    for name, made in list(environment.filters.items()):
        environment.filters[name] = _bounded(name, made, environment)


def unsupported() -> tuple[str, ...]:
    """Shopify's filters that Braze says it has not."""
    return tuple(table("braze.unsupported-filters")["filters"])


def _printing(made: Filter, *, arguments: bool) -> Filter:
    @wraps(made)
    def wrapped(value: Any, *given: Any, **named: Any) -> Any:
        if arguments:
            given = tuple(printed(one) for one in given)
        return made(value if isinstance(value, list) and made.__name__ == "slice_" else printed(value), *given, **named)

    return wrapped


def _joining(made: Filter) -> Filter:
    @wraps(made)
    def wrapped(value: Any, *given: Any, **named: Any) -> Any:
        return made([printed(one) for one in value] if isinstance(value, (list, tuple)) else value, *given, **named)

    return wrapped


def _bounded(name: str, made: Filter, environment: Environment) -> Filter:
    """A filter that will not make more than a message may hold, nor a list of a range that nobody could walk."""

    @wraps(made)
    def wrapped(value: Any, *given: Any, **named: Any) -> Any:
        most, iterations = environment.output_stream_limit, environment.loop_iteration_limit
        if isinstance(value, range) and iterations is not None and value.stop - value.start > iterations:
            raise LoopIterationLimitError("loop iteration limit reached", token=None)
        if most is not None and _grown(name, value, given) > most:
            raise OutputStreamLimitError("output stream limit reached", token=None)
        return made(value, *given, **named)

    return wrapped


def _grown(name: str, value: Any, given: tuple[Any, ...]) -> int:
    """How many letters a filter will make at most, for those that make much of little."""
    if name == "replace" and given:
        return printed(value).count(printed(given[0])) * len(printed(given[-1]))
    if name == "join" and given and isinstance(value, (list, tuple, range)):
        return len(value) * len(printed(given[0]))
    return 0


@with_context
def _dated(value: Any, form: Any = None, *, context: RenderContext) -> Any:
    """A moment, written out; in UTC unless `time_zone` said otherwise, whatever the zone of this machine is."""
    moment = now(context) if value in ("now", "today") else _moment(value)
    if moment is None or is_undefined(form) or not form:
        return printed(value)
    return moment.strftime(printed(form).replace("%s", str(int(moment.timestamp()))))


def now(context: RenderContext) -> datetime:
    """What time it is for this message."""
    clock = context.resolve(CLOCK)
    if is_undefined(clock) or clock is None:
        raise FilterArgumentError("the renderer was given no clock, so there is no 'now'", token=None)
    return datetime.fromtimestamp(clock(), UTC)


CLOCK = "\0clock"
"""Under this name the clock is bound; no template can write it."""


def _hashed(algorithm: str) -> Filter:
    return lambda value: hashlib.new(algorithm, printed(value).encode()).hexdigest()


def _signed(algorithm: str, *, encoded: bool = False) -> Filter:
    def made(value: Any, secret: Any) -> str:
        found = hmac.new(printed(secret).encode(), printed(value).encode(), algorithm).digest()
        return base64.b64encode(found).decode("ascii") if encoded else found.hex()

    return made


def _base64(value: Any) -> str:
    return base64.b64encode(printed(value).encode()).decode("ascii")


def _accessed(value: Any, key: Any) -> Any:
    """What an object has under a key; nil where it has nothing, or is no object."""
    if not isinstance(value, Mapping):
        return None
    return value.get(key, value.get(printed(key)))


def _delimited(value: Any) -> str:
    """A number with commas between the thousands; what is no number stays as it is."""
    return re.sub(r"^(-?\d+)(?=$|\.)", lambda whole: f"{int(whole[0]):,}", printed(value))


def _money(value: Any) -> str:
    """A number with two decimals, and no currency: 145 is 145.00, 17.8 is 17.80; what is no number stays as it is."""
    try:
        return f"{Decimal(printed(value).strip()):.2f}"
    except InvalidOperation:
        return printed(value)


def _json_escaped(value: Any) -> str:
    return json.dumps(printed(value), ensure_ascii=False)[1:-1]


def _json_parsed(value: Any) -> Any:
    try:
        return json.loads(printed(value))
    except ValueError as error:
        raise FilterArgumentError("json_parse was given no JSON", token=None) from error


def _as_json(value: Any) -> str:
    return json.dumps(
        None if is_undefined(value) else value, ensure_ascii=False, separators=(",", ":"), default=printed
    )


@with_context
def _in_zone(value: Any, zone: Any, *, context: RenderContext) -> Any:
    """The moment in another time zone, for `date` to write."""
    moment = now(context) if value in ("now", "today") else _moment(value)
    if moment is None:
        return value
    try:
        return moment.astimezone(ZoneInfo(printed(zone)))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FilterArgumentError(f"there is no time zone {printed(zone)!r}", token=None) from error


def _moment(value: Any) -> datetime | None:
    """The moment that a value names; None where it names none. A number, or a text of digits, is seconds since 1970."""
    from dateutil import parser  # type: ignore[import-untyped]

    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = printed(value).strip()
    if isinstance(value, bool) or not text:
        return None
    try:
        read: datetime = (
            datetime.fromtimestamp(float(text), UTC) if re.fullmatch(r"\d+(\.\d+)?", text) else parser.parse(text)
        )
    except (ValueError, OverflowError, OSError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


BY_RULE: dict[str, dict[str, Filter]] = {
    "braze.url-filters": {
        "url_escape": lambda value: quote(printed(value), safe=KEPT_IN_ADDRESSES),
        "url_param_escape": lambda value: quote(printed(value), safe=KEPT_IN_URLS),
    },
    "braze.hash-filters": {"md5": _hashed("md5"), "sha1": _hashed("sha1"), "sha2": _hashed("sha256")},
    "braze.signature-filters": {
        "hmac_sha1": _signed("sha1"),
        "hmac_sha1_hex": _signed("sha1"),
        "hmac_sha1_base64": _signed("sha1", encoded=True),
        "hmac_sha256": _signed("sha256"),
        "hmac_sha256_hex": _signed("sha256"),
        "hmac_sha256_base64": _signed("sha256", encoded=True),
        "hmac_sha512": _signed("sha512"),
    },
    "braze.base64-filter": {"base64": _base64, "base64_encode": _base64},
    "braze.property-accessor-filter": {"property_accessor": _accessed},
    "braze.number-with-delimiter-filter": {"number_with_delimiter": _delimited},
    "braze.money-filter": {"money": _money},
    "braze.json-escape-filter": {"json_escape": _json_escaped},
    "braze.json-filters": {"json_parse": _json_parsed, "as_json_string": _as_json},
    "braze.date-filter": {"date": _dated},
    "braze.time-zone-filter": {"time_zone": _in_zone},
}
"""Every filter that Braze adds, by the rule that says so."""
