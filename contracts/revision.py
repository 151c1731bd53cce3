"""A contract out of a folder, a file or a git revision, whichever is installed: read, and checked against itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from .references import BrokenReference, check_references
from .register import RegisterError, joined
from .repository import GitError, files_at, is_revision
from .schema_dialect import upgraded

FOLDER = "contracts"
"""Where a repository keeps its contract unless one says otherwise."""
GIT = "git:"
ENDINGS = (".yaml", ".yml", ".json")
OPENAPI = ".openapi"
FOLDERS = ("rules", "assumptions")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

Entries = Mapping[str, "Entry"]


class ContractError(ValueError):
    """A contract cannot be read; the text is one line: which file, where in it, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the register as it is written, and the file that it stands in."""

    file: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contract:
    """What the vendors say, at one point in time.

    `documents` are the OpenAPI documents by vendor, `files` the names of their files. Documents of OpenAPI
    3.0 have been brought to the keywords of 3.1. `single` is true for one file: there is no register then.
    """

    name: str
    documents: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, str]
    rules: Entries = field(default_factory=dict)
    assumptions: Entries = field(default_factory=dict)
    sources: Entries = field(default_factory=dict)
    single: bool = False


def load(given: str, where: Path | None = None) -> Contract:
    """The contract of a folder, of an OpenAPI file, or of a git revision: `git:REV`, `git:REV:folder`, or a bare REV.

    A name that is both a folder and a revision is the folder. `where` is where one stands: the current folder
    unless it is given. Raises `ContractError`.
    """
    found = _files(given, where or Path())
    try:
        return _contract(given, found, single=len(found) == 1 and _is_file(given, where))
    except RecursionError as error:
        raise ContractError(f"{given}: something stands in itself, or too deep inside of others, to be read") from error


def folder_of(contract: Contract) -> str:
    """Where the files of a contract stand, from where one stands; for a file of its own, the file."""
    name = contract.name
    if not name.startswith(GIT):
        return name.rstrip("/") if Path(name).exists() else FOLDER
    return name.removeprefix(GIT).partition(":")[2] or FOLDER


def _is_file(given: str, where: Path | None) -> bool:
    if given.startswith(GIT):
        return given.endswith(ENDINGS)
    return ((where or Path()) / given).is_file()


def _files(given: str, where: Path) -> dict[str, bytes]:
    """The files that may be parts of a contract, by their paths in its folder."""
    path = where / given
    if given.startswith(GIT):
        revision, _, folder = given.removeprefix(GIT).partition(":")
        return _of_git(given, revision, folder or FOLDER, where)
    try:
        if given and path.is_dir():
            parts = [part for folder in ("", *FOLDERS) for part in sorted((path / folder).glob("*")) if part.is_file()]
            names = {part.relative_to(path).as_posix(): part for part in parts}
            return {name: part.read_bytes() for name, part in names.items() if _is_part(name)}
        if given and path.is_file():
            return {path.name: path.read_bytes()}
    except OSError as error:
        raise ContractError(f"{given}: cannot be read: {error.strerror or error}") from error
    except ValueError:
        raise ContractError(f"{given!r}: is no name of a file") from None
    if given and is_revision(given, where):
        return _of_git(given, given, FOLDER, where)
    raise ContractError(
        f"{given}: there is no such folder or file, and git knows no such revision here; "
        "name a folder like contracts, an OpenAPI file, or git:REV"
    )


def _is_part(name: str) -> bool:
    """Whether a file of a folder may be a part of a contract: nothing else is read, wherever one points."""
    folder, _, file = name.rpartition("/")
    stem, _, ending = file.rpartition(".")
    wanted = stem.endswith(OPENAPI) or stem == "sources" if not folder else folder in FOLDERS
    return wanted and f".{ending}" in ENDINGS


def _of_git(given: str, revision: str, folder: str, where: Path) -> dict[str, bytes]:
    try:
        return files_at(revision, folder, where, _is_part)
    except GitError as error:
        raise ContractError(f"{given}: {error}; name a folder, or git:REV:folder") from error


def _contract(given: str, found: Mapping[str, bytes], *, single: bool) -> Contract:
    documents: dict[str, Mapping[str, Any]] = {}
    files: dict[str, str] = {}
    for name, raw in found.items():
        stem = name.rpartition(".")[0]
        if "/" in name or not (stem.endswith(OPENAPI) or single):
            continue
        place = given if single else f"{given}/{name}"
        vendor = stem.removesuffix(OPENAPI)
        if vendor in documents:
            raise ContractError(f"{place}: {files[vendor]} describes {vendor} already; keep one of the two")
        documents[vendor] = _document(place, raw)
        files[vendor] = name
    register = {kind: {} if single else _entries(given, kind, found) for kind in ("rules", "assumptions", "sources")}
    if not documents and not any(register.values()):
        raise ContractError(
            f"{given}: holds no contract; "
            "one has <vendor>.openapi.yaml, rules/*.yaml, assumptions/*.yaml or sources.yaml"
        )
    made = Contract(given, documents, files, **register, single=single)
    _check(made)
    return made


def _document(place: str, raw: bytes) -> Mapping[str, Any]:
    parsed = _parsed(place, raw)
    if not isinstance(parsed, Mapping) or not isinstance(parsed.get("openapi"), str):
        raise ContractError(f"{place}: is no OpenAPI document: it has no text `openapi`, such as 3.1.0")
    if not parsed["openapi"].startswith("3."):
        raise ContractError(f"{place}: is OpenAPI {parsed['openapi']}; 3.0 and 3.1 are read")
    for part, wrong in _misshapen(parsed):
        raise ContractError(f"{place}: {part} is {wrong}; OpenAPI wants a mapping there")
    try:
        check_references(parsed)
    except BrokenReference as error:
        raise ContractError(f"{place}: {error}") from error
    return upgraded(parsed)


def _misshapen(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a document has something else than the mapping that everything below relies on."""
    if not any(part in document for part in ("paths", "components", "webhooks")):
        yield "paths", "missing"
    for name in ("paths", "components"):
        part = document.get(name, {})
        if not isinstance(part, Mapping):
            yield name, f"a {type(part).__name__}"
            continue
        for inner, item in part.items():
            if not isinstance(item, Mapping):
                yield f"{name}/{inner}", f"a {type(item).__name__}"
                continue
            for method in METHODS if name == "paths" else ():
                if not isinstance(item.get(method, {}), Mapping):
                    yield f"{name}/{inner}/{method}", f"a {type(item[method]).__name__}"


