"""A contract out of a folder, a file or a git revision; and in one line why there is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from contracts import assumptions, rules, sources
from contracts.difference import differences
from contracts.register import SCHEMA_FILES
from contracts.revision import ContractError, folder_of, load

ROOT = Path(__file__).parents[2]
MINIMAL = "openapi: 3.1.0\npaths:\n  /it:\n    get:\n      responses: {'200': {description: done}}\n"


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(  # noqa: S603  the git of this machine, on a folder of the test
        [shutil.which("git") or "git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a contract in it, and another one in the working folder."""
    folder = tmp_path / "repository"
    (folder / "contracts").mkdir(parents=True)
    git(folder, "init", "--quiet")
    file = folder / "contracts/vendor.openapi.yaml"
    file.write_text(MINIMAL)
    (folder / "elsewhere.json").write_text(json.dumps({"openapi": "3.0.3", "paths": {}}))
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "tag", "v1")
    file.write_text(MINIMAL.replace("/it", "/that"))
    return folder


def test_the_installed_contract_is_read_whole() -> None:
    found = load("contracts", ROOT)
    assert set(found.documents) == set(SCHEMA_FILES)
    assert list(found.rules)
    assert set(found.rules) == set(rules())
    assert set(found.assumptions) == set(assumptions())
    assert set(found.sources) == set(sources())
    assert not found.single


@pytest.mark.parametrize("name", ["git:v1", "v1", "git:HEAD:contracts", "git:v1:contracts/", "HEAD"])
def test_a_revision_is_read_out_of_git_and_nothing_is_checked_out(name: str, repository: Path) -> None:
    found = load(name, repository)
    assert list(found.documents["vendor"]["paths"]) == ["/it"]
    assert list(load("contracts", repository).documents["vendor"]["paths"]) == ["/that"]
    assert not found.single


def test_a_folder_of_the_name_of_a_revision_is_the_folder(repository: Path) -> None:
    shutil.copytree(repository / "contracts", repository / "v1")
    assert list(load("v1", repository).documents["vendor"]["paths"]) == ["/that"]


def test_a_file_of_a_revision_is_a_single_document(repository: Path) -> None:
    assert load("git:v1:elsewhere.json", repository).single
    assert load("git:v1:contracts/vendor.openapi.yaml", repository).single
    assert folder_of(load("git:v1:contracts/vendor.openapi.yaml", repository)) == "contracts/vendor.openapi.yaml"


def test_one_stands_anywhere_in_the_repository(repository: Path) -> None:
    assert load("git:v1", repository / "contracts").documents
    assert load("git:v1:./vendor.openapi.yaml", repository / "contracts").single


