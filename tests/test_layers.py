"""The table of ARCHITECTURE.md: who may import whom."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import forwarder
import mock_sessionm
import mock_sessionm.partners.braze

ROOT = Path(__file__).parents[1]
MAY = {
    "contracts": {"contracts"},
    "mock_sessionm": {"contracts", "mock_sessionm"},
    "forwarder": {"contracts", "forwarder"},
    "scenarios": {"contracts", "mock_sessionm", "forwarder", "scenarios"},
}
FILES = sorted(path for package in MAY for path in (ROOT / package).rglob("*.py"))
DOORS = {"requests", "urllib3", "http", "urllib.request", "socket", "aiohttp", "httpx", "s3fs"}
OPENS = {
    "contracts/transport.py": {"requests"},  # the door
    "contracts/relaying.py": {"http", "socket"},  # the same door for a proxy: nothing is made of what passes
    "contracts/serving.py": {"socket"},  # is reached, and reaches nobody
    "forwarder/sources/amazon.py": {"s3fs"},  # AWS's own way in, with its credentials and signatures
    "scenarios/compare/driver.py": {"requests"},  # catches what a build sends with it, so that nothing leaves
    "scenarios/in_process.py": {"requests"},  # stands in for a connection: an adapter that ends in a WSGI app
    "scenarios/pytest_plugin.py": {"requests"},  # hands a session to somebody's test
}
PUBLIC = {module.__name__: module for module in (mock_sessionm, mock_sessionm.partners.braze)}
"""The packages of the fake that have public names."""
BEHIND_THE_DOOR = {
    "scenarios/bucket.py": {"forwarder.sources.ndjson", "forwarder.sources.progress", "forwarder.sources.s3"},
    "scenarios/cli/forward.py": {
        "forwarder.delivery",
        "forwarder.ingest",
        "forwarder.relay",
        "forwarder.sources.amazon",
        "forwarder.sources.mixed",
        "forwarder.sources.ndjson",
        "forwarder.sources.progress",
        "forwarder.sources.s3",
        "forwarder.spool",
        "forwarder.tally",
        "forwarder.worker",
    },
    "scenarios/mutants/answering.py": {"forwarder.delivery", "forwarder.destination", "forwarder.judge"},
    "scenarios/mutants/before.py": {"forwarder.draft"},
    "scenarios/mutants/by_hand.py": {"forwarder.batch", "forwarder.draft", "forwarder.selection"},
    "scenarios/mutants/delivering.py": {"forwarder.judge"},
    "scenarios/mutants/rehearsal.py": {"forwarder.draft"},
    "scenarios/mutants/sources.py": {
        "forwarder.sources",
        "forwarder.sources.ndjson",
        "forwarder.sources.progress",
        "forwarder.sources.s3",
    },
    "scenarios/mutants/steps.py": {"forwarder.draft"},
    "scenarios/mutants/tables.py": {
        "forwarder.destinations",
        "forwarder.draft",
        "forwarder.names",
        "forwarder.planning",
        "forwarder.selection",
        "forwarder.shaping",
    },
    "scenarios/mutants/unread.py": {"forwarder.connection"},
    "scenarios/mutants/wrong.py": {"forwarder.draft"},
    "scenarios/recordings/opening.py": {
        "forwarder.sources.amazon",
        "forwarder.sources.mixed",
        "forwarder.sources.ndjson",
        "forwarder.sources.progress",
        "forwarder.sources.s3",
    },
    "scenarios/replay/rehearsal.py": {"forwarder.fate"},
}
"""Where scenarios reaches past the forwarder's public names.

`forward` is a thin command over all of it; a bucket in memory is read as a real one is, and a
recording as `forward` reads it; who makes a wrong forwarder
must get at the part that is to be wrong.
"""


@cache
def imports(path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every import of a file, inside functions too: (module, names). Relative ones get their full name."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(ROOT).parts[: -node.level] if node.level else ()
            yield ".".join([*above, node.module or ""]).rstrip("."), tuple(alias.name for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_imports_only_what_stands_below_it(path: Path) -> None:
    ours = {module.partition(".")[0] for module, _ in imports(path)} & {*MAY, "tests", "benchmarks"}
    assert ours <= MAY[path.relative_to(ROOT).parts[0]]


def test_only_the_door_opens_connections() -> None:
    found = {
        str(path.relative_to(ROOT)): {door for door in DOORS for module, _ in imports(path) if _under(module, door)}
        for path in FILES
    }
    assert {path: doors for path, doors in found.items() if doors} == OPENS


def _under(module: str, door: str) -> bool:
    return module == door or module.startswith(f"{door}.")


def test_scenarios_know_the_fake_by_its_public_names_only() -> None:
    for path in (ROOT / "scenarios").rglob("*.py"):
        for module, names in imports(path):
            if module.partition(".")[0] == "mock_sessionm":
                assert module in PUBLIC, path
                assert set(names) <= set(PUBLIC[module].__all__), path


def test_scenarios_reach_past_the_forwarders_public_names_only_where_it_is_listed() -> None:
    found = {str(path.relative_to(ROOT)): set(_behind(path)) for path in (ROOT / "scenarios").rglob("*.py")}
    assert {path: modules for path, modules in found.items() if modules} == BEHIND_THE_DOOR


def _behind(path: Path) -> Iterator[str]:
    """The modules of the forwarder that a file imports, also as a name out of the package."""
    for module, names in imports(path):
        if module.startswith("forwarder."):
            yield module
        elif module == "forwarder":
            yield from (f"forwarder.{name}" for name in names if name not in forwarder.__all__)


def test_what_judges_the_forwarder_reads_no_rule_out_of_it() -> None:
    judges = [*ROOT.glob("scenarios/*/expectations.py"), ROOT / "scenarios/reading.py", ROOT / "scenarios/checks.py"]
    assert len(judges) > 2
    for path in judges:
        found = [(module, names) for module, names in imports(path) if "forwarder" in module]
        assert found in ([], [("forwarder", ("Fate",))]), path


def test_relative_imports_are_read_as_what_they_are() -> None:
    assert ("forwarder.fate", ("Fate", "Plan", "PlannedRequest")) in imports(ROOT / "forwarder/__init__.py")
