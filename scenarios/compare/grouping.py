"""Requests that carry several events, taken apart: how many go together is no difference."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any

from .written import Form

CARRIERS = ("events", "batch")
"""Where a body holds what could as well go in a request of its own."""


def taken_apart(forms: list[Form], which: Container[int]) -> list[Form]:
    """The same requests; those whose numbers are in `which` once for each event that they carry."""
    made: list[Form] = []
    for number, form in enumerate(forms):
        made += _parts(form) if number in which else [form]
    return made


def _parts(form: Form) -> list[Form]:
    if not isinstance(form.body, dict):
        return [form]
    for key in CARRIERS:
        carried = form.body.get(key)
        if isinstance(carried, dict) and len(carried) > 1:
            return [_with(form, key, {name: one}) for name, one in carried.items()]
        if isinstance(carried, list) and len(carried) > 1:
            return [_with(form, key, [one]) for one in carried]
    return [form]


def _with(form: Form, key: str, carried: Any) -> Form:
    return replace(form, body={**form.body, key: carried})
