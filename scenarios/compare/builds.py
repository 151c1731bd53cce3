"""Builds and settings to compare: what OLD and NEW are, found in git, wheels, folders and files."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import contracts
from contracts.repository import GitError, files_at, is_revision

GIT = "git:"
ENDINGS = (".toml", ".whl")
SETTINGS = "connection.toml"
OURS = Path(contracts.__file__).parents[1]
"""The folder of the build that runs."""
LOOKED_IN = ("", "src")
"""Where in a checkout its packages may be."""
WAYS = "name git:REV, a wheel, a URL, a connection file, or a folder with a forwarder or a connection.toml"


class SideError(ValueError):
    """OLD or NEW cannot be used; the text is one line: which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Build:
    """A forwarder that is started here.

    name      as it was given
    folder    where its packages are
    settings  its connection file; None for the one of both sides, or the build's own
    """

    name: str
    folder: Path
    settings: Path | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """A forwarder that somebody runs: batches are posted to `url`/v2/events."""

    name: str
    url: str


Side = Build | Running


def found(given: str, scratch: Path, where: Path | None = None) -> Side:
    """What OLD or NEW is. `scratch` is an empty folder for what has to be unpacked. Raises `SideError`."""
    where = where or Path()
    if given.startswith(("http://", "https://")):
        return Running(given, given)
    if given.startswith(GIT):
        return replace(_of_git(given, scratch, where), name=given)
    path = where / given
    try:
        kind = "folder" if path.is_dir() and given else "file" if path.is_file() else ""
    except ValueError:
        raise SideError(f"{given!r}: is no name of a file; {WAYS}") from None
    try:
        if kind:
            return (_of_folder if kind == "folder" else _of_file)(given, path.resolve(), scratch)
    except OSError as error:
        raise SideError(f"{given}: cannot be read: {error.strerror or error}; {WAYS}") from error
    if given and not given.endswith(ENDINGS) and is_revision(given, where):
        raise SideError(f"{given}: is no file or folder, but a git revision; say git:{given}")
    raise SideError(f"{given}: there is no such file or folder; {WAYS}")


def _of_file(given: str, path: Path, scratch: Path) -> Build:
    if path.name.endswith(".whl"):
        try:
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(scratch)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise SideError(f"{given}: is no wheel: {error}; build one with `pip wheel --no-deps .`") from error
        return _of_folder(given, scratch)
    if path.suffix == ".toml":
        return Build(given, OURS, path)
    raise SideError(f"{given}: is neither a wheel nor a connection file (*.toml); {WAYS}")


def _of_folder(given: str, folder: Path, _scratch: Path | None = None) -> Build:
    settings = folder / SETTINGS if (folder / SETTINGS).is_file() else None
    for inner in LOOKED_IN:
        if (folder / inner / "forwarder" / "__init__.py").is_file():
            return Build(given, folder / inner, settings)
    if settings is None:
        raise SideError(f"{given}: has neither a package `forwarder` nor a {SETTINGS}; {WAYS}")
    return Build(given, OURS, settings)


def _of_git(given: str, scratch: Path, where: Path) -> Build:
    """`git:REV`, or `git:REV:PATH` for a folder or a file in it, counted from the top of the repository."""
    revision, _, inner = given.removeprefix(GIT).partition(":")
    try:
        files = files_at(revision, "", where, lambda name: not name.startswith((".", "tests/")))
    except GitError as error:
        raise SideError(f"{given}: {error}; {WAYS}") from error
    for name, raw in files.items():
        if ".." in Path(name).parts or Path(name).is_absolute():
            continue
        path = scratch / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    path = scratch / inner
    if path.is_file():
        return _of_file(given, path, scratch)
    if not path.is_dir():
        raise SideError(f"{given}: there is no {inner} at that revision; leave it out for the whole repository")
    return _of_folder(given, path)
