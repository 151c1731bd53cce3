"""`sessionm-harness report`: what other tools need to know about the reports, and about the files beside them."""

from __future__ import annotations

import json

import click

SCHEMAS = {
    "report": "report.schema.yaml",
    "baseline": "baseline.schema.yaml",
    "comparison": "comparison.schema.yaml",
}
"""Name -> the JSON Schema in contracts/; the first is printed where none is named."""


@click.group
def command() -> None:
    """Describe the reports for other tools."""


@command.command
@click.argument("name", type=click.Choice(tuple(SCHEMAS)), default="report")
def schema(name: str) -> None:
    """Print the JSON Schema of `--report json=PATH`, or of another file: report, baseline, comparison."""
    from contracts.register import load_yaml

    click.echo(json.dumps(load_yaml(SCHEMAS[name]), ensure_ascii=False, indent=1))
