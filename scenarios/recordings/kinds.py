"""What a file is: that shows in how its text begins, never in its name."""

from __future__ import annotations

import codecs
import json
import re
import zlib
from typing import Any, Literal

from .wire import GZIP

Kind = Literal["lines", "array", "documents", "har", "cassette", "yaml cassette", "journal", "flows"]
"""`lines` are batches, one a line; `documents` are batches over many lines; `array` is a list of them."""

PEEKED = 256 * 1024
"""Bytes of a beginning that are looked at."""

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_FLOW = re.compile(r"\d{1,12}:\d{1,3}:[a-z_]+[;,]")
_YAML = re.compile(r"(?:%.*\n|---.*\n|#.*\n|\s*\n)*(?:(?:recorded_with|version): .*\n)*(?:http_)?interactions:\s")
_TOKEN = re.compile(r'"([^"\\]*+(?:\\.[^"\\]*+)*+)"|([\[\]{}:])', re.DOTALL)
_SIGN = re.compile(r"\s*(\S)")
_BATCH = frozenset({"events", "mpid", "user_attributes", "user_identities", "environment", "source_request_id"})
"""Names that stand in a batch, and in no container of interactions."""
_LISTS = ("interactions", "http_interactions")
_OF_LOG = frozenset({"entries", "version", "creator", "pages", "browser"})


def is_zlib(raw: bytes) -> bool:
    """Whether bytes are zlib, whose first two say so."""
    return len(raw) > 1 and raw[0] == 0x78 and int.from_bytes(raw[:2]) % 31 == 0


def unpacked_head(raw: bytes) -> str:
    """How the text of a file begins, of which `raw` is the beginning; without a byte order mark."""
    if raw.startswith(GZIP) or is_zlib(raw):
        try:
            raw = zlib.decompressobj(wbits=31 if raw.startswith(GZIP) else 15).decompress(raw, PEEKED)
        except zlib.error:
            return ""
    if raw.startswith(_UTF16):
        return raw.decode("utf-16", "replace").lstrip()
    return raw.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()


def kind_of(head: str) -> Kind:
    """What begins like this."""
    if head.startswith("["):
        return "array"
    if head.startswith("{"):
        return _of_object(head)
    if _FLOW.match(head):
        return "flows"
    return "yaml cassette" if _YAML.match(head) else "lines"


def _of_object(head: str) -> Kind:
    names, inside = _names(head)
    if not names.keys() & _BATCH:
        if names.get("log") == "{" and inside & _OF_LOG:
            return "har"
        if any(names.get(name) == "[" for name in _LISTS):
            return "cassette"
        if names.get("requests") == "[" and names.keys() & {"total", "dropped"}:
            return "journal"
    return "documents" if _goes_on(head) else "lines"


def _names(head: str) -> tuple[dict[str, str], set[str]]:
    """The names of the outermost object, each with the sign with which its value begins; and those in its `log`."""
    outer: dict[str, str] = {}
    inner: set[str] = set()
    depth, last, name = 0, "", ""
    for token in _TOKEN.finditer(head):
        text, sign = token[1], token[2]
        if sign is None:
            last = text
        elif sign == ":":
            if depth == 1:
                name = last
                sign_of_value = _SIGN.match(head, token.end())
                outer[name] = sign_of_value[1] if sign_of_value else ""
            elif depth == 2 and name == "log":
                inner.add(last)
        else:
            depth += 1 if sign in "{[" else -1
            if depth == 0:
                break
    return outer, inner


def _goes_on(head: str) -> bool:
    """Whether the first line is only the beginning of an object; half a line that was cut is none."""
    first, end, rest = head.partition("\n")
    if not end or _parsed(first) is not None or not first.rstrip().endswith(("{", "[", ",")):
        return False
    second = _parsed(rest.lstrip().partition("\n")[0])
    return not (isinstance(second, dict) and second.keys() & _BATCH)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
