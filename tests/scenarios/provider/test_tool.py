"""The same seed is the same run, and nothing is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mock_sessionm import create_app
from scenarios.provider import Target, provide

ROOT = Path(__file__).parents[3]
RUN = """
from mock_sessionm import create_app
from scenarios.provider import Target, provide
found = provide(Target.embedded(create_app()), seed=7, examples=1, vendors=["customerio"], operations=["trackEvent"])
print(found)
"""


def test_two_processes_with_one_seed_find_the_same_and_leave_no_folder(tmp_path: Path) -> None:
    told = []
    for hashes in ("1", "2"):
        settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hashes}
        done = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-c", RUN], cwd=tmp_path, env=settings, capture_output=True, text=True, check=True
        )
        told.append(done.stdout)
    assert told[0] == told[1]
    assert "trackEvent" in told[0]
    assert list(tmp_path.iterdir()) == []


def test_another_seed_asks_otherwise() -> None:
    def asked(seed: int) -> list[bytes]:
        app = create_app()
        bodies: list[bytes] = []

        def listening(environ: dict[str, object], start_response: object) -> object:
            if environ["REQUEST_METHOD"] == "POST" and "/events" in str(environ["RAW_URI"]):
                bodies.append(environ["wsgi.input"].getvalue())  # type: ignore[attr-defined]
            return app(environ, start_response)  # type: ignore[arg-type]

        target = Target.embedded(listening)  # type: ignore[arg-type]
        provide(target, seed=seed, examples=2, vendors=["customerio"], operations=["trackEvent"])
        return bodies

    first = asked(1)
    assert first == asked(1)
    assert first != asked(2)
