import subprocess
import zipfile
from pathlib import Path

import pytest

from scenarios.compare.builds import OURS, Build, Running, SideError, found


def package(folder: Path) -> Path:
    (folder / "forwarder").mkdir(parents=True)
    (folder / "forwarder" / "__init__.py").write_text("")
    return folder


def test_a_folder_is_a_build_or_settings(tmp_path: Path) -> None:
    plain, inner, settings = package(tmp_path / "plain"), package(tmp_path / "inner" / "src").parent, tmp_path / "set"
    settings.mkdir()
    (settings / "connection.toml").write_text("")
    assert found(str(plain), tmp_path) == Build(str(plain), plain)
    assert found(str(inner), tmp_path) == Build(str(inner), inner / "src")
    assert found(str(settings), tmp_path) == Build(str(settings), OURS, settings / "connection.toml")
    assert found(str(settings / "connection.toml"), tmp_path).name == str(settings / "connection.toml")


def test_a_url_is_somebodys_running_forwarder(tmp_path: Path) -> None:
    assert found("http://127.0.0.1:9", tmp_path) == Running("http://127.0.0.1:9", "http://127.0.0.1:9")


def test_a_wheel_is_unpacked(tmp_path: Path) -> None:
    wheel, scratch = tmp_path / "a.whl", tmp_path / "scratch"
    with zipfile.ZipFile(wheel, "w") as made:
        made.writestr("forwarder/__init__.py", "")
    side = found(str(wheel), scratch)
    assert side == Build(str(wheel), scratch)


def test_a_revision_is_read_out_of_git(tmp_path: Path) -> None:
    where, scratch = package(tmp_path / "repository"), tmp_path / "scratch"
    (where / "staging").mkdir()
    (where / "staging" / "connection.toml").write_text("")

    def git(*arguments: str) -> None:
        named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", *named, *arguments], cwd=where, check=True, capture_output=True)  # noqa: S603, S607

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    assert found("git:HEAD", scratch, where) == Build("git:HEAD", scratch)
    assert found("git:HEAD:staging", scratch, where) == Build(
        "git:HEAD:staging", OURS, scratch / "staging" / "connection.toml"
    )
    with pytest.raises(SideError, match="no revision 'nothing'"):
        found("git:nothing", scratch, where)
    with pytest.raises(SideError, match="there is no nowhere at that revision"):
        found("git:HEAD:nowhere", scratch, where)
    with pytest.raises(SideError, match="say git:HEAD"):
        found("HEAD", scratch, where)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("empty", "has neither a package"),
        ("text.txt", "neither a wheel nor a connection file"),
        ("broken.whl", "is no wheel"),
        ("missing", "no such file or folder"),
        ("", "neither a package|no such file"),
        ("\0", "no name of a file|no such file"),
    ],
)
def test_what_is_none_of_these_is_told_in_one_line(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.txt").write_text("x")
    (tmp_path / "broken.whl").write_text("x")
    with pytest.raises(SideError, match=why) as told:
        found(name, tmp_path / "scratch", tmp_path)
    assert "\n" not in str(told.value)
