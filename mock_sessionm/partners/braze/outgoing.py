"""The headers and the body with which Connected Content calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

import orjson

from contracts import Choices

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_PAIRS = re.compile(r"[^=&\s{}\[\]\"]+=[^&\s]*(?:&[^=&\s]+=[^&\s]*)*")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def content_headers(
    method: str, content_type: str | None, given: Mapping[str, str], behaviours: frozenset[str]
) -> dict[str, str]:
    """Every header of a call: the defaults of its method, `:content_type` over them, `:headers` over both."""
    made: dict[str, str] = {}
    if method == "GET" and "braze.content-get-headers" in behaviours:
        made = {"Content-Type": JSON, "Accept": "*/*"}
    if method == "POST" and "braze.content-post-headers" in behaviours:
        made = {"Content-Type": FORM, "Accept": "*/*"}
    if content_type is not None and "braze.content-type-option" in behaviours:
        made |= {"Content-Type": content_type, "Accept": content_type}
    for name, value in given.items():
        made = {old: kept for old, kept in made.items() if old.lower() != name.lower()}
        made[name] = value
    return made


def encoded_body(body: str | None, content_type: str | None, choices: Choices, behaviours: frozenset[str]) -> bytes:
    """The body as it goes out: as it was rendered, unless `:content_type` wants JSON of what was written as a form."""
    if body is None:
        return b""
    wants_json = content_type is not None and content_type.partition(";")[0].strip().lower() == JSON
    if wants_json and "braze.content-form-to-json" in behaviours and _PAIRS.fullmatch(body.strip()):
        pairs = [pair.partition("=")[::2] for pair in body.strip().split("&")]
        decoded = choices["form-body-values"] == "decoded"
        return orjson.dumps({unquote_plus(n) if decoded else n: unquote_plus(v) if decoded else v for n, v in pairs})
    return body.encode()


def accepted(name: str, value: str) -> bool:
    """Whether a header can be sent: its name a token, its value one line of letters that a header may hold."""
    if not _NAME.fullmatch(name) or any(letter in value for letter in "\r\n\0"):
        return False
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
