"""One comparison from beginning to end, with both builds in processes of their own."""

from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from contracts.register import load_yaml
from scenarios.compare import reports
from scenarios.compare.builds import SideError
from scenarios.compare.trial import Asked, Comparison, compare

EVERYTHING = "[data_filter]\nsend_new_data_points_by_default = true\n"
FAIL_ON = ("changed", "lost", "duplicated", "reordered")


def asked(old: str, new: str, *sources: Path) -> Asked:
    return Asked(old, new, tuple(map(str, sources)), None, None, "sessionm", {}, 7, "none", 0, 1)


def recording(folder: Path) -> Path:
    lines = []
    for number in range(3):
        events = [
            {"event_type": "custom_event", "data": {"event_name": name, "custom_event_type": "other"}}
            for name in ("purchase", "Home")
        ]
        batch = {"mpid": 7001, "user_identities": {"customer_id": "secret-1"}, "events": events}
        lines.append(orjson.dumps({**batch, "user_attributes": {"LoyaltyTier": f"secret-{number}", "x": "y"}}))
    lines.insert(1, b"{no batch")
    path = folder / "batches.ndjson"
    path.write_bytes(b"\n".join(lines))
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    folder = tmp_path_factory.mktemp("compare")
    (folder / "old.toml").write_text(EVERYTHING)
    (folder / "new.toml").write_text(EVERYTHING + "[data_filter.user_attributes]\nLoyaltyTier = false\n")
    return compare(asked(str(folder / "old.toml"), str(folder / "new.toml"), recording(folder)))


def test_one_setting_that_changed_is_one_cause_with_its_rule_and_place(made: Comparison) -> None:
    (cause,) = made.outcome.causes
    assert (cause.place[-1], cause.change, cause.rule, cause.fate) == (
        "LoyaltyTier",
        "gone",
        "sessionm.data-filter",
        "filtered",
    )
    # The user is created with the body of the first request: four requests have the field.
    assert (cause.requests, cause.of) == (4, 4)
    assert made.places[cause.first].endswith("batches.ndjson:1")
    assert made.outcome.classes == {"changed": 4, "identical": 6}


def test_bad_lines_are_named_and_the_rest_is_compared(made: Comparison) -> None:
    assert (made.batches, made.people) == (3, 1)
    assert [bad.place.rpartition(":")[2] for bad in made.bad] == ["2"]


@pytest.mark.parametrize("name", reports.REPORTERS)
def test_no_report_holds_a_value(name: str, made: Comparison) -> None:
    written = reports.REPORTERS[name](made, FAIL_ON)
    assert "LoyaltyTier" in written
    assert "secret" not in written
    assert "7001" not in written


def test_the_json_is_what_its_schema_says(made: Comparison) -> None:
    Draft202012Validator(load_yaml("comparison.schema.yaml")).validate(orjson.loads(reports.as_json(made, FAIL_ON)))


def test_the_verdict_is_about_the_classes_that_were_named(made: Comparison) -> None:
    assert reports.verdict(made, FAIL_ON) == "broken"
    assert reports.verdict(made, ("lost",)) == "kept"


def test_the_screen_has_one_line_for_each_cause(made: Comparison) -> None:
    lines = reports.text(made, FAIL_ON, limit=40).splitlines()
    (line,) = [line for line in lines if line.startswith("changed")]
    assert "/user/user_profile/LoyaltyTier: 4 of 4 requests, gone, was text of 8; first: " in line
    assert line.endswith("[sessionm.data-filter: filtered]")
    assert lines[-1] == "verdict: broken, 6 identical, 4 changed (seed 7)"
    assert reports.text(made, FAIL_ON, limit=0, quiet=True) == f"{lines[-1]}\n"


def test_a_folder_whose_forwarder_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "old" / "forwarder").mkdir(parents=True)
    (tmp_path / "old" / "forwarder" / "__init__.py").write_text("raise ValueError('no such luck')\n")
    with pytest.raises(SideError, match=r"does not run: it ended early; its last line: ValueError: no such luck"):
        compare(asked(str(tmp_path / "old"), str(tmp_path / "old"), recording(tmp_path)))
