"""What the placeholders of Braze's SessionM page stand for."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from mock_sessionm.tenant_settings import TenantSettings

SHORTEST = 6
"""A shorter secret is not looked for in what is shown: it would be found everywhere."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """Values for the placeholders of the SessionM page: names that Liquid reads, and words to be replaced."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: TenantSettings, address: str, connect_address: str = "") -> Bindings:
        """What a tenant's settings say; Core is at `address`, Connect too unless it has one of its own."""
        connect = settings.partners.get("connect", {})
        core = _encoded(settings.api_key, settings.api_secret)
        offers = _encoded(connect["key"], connect["secret"]) if {"key", "secret"} <= connect.keys() else ""
        words = {
            "YOUR-RETAIL-ID": connect.get("retailer_id", ""),
            "YOUR-BASE64-ENCODED-KEY": offers,
            "YOUR-ENCODED-STRING-KEY": core,
        }
        key = settings.api_key
        return cls(
            {
                "endpoint_core": address,
                "endpoint_connect": connect_address or address,
                "appkey_core": key,
                "apikey_core": key,
                "core_apikey": key,
                "base64_encoded_string": core,
            },
            {word: value for word, value in words.items() if value},
            {"appkey_core": key, "base64_encoded_string": core, "YOUR-BASE64-ENCODED-KEY": offers},
        )

    def used(self, source: str) -> tuple[str, ...]:
        """Which of them a template names, in their order."""
        return tuple(name for name in (*self.variables, *self.words) if name in source)

    def filled(self, source: str) -> str:
        """The template with every word replaced."""
        for word, value in self.words.items():
            source = source.replace(word, value)
        return source

    def hidden(self, text: str) -> str:
        """A text without the secrets that were bound: each is its name in braces."""
        for name, value in self.secrets.items():
            if len(value) >= SHORTEST:
                text = text.replace(value, f"{{{name}}}").replace(quote(value, safe=""), f"{{{name}}}")
        return text


def _encoded(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode("ascii")
