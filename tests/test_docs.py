"""The texts say what is the case: commands run, output is real, files exist, tables equal the register."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from contracts import assumptions, rules
from contracts.probing import CONDITIONS, GIVEN, QUESTION_PARTS, STEPS, questions
from contracts.register import load_yaml, openapi
from contracts.settings import parse
from contracts.validation import METHODS
from scenarios.cli import cli, main
from scenarios.probing.setting_up import toml
from scenarios.reports import REPORTERS
from scenarios.scenario import SUITES

ROOT = Path(__file__).parents[1]
TEXTS = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "docs/tenant.md",
    "docs/connection.md",
    "docs/control-api.md",
    "docs/templates.md",
    "docs/segments.md",
    "docs/braze.md",
    "docs/customerio.md",
    "docs/madconnect.md",
    "docs/s3.md",
    "docs/ci.md",
    "docs/contract-diff.md",
    "docs/compare.md",
    "docs/reports.md",
    "docs/probe.md",
    "docs/replay.md",
    "docs/shrink.md",
    "docs/pseudonymise.md",
    "docs/recordings.md",
)
NEEDS_A_SERVER = (
    "serve",
    "record --upstream",
    "--listen",
    "--forwarder",
    "forward docs/examples/batch.json --connection",
    "forward docs/examples/batch.json --destination",
    "forward s3:",
    "--yes",
    "compare",  # starts two builds; tests/scenarios/compare/test_trial.py does
)
WHOLE_RUNS = ("run --seed 1 --assume", "run boundaries --seed 1", "run --destination")
"""Lines that run everything, or nearly: `make check` does so in the gate."""
PACKAGES = ("contracts", "mock_sessionm", "forwarder", "scenarios")
EXITS = {
    "0": "the contract holds",
    "1": "it is broken",
    "2": "usage, or a file that cannot be read",
    "3": "nothing was tested",
    "130": "interrupted",
}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def commands() -> Iterator[Any]:
    for name in TEXTS:
        for block in blocks(name, "sh"):
            for line in block.splitlines():
                yield pytest.param(line, id=f"{name}: {line}")


def ends(line: str) -> bool:
    return "--dry-run" in line or not any(part in line for part in (*NEEDS_A_SERVER, *WHOLE_RUNS))


def in_a_folder_of_its_own(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    shutil.copytree(ROOT / "docs", folder / "docs")
    monkeypatch.chdir(folder)
    return main(shlex.split(line)[1:])


@pytest.mark.parametrize("line", list(commands()))
def test_every_command_line_is_one_that_the_command_takes(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == "sessionm-harness"
    group = cli.make_context(program, [name], resilient_parsing=True)
    command = cli.get_command(group, name)
    assert command is not None
    command.make_context(name, arguments, parent=group)


@pytest.mark.parametrize("line", [param for param in commands() if ends(str(param.values[0]))])
def test_every_command_that_ends_ends_well(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_a_folder_of_its_own(line, tmp_path, monkeypatch) == 0


def shown() -> Iterator[Any]:
    """Commands with the output that stands below them: the last line of a `sh` block, and the `text` block after it."""
    for name in TEXTS:
        for block, output in re.findall(
            r"^```sh\n(.*?)^```\n+```text\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL
        ):
            line = block.splitlines()[-1]
            if ends(line):
                yield pytest.param(line, output, id=line)


@pytest.mark.parametrize(("line", "output"), list(shown()))
def test_the_output_that_is_shown_is_what_is_printed(
    line: str, output: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    in_a_folder_of_its_own(line, tmp_path, monkeypatch)
    printed = iter(capsys.readouterr().out.splitlines())
    for wanted in output.splitlines():
        assert wanted == "…" or wanted in printed, wanted


def test_the_greeting_that_is_shown_is_the_one_that_serve_prints() -> None:
    from mock_sessionm import default_tenant
    from scenarios.cli.serve import welcome

    greeting = list(welcome("http://127.0.0.1:8600", default_tenant()))
    assert "\n".join(greeting[:8]) in text("README.md")
    assert f"$ {greeting[11]}" in text("README.md")


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_is_named_is_there(name: str) -> None:
    for link in re.findall(r"\]\(([^)#]+)", text(name)):
        assert link.startswith("https://") or (ROOT / name).parent.joinpath(link).exists(), link
    for path in re.findall(rf"`((?:{'|'.join(PACKAGES)}|tests|docs|benchmarks)/[\w./]+\.\w+)`", text(name)):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_into_a_text_has_its_heading(name: str) -> None:
    for link, anchor in re.findall(r"\]\(([^)#]*)#([^)]+)\)", text(name)):
        headings = re.findall(r"^#+ (.+)$", text(link or name), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", TEXTS)
def test_every_rule_that_is_named_is_in_the_register(name: str) -> None:
    named = set(re.findall(r"\b((?:sessionm|mparticle|harness)\.[a-z]+(?:-[a-z0-9]+)+)\b", text(name)))
    assert named - {"sessionm.tags-max"} <= set(rules())  # the invented one of CONTRIBUTING.md


def test_the_table_of_rules_is_the_registers() -> None:
    """Where this fails, replace the rows of the table with those that it wanted."""
    wanted = [
        f"| `{rule.id}` | {rule.says} | {'' if rule.limit is None else rule.limit} | {rule.owner} |"
        for rule in rules().values()
        if rule.source.startswith("mparticle-sessionm-event#")
    ]
    assert [line for line in text("README.md").splitlines() if line.startswith("| `sessionm.")] == wanted


def test_the_table_of_the_braze_page_is_the_registers() -> None:
    """Where this fails, replace the rows of the table with those that it wanted."""
    wanted = [
        f"| `{rule.id}` | {rule.says} | {'' if rule.limit is None else rule.limit} | {rule.owner} | {section} |"
        for rule in rules().values()
        for page, _, section in [rule.source.partition("#")]
        if page == "braze-sessionm"
    ]
    assert re.findall(r"^\| `\w+\..*$", text("docs/braze.md"), re.MULTILINE) == wanted


def test_the_assumptions_that_are_shown_have_their_choices_and_alternatives() -> None:
    section = text("README.md").partition("## What is assumed")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (.+?) \|", section, re.MULTILINE)
    assert len(rows) >= 5
    for name, choice, others in rows:
        assert (choice, tuple(others.split(", "))) == (assumptions()[name].choice, assumptions()[name].alternatives)


def test_the_exit_codes_are_those_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    helped = capsys.readouterr().out
    for code, meaning in EXITS.items():
        assert re.search(rf"^ +{code}  {meaning}$", helped, re.MULTILINE)
        assert re.search(rf"^\| {code} \| {meaning}", text("README.md"), re.MULTILINE)


def test_every_suite_and_report_is_named() -> None:
    assert re.findall(r"^\| `(boundaries|journeys|faults|generated)` \|", text("README.md"), re.MULTILINE) == list(
        SUITES
    )
    assert all(f"{name}=" in text("README.md") for name in REPORTERS)
    assert set(re.findall(r"^\| `(\w+)` \|", text("docs/reports.md"), re.MULTILINE)) == set(REPORTERS)


def test_the_map_names_every_module_and_no_other() -> None:
    section = text("ARCHITECTURE.md").partition("## The files")[2].partition("\n## ")[0]
    parts = re.split(r"^\*\*(\w+)\*\*", section, flags=re.MULTILINE)[1:]
    named = {
        f"{package}/{path}"
        for package, part in zip(parts[::2], parts[1::2], strict=True)
        for path in re.findall(r"`([\w/]+\.py)`", re.sub(r"`document\.py`", "", part))
    }
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert named == there


@pytest.mark.parametrize("name", ["tenant", "connection"])
def test_every_setting_stands_in_its_page_and_the_example_is_a_good_file(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, schema = text(f"docs/{name}.md"), load_yaml(f"{name}.schema.yaml")
    for table, part in schema["properties"].items():
        assert table in page
        for setting in part.get("properties", {}):
            assert re.search(rf"\b{setting}\b", page), f"{table}.{setting}"
    for block in blocks(f"docs/{name}.md", "toml"):
        for variable in re.findall(r'env = "(\w+)"', block):
            monkeypatch.setenv(variable, "secret")
        assert parse(block, f"{name}.schema.yaml", name)
        assert tomllib.loads(block)


def test_the_table_of_the_control_api_is_its_contracts() -> None:
    """Where this fails, replace the rows of the table with those that it wanted."""
    wanted = [
        f"| `{method.upper()} {path}` | {part['summary']} |"
        for path, item in openapi("admin")["paths"].items()
        for method, part in item.items()
        if method in METHODS
    ]
    assert re.findall(r"^\| `[A-Z]+ /.*$", text("docs/control-api.md"), re.MULTILINE) == wanted


def test_every_kind_of_fault_is_described() -> None:
    kinds = openapi("admin")["components"]["schemas"]["Fault"]["properties"]["kind"]["enum"]
    assert [kind for kind in kinds if f"| `{kind}` |" not in text("docs/control-api.md")] == []


def test_every_key_of_an_example_is_described() -> None:
    page = text("CONTRIBUTING.md")
    examples = [example for rule in rules().values() for example in rule.examples]
    keys = {key for example in examples for key in example}
    keys |= {key for example in examples for step in example.get("calls", ()) for key in step}
    keys |= {key for example in examples for key in example.get("lint", ())}
    assert sorted(key for key in keys if f"`{key}`" not in page) == []


def test_a_command_that_is_listed_nowhere_is_noticed() -> None:
    named = {shlex.split(str(param.values[0]))[1] for param in commands()} | {"report"}
    assert named == set(cli.list_commands(click.Context(cli)))


def test_the_page_of_the_probe_has_every_word_that_a_question_can_have() -> None:
    page = text("docs/probe.md")
    words = {*STEPS, *CONDITIONS, *QUESTION_PARTS[1:], *(f"{{{name}}}" for name in GIVEN if name != "receiver")}
    assert sorted(word for word in words if f"`{word}`" not in page and f"`{word}:" not in page) == ["decides", "steps"]
    assert f"{len(questions())} of them" in page
    assert f"asks {len(questions())} questions" in text("README.md")


def test_the_tenant_of_the_probes_page_has_what_a_probe_needs() -> None:
    """Where this fails, put what `sessionm-harness probe --needs` prints below the credentials."""
    assert text("docs/examples/probed.toml").endswith("\n".join([*toml(questions().values()), ""]))
