import sys
from pathlib import Path

import pytest

from forwarder import plan
from scenarios.forwarder_named import NoForwarder, forwarder_named


def test_an_address_stays_as_it_is() -> None:
    assert forwarder_named("http://127.0.0.1:8700/in") == "http://127.0.0.1:8700/in"


def test_a_function_is_found_by_module_and_name() -> None:
    assert forwarder_named("forwarder:plan") is plan


def test_a_module_in_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "their_forwarder_of_a_test.py").write_text("class Ours:\n    @staticmethod\n    def plan(): ...\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    found = forwarder_named("their_forwarder_of_a_test:Ours.plan")
    assert not isinstance(found, str)
    assert found.__name__ == "plan"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("localhost:8700", "expected an address such as"),
        ("ftp://there", "expected an address such as"),
        ("", "expected an address such as"),
        ("no_such_module_here:plan", "cannot be imported: ModuleNotFoundError"),
        ("forwarder:no_such_name", "cannot be imported: AttributeError"),
        ("forwarder:DESTINATIONS", "is not a function"),
    ],
)
def test_what_is_neither_is_told_in_one_line(named: str, why: str) -> None:
    with pytest.raises(NoForwarder, match=why) as told:
        forwarder_named(named)
    assert "\n" not in str(told.value)
