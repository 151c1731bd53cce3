"""Files as they stood at a revision of the git repository one stands in; read out of git, with nothing checked out."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path


class GitError(ValueError):
    """Git does not give what was asked for; the text says why."""


def is_revision(name: str, where: Path) -> bool:
    """Whether git knows a commit by this name. False also where there is no git, or no repository."""
    try:
        _git(where, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitError:
        return False
    return True


def files_at(revision: str, path: str, where: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    """The wanted files below a folder at a revision, by their paths in it; or the one file that stands there.

    `path` counts from the top of the repository, with `./` before it from `where`. Raises `GitError`.
    """
    inside = _git(where, "rev-parse", "--is-inside-work-tree", "--is-bare-repository", missing="no git repository")
    if b"true" not in inside:
        raise GitError("no git repository")
    if not is_revision(revision, where):
        raise GitError(f"git knows no revision {revision!r}, which a shallow clone may lack")
    spot = f"{revision}:{path.rstrip('/')}"
    nothing = f"there is no {path} at revision {revision!r}"
    thing = _git(where, "rev-parse", "--verify", "--quiet", "--end-of-options", spot, missing=nothing)
    name = thing.decode().strip()
    kind = _git(where, "cat-file", "-t", name, missing=nothing).decode().strip()
    if kind == "blob":
        return {path.rpartition("/")[2]: _git(where, "cat-file", "blob", name)}
    listed = _git(where, "ls-tree", "-r", "-z", "--full-tree", name)
    rows = [row.decode("utf-8", "replace").partition("\t") for row in listed.split(b"\0") if row]
    blobs = {file: head.split()[2] for head, _, file in rows if head.split()[1] == "blob" and wanted(file)}
    return _contents(where, blobs)


def _contents(where: Path, blobs: dict[str, str]) -> dict[str, bytes]:
    """All blobs in one go; git writes each as a line with its size, the bytes, and a line end."""
    told = _git(where, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs.values()).encode())
    found: dict[str, bytes] = {}
    start = 0
    for file in blobs:
        end = told.index(b"\n", start)
        size = int(told[start:end].split()[2])
        found[file] = told[end + 1 : end + 1 + size]
        start = end + size + 2
    return found


def _git(where: Path, *arguments: str, given: bytes | None = None, missing: str | None = None) -> bytes:
    """What git prints. Raises `GitError`, with `missing` as its text where that says it better than git."""
    program = shutil.which("git")
    if program is None:
        raise GitError("there is no git on this machine")
    try:
        done = subprocess.run([program, *arguments], cwd=where, input=given, capture_output=True, check=False)  # noqa: S603  git, with arguments that follow --end-of-options
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte in it
        raise GitError(f"git cannot be run: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if any("dubious ownership" in line for line in said):
            raise GitError("the repository belongs to somebody else, and git wants it in safe.directory")
        raise GitError(missing or (said[0] if said else f"git {arguments[0]} failed"))
    return done.stdout
