"""Which parts of an interaction are credentials. This is the one place that decides: nothing is written past it.

in headers   what proves who one is, and cookies; of `Authorization` the scheme stays
in paths     SessionM's key, which becomes `{api_key}`
in queries   values under the names of secrets; in forms and in JSON as well
anywhere     a value that was seen to be one, wherever it turns up again
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from contracts import Interaction

MASK = "***"
KEY = "{api_key}"
_LEAST = 10
"""Signs from which on a value is known again; a shorter one turns up by chance."""
_REMEMBERED = 256

_NAMES = (
    r"(?:(?:x[-_])?(?:api|app|access|secret|private)[-_]?(?:key|secret|token)(?:_?core|_?id)?"
    r"|apikey_core|appkey_core|(?:client|shared|consumer)[-_]?secret|client[-_]?assertion|secret|password|passwd"
    r"|passphrase|(?:access|refresh|id|auth|session|csrf|xsrf|bearer|security)?[-_]?token|authorization|jwt)"
)
_HEADER = re.compile(
    r"auth|cookie|secret|token|api-?key|app-?key|access-?key|subscription-?key|signature|passw|credential",
    re.IGNORECASE,
)
_HARMLESS = frozenset({"www-authenticate", "proxy-authenticate", ":authority", "authority"})
_SCHEME = re.compile(r"(Basic|Bearer|Digest|Token|Negotiate|Hawk|OAuth|AWS4-HMAC-SHA256)\s+\S", re.IGNORECASE)
_PATH = re.compile(rb"(/(?:priv|api)/v1/apps/|/__admin/tenants/)([^/?#\"'\\\s<>&]+)")
_PAIR = re.compile(
    rb"((?:^|[?&])(?:" + _NAMES.encode() + rb"|key|sig|signature|code|x-amz-(?:signature|credential))=)([^&#\s\"'<>]+)",
    re.IGNORECASE,
)
_JSON = re.compile(
    rb'("' + _NAMES.encode() + rb'"\s*:\s*)("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)', re.IGNORECASE | re.DOTALL
)
_JSON_IN_TEXT = re.compile(rb'(\\"' + _NAMES.encode() + rb'\\"\s*:\s*\\")((?:[^"\\])*)(?=\\")', re.IGNORECASE)
_PART = re.compile(
    rb'(\bname="' + _NAMES.encode() + rb'"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)([^\r\n]+)', re.IGNORECASE
)


@dataclass(slots=True)
class Masker:
    """Takes credentials out of interactions, and knows again those that it saw. `count` says how many it took out."""

    count: int = 0
    _known: dict[bytes, None] = field(default_factory=dict)

    def masked(self, one: Interaction) -> Interaction:
        """The same interaction, and nobody's credentials in it."""
        request, response = one.request, one.response
        headers = self._headers(request.headers)
        target = self._text(request.target)
        body = self._body(request.body, request.headers)
        made = replace(one, request=replace(request, target=target, headers=headers, body=body))
        if response is None:
            return made
        answered = self._headers(response.headers)
        return replace(
            made,
            response=replace(response, headers=answered, body=self._body(response.body, response.headers)),
        )

    def batch(self, body: Mapping[str, object]) -> dict[str, object]:
        """A batch without the key of its input. What its attributes hold is what is on trial, and stays."""
        made = dict(body)
        if isinstance(key := body.get("api_key"), str) and key not in {"", MASK}:
            made["api_key"] = MASK
            self.count += 1
        if isinstance(keys := body.get("api_keys"), list) and keys:
            made["api_keys"] = [MASK for _ in keys]
            self.count += len(keys)
        return made

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {name: self._header(name.lower(), value) for name, value in headers.items()}

    def _header(self, name: str, value: str) -> str:
        if name in _HARMLESS or not _HEADER.search(name):
            return self._text(value)
        scheme = _SCHEME.match(value) if "authorization" in name else None
        made = f"{scheme[1]} {MASK}" if scheme else MASK
        if made != value and value:
            self.count += 1
            self._learn_header(name, value[scheme.end() - 1 :] if scheme else value)
        return made if value else value

    def _learn_header(self, name: str, secret: str) -> None:
        if "cookie" in name:
            for crumb in secret.split(";")[:50]:
                self._learn(crumb.partition("=")[2].strip())
            return
        self._learn(secret)
        try:
            pair = b64decode(secret, validate=True).decode("utf-8")
        except ValueError:
            return
        user, colon, password = pair.partition(":")
        if colon:
            self._learn(user)
            self._learn(password)

    def _learn(self, secret: str | bytes) -> None:
        raw = secret.encode("utf-8", "replace") if isinstance(secret, str) else secret
        if len(raw) < _LEAST or raw.isdigit() or raw == KEY.encode():
            return
        self._known[raw] = None
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    def _text(self, text: str) -> str:
        return self._bytes(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _body(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        if not body:
            return body
        kind = headers.get("content-type", "").lower()
        if "multipart" in kind:
            body = self._put(_PART, body, MASK)
        body = self._put(_JSON, body, f'"{MASK}"')
        body = self._put(_JSON_IN_TEXT, body, MASK)
        return self._bytes(body)

    def _bytes(self, text: bytes) -> bytes:
        text = self._put(_PATH, text, KEY)
        text = self._put(_PAIR, text, MASK) if b"=" in text else text
        for known in self._known:
            if known in text:
                self.count += text.count(known)
                text = text.replace(known, MASK.encode())
        return text

    def _put(self, pattern: re.Pattern[bytes], text: bytes, mask: str) -> bytes:
        put = mask.encode()

        def masked(found: re.Match[bytes]) -> bytes:
            secret = found[2].strip(b'"')
            if not secret or secret in {MASK.encode(), KEY.encode()}:
                return found[0]
            self.count += 1
            self._learn(secret)
            return found[1] + put

        return pattern.sub(masked, text)
