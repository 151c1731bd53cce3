"""Credentials as they travel."""

from __future__ import annotations

from base64 import b64encode


def basic(user: str, password: str) -> str:
    """The value of the Authorization header for a pair of credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")
