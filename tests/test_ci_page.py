"""The jobs of docs/ci.md are YAML, and the commands in them are ones that the command line takes."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from scenarios.cli import cli

PAGE = (Path(__file__).parents[1] / "docs" / "ci.md").read_text(encoding="utf-8")
JOBS = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
PROGRAM = ".venv/bin/sessionm-harness"


def scripts(part: Any) -> Iterator[str]:
    """Every line for a shell in a job, of whichever server."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from [inner] if name == "run" else inner if name == "script" else scripts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from scripts(inner)


def commands() -> Iterator[list[str]]:
    for line in scripts(JOBS):
        for one in re.split(r"&&|&", line):
            words = shlex.split(one)
            if words and words[0] == PROGRAM:
                yield words[1:]


def test_the_page_has_a_job_for_each_server_and_each_runs_the_gate_and_its_self_test() -> None:
    assert len(JOBS) == 3
    for job in JOBS[:2]:
        lines = list(scripts(job))
        assert any(f"{PROGRAM} gate --seed" in line for line in lines)
        assert any(f"{PROGRAM} gate --selftest" in line for line in lines)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_the_command_line_takes_what_the_jobs_say(words: list[str]) -> None:
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    assert command.make_context(words[0], words[1:]).params


def test_every_report_that_a_job_hands_on_is_one_that_it_writes() -> None:
    for job in JOBS:
        written = {word.partition("=")[2] for line in scripts(job) for word in shlex.split(line) if "=gate." in word}
        assert set(re.findall(r"gate\.(?:sarif|md|xml|html)", yaml.safe_dump(job))) == written
