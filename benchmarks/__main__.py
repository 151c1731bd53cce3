"""Runs the figures that are named, or all of them, and prints one table. Nothing here fails for being slow."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable

from . import loyalty, planning, replay, s3, scenario, serve, throughput
from .figure import CLOCK, Figure, table

FIGURES: dict[str, Callable[[], Iterable[Figure]]] = {
    "serve": serve.figures,
    "throughput": throughput.figures,
    "planning": planning.figures,
    "s3": s3.figures,
    "replay": replay.figures,
    "scenario": scenario.figures,
    "loyalty": loyalty.figures,
}
"""Every benchmark by its name on the command line."""


BUSY = 2.0
"""Load that the benchmark itself makes, beyond the number of cores."""


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in FIGURES]
    if unknown:
        print(f"benchmarks: no figure {unknown[0]!r}; there are {', '.join(FIGURES)}", file=sys.stderr)
        return 2
    begun = CLOCK()
    found: list[Figure] = []
    for name in names or FIGURES:
        print(f"{name} …", file=sys.stderr, flush=True)
        found.extend(FIGURES[name]())
    print("\n".join(table(found)))
    print(
        f"\nPython {platform.python_version()} on {platform.machine()}; medians of one run of {CLOCK() - begun:.0f} s."
    )
    cores, busy = os.cpu_count() or 1, os.getloadavg()[0]
    if busy > cores + BUSY:
        print(f"The machine was busy (load {busy:.1f}, {cores} cores): what was measured over a socket says little.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
