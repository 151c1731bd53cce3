import copy
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contracts import Choices, assumptions, register, rules, sources
from contracts.register import RegisterError, load_yaml, nearest, observe
from scenarios.boundaries import MEASURES

ROOT = Path(__file__).parents[2]
CODE = ("forwarder", "mock_sessionm", "scenarios", "contracts")
RULE = "sessionm.event-attributes-max"

TRIED_BY_NONE: dict[tuple[str, str], str] = {}
"""Choices that no example and no test tries, each with the reason."""

TRIED = {"sessionm", "braze", "customerio", "mparticle", "madconnect"}
"""The vendors whose rules are tried by examples."""
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mapping[str, Any]]:
    """Load the rules once more, with a change to one rule file or to SessionM's contract."""

    def load(rule_edit: Edit = lambda _file: None, schema_edit: Edit = lambda _schema: None) -> Mapping[str, Any]:
        files = {f"rules/{name}.yaml": register.load_yaml(f"rules/{name}.yaml") for name in register.RULE_FILES}
        rule_edit(files["rules/sessionm.yaml"])
        contract = copy.deepcopy(dict(register.openapi("sessionm")))
        schema_edit(contract)
        originals = {vendor: register.openapi(vendor) for vendor in register.VENDORS}
        monkeypatch.setattr(register, "load_yaml", files.__getitem__)
        monkeypatch.setattr(register, "openapi", lambda vendor: {**originals, "sessionm": contract}[vendor])
        made: Mapping[str, Any] = register.written_rules.__wrapped__()
        return made

    return load


def changed(**parts: Any) -> Edit:
    """Change parts of one rule; None takes a part away."""

    def edit(file: dict[str, Any]) -> None:
        entry = {**file[RULE], **parts}
        file[RULE] = {name: part for name, part in entry.items() if part is not None}

    return edit


def test_an_unchanged_register_loads(loaded: Callable[..., Mapping[str, Any]]) -> None:
    assert list(loaded()) == list(rules())


def test_a_mark_without_a_rule_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match=rf"marked with '{RULE}', and no rule has that id"):
        loaded(lambda file: file.pop(RULE))


def test_a_mark_must_stand_beside_its_keyword(loaded: Callable[..., Mapping[str, Any]]) -> None:
    def misplace(contract: dict[str, Any]) -> None:
        contract["components"]["schemas"]["Odd"] = {"type": "object", "x-rules": {"maxProperties": RULE}}

    with pytest.raises(RegisterError, match="does not stand beside it"):
        loaded(schema_edit=misplace)


@pytest.mark.parametrize("part", register.REQUIRED)
def test_a_rule_without_one_of_its_parts_is_refused(loaded: Callable[..., Mapping[str, Any]], part: str) -> None:
    with pytest.raises(RegisterError, match=rf"^{RULE}: has no {part}; "):
        loaded(changed(**{part: None}))


def test_a_misspelt_part_of_a_rule_is_refused_with_the_nearest_one(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match=r"'exmaples' is no part of a rule; did you mean 'examples'\?"):
        loaded(changed(exmaples=[]))


def test_a_rule_from_an_unknown_source_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match=r"its source 'hearsay#1' is not in sources\.yaml"):
        loaded(changed(source="hearsay#1"))


def test_a_rule_on_an_unknown_assumption_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match=r"'assumption:luck' is in no file of assumptions/"):
        loaded(changed(source="assumption:luck", evidence="assumed"))


def test_what_rests_on_an_assumption_is_not_called_documented(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match="evidence is 'documented', but its source is an assumption"):
        loaded(changed(source="assumption:empty-key"))


def test_an_unknown_kind_of_evidence_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match="evidence is 'guessed'; it is one of documented, observed, assumed"):
        loaded(changed(evidence="guessed"))


def test_a_number_in_a_schema_and_in_its_rule_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    with pytest.raises(RegisterError, match="once is enough"):
        loaded(changed(limit=10))


def test_two_numbers_for_one_rule_are_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    def contradict(contract: dict[str, Any]) -> None:
        contract["components"]["schemas"]["Odd"] = {"maxProperties": 11, "x-rules": {"maxProperties": RULE}}

    with pytest.raises(RegisterError, match=rf"{RULE}: the schemas give both 10 and 11|both 11 and 10"):
        loaded(schema_edit=contradict)


