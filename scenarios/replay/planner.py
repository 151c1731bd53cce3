"""The forwarder of a replay in this process: ours, or a function of the user's that must not break the replay."""

from __future__ import annotations

import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from forwarder import Plan, plan
from scenarios.forwarder_named import forwarder_named


class Planner:
    """Called as `forwarder.plan` is. `raised` counts how a function of the user's failed.

    Where it fails it plans nothing, which then shows in what does not arrive.
    """

    def __init__(self, named: str = "") -> None:
        """`named` is `module:callable`; empty for ours. Raises `NoForwarder`."""
        self._planning: Any = forwarder_named(named) if named else plan
        self._ours = not named
        self.raised: Counter[str] = Counter()

    def __call__(self, *batch: Any, **settings: Any) -> Plan:
        if self._ours:
            return plan(*batch, **settings)
        try:
            made = self._planning(*batch, **settings)
        except Exception as error:  # noqa: BLE001 - it is the user's
            last = traceback.extract_tb(error.__traceback__)[-1]
            return self._failed(f"raised {type(error).__name__} at {Path(last.filename).name}:{last.lineno}")
        return made if isinstance(made, Plan) else self._failed(f"gave {type(made).__name__} in place of a Plan")

    def _failed(self, how: str) -> Plan:
        self.raised[how] += 1
        return Plan((), ())
