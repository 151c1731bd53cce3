"""What the names in the steps of one question stand for, and each step as a line without credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import unquote

from contracts.probing import Step
from mock_sessionm import TenantSettings
from scenarios.calls import request_of
from scenarios.stage import filled


@dataclass(slots=True)
class Script:
    """What the names in the steps of one question stand for."""

    settings: TenantSettings
    known: dict[str, Any]
    today: date
    people: dict[str, str] = field(default_factory=dict)

    def filled(self, value: Any) -> Any:
        """The value with names filled in, and `{$ago: {years: 13, days: 1}}` as the day that was so long ago."""
        return filled(self._dated(value), {**self.known, **self.people})

    def _dated(self, value: Any) -> Any:
        if isinstance(value, Mapping) and "$ago" in value:
            return _ago(self.today, **value["$ago"])
        if isinstance(value, Mapping):
            return {filled(name, self.known): self._dated(inner) for name, inner in value.items()}
        return [self._dated(inner) for inner in value] if isinstance(value, list) else value


def shown(step: Step, script: Script) -> str:
    """One step as a line; credentials stand as their names."""
    if "do" in step:
        request = request_of(step, replace(script, settings=_masked(script.settings)))
        twice = f"  ({step['together']} times at the same moment)" if "together" in step else ""
        body = f"  {request.body.decode()}" if request.body else ""
        return f"{request.method} {unquote(request.target)}{body}{twice}"
    if "pause" in step:
        return f"(wait {step['pause']})"
    if "wait" in step:
        return f"(left pending; from {step['wait']} later on, with --resume:)"
    if "hand" in step:
        return f"(left pending; a file is written for you: {step['hand']['says']} With --resume after that:)"
    if "answers" in step:
        return f"(the receiver answers {', '.join(map(str, step['answers']))})"
    return f"(what the receiver heard, within {step['within']})"


def _masked(settings: TenantSettings) -> TenantSettings:
    """The same account with names in the place of what must not be seen."""
    connect = {"key": "key", "secret": "secret", "retailer_id": "{retailer_id}"}
    return replace(settings, api_key="{api_key}", api_secret="secret", partners={"connect": connect})  # noqa: S106  none


def _ago(today: date, years: int = 0, days: int = 0) -> str:
    """The day so long ago; the 29th of February becomes the 28th where there is none."""
    earlier = date.fromordinal(today.toordinal() - days)
    try:
        return earlier.replace(year=earlier.year - years).isoformat()
    except ValueError:
        return earlier.replace(year=earlier.year - years, day=28).isoformat()