def test_a_rule_in_two_files_is_refused(loaded: Callable[..., Mapping[str, Any]]) -> None:
    twin = register.load_yaml("rules/harness.yaml")["harness.fates-true"]
    with pytest.raises(RegisterError, match=r"^harness\.fates-true: stands in two rule files"):
        loaded(lambda file: file.update({"harness.fates-true": twin}))


@pytest.mark.parametrize(
    "name",
    [
        *(f"rules/{name}.yaml" for name in register.RULE_FILES),
        *(f"assumptions/{name}.yaml" for name in register.ASSUMPTION_FILES),
        "sources.yaml",
    ],
)
def test_no_entry_of_a_file_hides_another_of_the_same_name(name: str) -> None:
    names = re.findall(r"^([\w.-]+):", (ROOT / "contracts" / name).read_text(encoding="utf-8"), re.MULTILINE)
    assert names == list(register.load_yaml(name))


def test_every_rule_is_named_after_a_vendor_and_stands_in_its_file_where_it_has_one_of_its_own() -> None:
    vendors = {*register.VENDORS, "harness"}
    for name in register.RULE_FILES:
        named = {rule.partition(".")[0] for rule in register.load_yaml(f"rules/{name}.yaml")}
        assert named <= ({name} if name in vendors else vendors)


def test_every_source_is_cited() -> None:
    retries = {part["source"] for part in register.load_yaml("retries.yaml").values()}
    cited = {source.partition("#")[0] for source in {rule.source for rule in rules().values()} | retries}
    cited |= {name for name in sources() if f"source: {name}" in texts(*CODE).lower()}
    assert set(sources()) - cited == set()


@pytest.mark.parametrize("rule", [rule for rule in rules().values() if rule.vendor in TRIED], ids=lambda r: r.id)
def test_every_rule_of_a_vendor_that_is_run_is_tried_on_both_sides(rule: register.Rule) -> None:
    sides = {example["side"] for example in rule.examples if "side" in example}
    # How a forwarder ends has more than two sides; the tests of the forwarder try each of those examples.
    endings = {example["expect"] for example in rule.examples if "given" in example and rule.owner == "forwarder"}
    assert {"at", "above"} <= sides or rule.measure in MEASURES or len(endings) > 1


@pytest.mark.parametrize("rule", [rule for rule in rules().values() if rule.vendor not in TRIED], ids=lambda r: r.id)
def test_every_other_rule_is_named_by_the_code_that_keeps_it(rule: register.Rule) -> None:
    kept = texts("forwarder", "mock_sessionm", "scenarios")
    assert rule.id in kept or rule.id.partition(".")[2] in kept


@pytest.mark.parametrize("name", list(assumptions()))
def test_every_assumption_is_read_by_code(name: str) -> None:
    code = texts("forwarder", "mock_sessionm") + (ROOT / "contracts/retries.yaml").read_text(encoding="utf-8")
    assert re.search(rf"[\"' ]{re.escape(name)}[\"'}}]", code)


@pytest.mark.parametrize(
    ("name", "choice"), [(one.id, choice) for one in assumptions().values() for choice in one.alternatives]
)
def test_every_alternative_is_tried_by_an_example_or_a_test(name: str, choice: str) -> None:
    by_example = any(
        example.get("assume", {}).get(name) == choice for rule in rules().values() for example in rule.examples
    )
    assert by_example or any(_tries(text, name, choice) for text in written_tests()) or (name, choice) in TRIED_BY_NONE


def _tries(text: str, name: str, choice: str) -> bool:
    """A look at the text of a test file: strong enough to find a choice that nobody ever tried."""
    if f'assumptions()["{name}"].choices' in text:
        return True
    named = re.search(rf"[\"']{name}[\"'=]|\b{name.replace('-', '_')}=", text)
    return named is not None and re.search(rf"(?<![\w-]){re.escape(choice)}(?![\w-])", text) is not None


def test_what_is_listed_as_untried_is_an_alternative() -> None:
    assert set(TRIED_BY_NONE) <= {(one.id, choice) for one in assumptions().values() for choice in one.alternatives}


def test_an_assumption_never_lists_its_choice_among_the_alternatives() -> None:
    for one in assumptions().values():
        assert len(set(one.choices)) == len(one.choices) > 1


def test_choices_are_the_registers_own_until_told_otherwise() -> None:
    chosen = Choices({"empty-key": "underscore"})
    assert chosen["empty-key"] == "underscore"
    assert chosen.changed() == {"empty-key": "underscore"}
    assert Choices().changed() == {}
    assert Choices().over({"empty-key": "underscore"}) == chosen
    assert {Choices(), Choices()} == {Choices()}