def test_a_single_file_is_compared_with_the_document_of_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "vendor.openapi.yaml").write_text(MINIMAL)
    (folder / "other.openapi.yaml").write_text(MINIMAL)
    file = tmp_path / "vendor.openapi.yaml"
    file.write_text(MINIMAL.replace("/it", "/that"))
    found = differences(load("old", tmp_path), load("vendor.openapi.yaml", tmp_path))
    assert [(one.kind, one.change) for one in found] == [("path", "removed"), ("path", "added")]
    (tmp_path / "third.yaml").write_text(MINIMAL)
    with pytest.raises(ContractError, match=r"has no third.openapi.yaml to compare third.yaml with"):
        differences(load("old", tmp_path), load("third.yaml", tmp_path))
    assert len(differences(load("third.yaml", tmp_path), load("vendor.openapi.yaml", tmp_path))) == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"notes.yaml": "a: 1"}, "holds no contract; one has <vendor>.openapi.yaml"),
        ({}, "holds no contract"),
        ({"v.openapi.yaml": "openapi: 3.1.0\npaths: {\n  a\n"}, "v.openapi.yaml:4: not YAML"),
        ({"v.openapi.json": '{"openapi":\n nope}'}, "v.openapi.json:2: not JSON"),
        ({"v.openapi.yaml": "a: 1"}, "is no OpenAPI document"),
        ({"v.openapi.yaml": "- a"}, "is no OpenAPI document"),
        ({"v.openapi.yaml": "openapi: 3.1.0"}, "paths is missing"),
        ({"v.openapi.yaml": "openapi: '2.0'\npaths: {}"}, "is OpenAPI 2.0; 3.0 and 3.1 are read"),
        ({"v.openapi.yaml": "openapi: 3.1.0\npaths: []"}, "paths is a list"),
        ({"v.openapi.yaml": "openapi: 3.1.0\npaths: {/a: {get: []}}"}, "paths//a/get is a list"),
        ({"v.openapi.yaml": MINIMAL + "      parameters: [{$ref: '#/components/parameters/X'}]"},
         "v.openapi.yaml: $ref '#/components/parameters/X' at /paths/~1it/get/parameters/0/$ref: nothing stands there"),
        ({"v.openapi.yaml": MINIMAL + "      requestBody: {$ref: 'other.yaml#/Body'}"}, "only places of the same file"),
        ({"v.openapi.yaml": MINIMAL + "      requestBody: {$ref: 7}"}, "a reference is a text"),
        ({"v.openapi.yaml": MINIMAL + "components: {schemas: {A: {$ref: '#/components/schemas/A'}}}"}, "in a circle"),
        ({"v.openapi.yaml": b"openapi: 3.1.0\npaths: {/\xff: {}}"}, "not UTF-8 at byte"),
        ({"rules/v.yaml": "- a"}, "is no mapping of rules by their ids"),
        ({"rules/v.yaml": "v.a-rule: text"}, "v.a-rule is no mapping"),
        ({"rules/v.yaml": "v.a-rule: {says: x}"}, "contradicts itself: v.a-rule: has no owner"),
        ({"rules/v.yaml": "v.a-rule: {says: x, owner: v, effect: e, source: p#a, evidence: documented}",
          "sources.yaml": "q: {title: t, url: null, read: x}"}, "its source 'p#a' is not in sources.yaml"),
        ({"rules/v.yaml": "v.a-rule: {says: x, owner: v, effect: e, source: 7, evidence: documented}"}, "wrong kind"),
        ({"rules/a.yaml": "v.rule: {}", "rules/b.yaml": "v.rule: {}"}, "stands in rules/a.yaml as well"),
        ({"v.openapi.yaml": MINIMAL, "v.openapi.json": '{"openapi": "3.1.0", "paths": {}}'}, "describes v already"),
        ({"v.openapi.yaml": MINIMAL + "      requestBody: {content: {a: {schema: {x-rules: {maxItems: v.other}}}}}",
          "rules/v.yaml": "v.a-rule: {says: x, owner: v, effect: e, source: p#a, evidence: documented}"},
         "marked with 'v.other', and no rule has that id"),
    ],
)  # fmt: skip
def test_what_is_no_contract_is_told_in_one_line(files: dict[str, str | bytes], said: str, tmp_path: Path) -> None:
    folder = tmp_path / "it"
    folder.mkdir()
    for name, written in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(written if isinstance(written, bytes) else written.encode())
    with pytest.raises(ContractError) as caught:
        load("it", tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).startswith("it")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no such folder or file, and git knows no such revision here"),
        ("git:nothing", "git knows no revision 'nothing'"),
        ("git:v1:nowhere", "there is no nowhere at revision 'v1'"),
        ("git:--help", "git knows no revision '--help'"),
        ("git:", "git knows no revision ''"),
        ("", "there is no such folder or file"),
        ("a\0b", "there is no such folder or file"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_in_one_line(name: str, said: str, repository: Path) -> None:
    with pytest.raises(ContractError) as caught:
        load(name, repository)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_stands_in_itself_is_told_in_one_line(tmp_path: Path) -> None:
    for name, size in (("old", 5), ("new", 4)):
        schemas = f"{{A: &a {{maxItems: {size}, enum: [*a], default: *a}}}}"
        (tmp_path / f"{name}.yaml").write_text(f"openapi: 3.1.0\ncomponents: {{schemas: {schemas}}}")
    with pytest.raises(ContractError, match="something stands in itself"):
        differences(load("old.yaml", tmp_path), load("new.yaml", tmp_path))


def test_outside_of_a_repository_a_revision_is_told_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"git:HEAD: no git repository; name a folder"):
        load("git:HEAD", tmp_path)


def test_without_git_that_is_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ContractError, match="there is no git on this machine"):
        load("git:HEAD", tmp_path)


def test_a_reference_in_an_example_or_under_a_chosen_name_is_looked_at_as_what_it_is(tmp_path: Path) -> None:
    schema = "{example: {$ref: '#/nowhere'}, const: {$ref: '#/nowhere'}, properties: {default: {$ref: '#/nowhere'}}}"
    (tmp_path / "v.openapi.yaml").write_text(f"openapi: 3.1.0\ncomponents: {{schemas: {{A: {schema}}}}}")
    with pytest.raises(ContractError, match="at /components/schemas/A/properties/default/"):
        load("v.openapi.yaml", tmp_path)


def test_a_limit_that_went_from_under_its_mark_is_compared_and_not_refused(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "contracts", tmp_path / "new", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = tmp_path / "new/sessionm.openapi.yaml"
    file.write_text(file.read_text().replace("      maxProperties: 10\n", "", 1))
    (found,) = differences(load("contracts", ROOT), load("new", tmp_path))
    assert (found.rule, found.change, found.severity) == ("sessionm.event-attributes-max", "removed", "error")
