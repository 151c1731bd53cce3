"""`sessionm-harness report`: what other tools need to know about the reports."""

from __future__ import annotations

import json

import click


@click.group
def command() -> None:
    """Describe the reports for other tools."""


@command.command
def schema() -> None:
    """Print the JSON Schema of `--report json=PATH`."""
    from contracts.register import load_yaml

    click.echo(json.dumps(load_yaml("report.schema.yaml"), ensure_ascii=False, indent=1))