def test_an_unknown_assumption_or_choice_names_what_there_is() -> None:
    with pytest.raises(RegisterError, match=r"unknown assumption 'empty-keys'; did you mean 'empty-key'\?"):
        Choices({"empty-keys": "dropped"})
    with pytest.raises(RegisterError, match="'empty-key' has no choice 'kept'; it is one of dropped, underscore"):
        Choices({"empty-key": "kept"})


def test_the_nearest_name_differs_by_casing_first() -> None:
    assert nearest("favoritestore", ["FavoriteStores", "FavoriteStore"]) == "FavoriteStore"
    assert nearest("FavoriteStor", ["FavoriteStore", "Other"]) == "FavoriteStore"
    assert nearest("x", ["FavoriteStore"]) is None


def test_the_numbers_of_the_document_are_read_from_the_contract() -> None:
    assert rules()[RULE].limit == 10
    assert rules()["sessionm.user-attributes-max"].limit == 200
    assert rules()["sessionm.profile-attributes-max"].limit == 200


def test_a_rule_leads_to_the_place_where_it_was_read() -> None:
    assert rules()[RULE].url == "https://docs.mparticle.com/integrations/sessionm/event/#data-processing-notes"
    assert rules()["sessionm.empty-key"].url is None
    assert rules()["sessionm.empty-key"].assumption == "empty-key"
    assert rules()["sessionm.email-lower-case"].url is None


def test_marks_are_found_in_lists_and_tables_alike() -> None:
    marked = {"maxItems": 3, "x-rules": {"maxItems": "a.b"}}
    schema = {"allOf": [marked], "properties": {"tags": marked}}
    assert list(register.marks(schema)) == [("maxItems", 3, "a.b")] * 2


@cache
def written_tests() -> tuple[str, ...]:
    files = (path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    return tuple(path.read_text(encoding="utf-8") for path in files)


@cache
def texts(*packages: str) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for package in packages for path in sorted((ROOT / package).rglob("*.py"))
    )


@pytest.fixture
def observed() -> Iterator[None]:
    observe({"undefined-event": ("stored", "2026-06-15"), "validation-status": ("200", "2026-06-15")})
    yield
    observe({})


@pytest.mark.usefixtures("observed")
def test_what_was_observed_holds_in_the_place_of_what_is_assumed() -> None:
    assumption = assumptions()["undefined-event"]
    assert (assumption.choice, assumption.holds, assumption.others) == ("refused", "stored", ("refused", "ignored"))
    assert Choices()["undefined-event"] == "stored"
    assert Choices({"undefined-event": "ignored"})["undefined-event"] == "ignored"
    assert Choices.written()["undefined-event"] == "refused"
    assert Choices()["tag-answer"] == "by-name"


@pytest.mark.usefixtures("observed")
def test_a_rule_that_rests_on_what_was_observed_is_observed_and_an_error() -> None:
    rule = rules()["sessionm.undefined-event"]
    assert (rule.evidence, rule.severity) == ("observed", "error")
    assert rule.says.endswith(" Observed otherwise: undefined-event is stored, not refused.")
    assert rules()["sessionm.miscased-attribute"].evidence == "assumed"


@pytest.mark.usefixtures("observed")
def test_a_rule_whose_choice_was_observed_as_it_is_assumed_says_what_it_said() -> None:
    rule = rules()["sessionm.validation-status"]
    before = load_yaml("rules/sessionm.yaml")["sessionm.validation-status"]["says"]
    assert (rule.evidence, rule.says) == ("observed", before)


def test_without_observations_the_register_is_as_it_is_written() -> None:
    observe({"undefined-event": ("stored", "2026-06-15")})
    observe({})
    assert rules()["sessionm.undefined-event"].evidence == "assumed"
    assert Choices() == Choices.written()


def test_what_nobody_knows_cannot_be_observed() -> None:
    with pytest.raises(RegisterError, match="unknown assumption 'undefined-events'; did you mean 'undefined-event'"):
        observe({"undefined-events": ("stored", "2026-06-15")})
    with pytest.raises(RegisterError, match="has no choice 'kept'"):
        observe({"undefined-event": ("kept", "2026-06-15")})
    assert assumptions()["undefined-event"].observed == ""