def _entries(given: str, kind: str, found: Mapping[str, bytes]) -> dict[str, Entry]:
    """The entries of a part of the register, by their ids."""
    made: dict[str, Entry] = {}
    for name, raw in found.items():
        stem = name.rpartition(".")[0]
        if not (stem == kind or (stem.startswith(f"{kind}/") and "/" not in stem.removeprefix(f"{kind}/"))):
            continue
        place = f"{given}/{name}"
        parsed = _parsed(place, raw)
        if parsed is None:
            continue
        if not isinstance(parsed, Mapping):
            raise ContractError(f"{place}: is no mapping of {kind} by their ids")
        for entry, body in parsed.items():
            if not isinstance(body, Mapping):
                raise ContractError(f"{place}: {entry} is no mapping; an entry of {kind} has parts with names")
            if str(entry) in made:
                raise ContractError(f"{place}: {entry} stands in {made[str(entry)].file} as well; once is enough")
            made[str(entry)] = Entry(name, body)
    return made


def _check(contract: Contract) -> None:
    """The register's own checks; parts that a contract does not have are not missed."""
    if not contract.rules:
        return
    files: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, entry in contract.rules.items():
        files.setdefault(entry.file, {})[name] = entry.body
    # A mark whose keyword went, or two with different numbers, is what a comparison has to tell, not to stumble over.
    marked = {rule: None for document in contract.documents.values() for rule in _marks(document)}
    try:
        joined(marked, files, contract.assumptions or None, contract.sources or None)
    except RegisterError as error:
        raise ContractError(f"{contract.name}: the register contradicts itself: {error}") from error
    except (AttributeError, TypeError) as error:
        raise ContractError(f"{contract.name}: a rule or a mark has a part of the wrong kind: {error}") from error


def _marks(part: Any) -> Iterator[str]:
    """The rules that anything in a document is marked with."""
    for place in _mappings(part):
        marked = place.get("x-rules")
        yield from (rule for rule in (marked.values() if isinstance(marked, Mapping) else ()) if isinstance(rule, str))


def _mappings(document: Any) -> Iterator[Mapping[str, Any]]:
    waiting, seen = [document], set()
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Mapping | list) or id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, Mapping):
            yield part
        waiting += part.values() if isinstance(part, Mapping) else part


def _parsed(place: str, raw: bytes) -> Any:
    if place.endswith(".json"):
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ContractError(f"{place}:{error.lineno}: not JSON: {error.msg}") from error
    try:
        return _yaml(raw)
    except UnicodeDecodeError as error:
        raise ContractError(f"{place}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ContractError(f"{place}{line}: not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that no calendar has
        raise ContractError(f"{place}: not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ContractError(f"{place}: lists and mappings stand too deep inside one another") from error


@lru_cache(maxsize=128)
def _yaml(raw: bytes) -> Any:
    """What a text says. Two contracts share most of their files, and nobody changes what was read."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(raw.decode("utf-8-sig"), loader)  # noqa: S506  both loaders are safe ones
