from collections.abc import Iterator
from typing import Any

import pytest

from contracts import rules
from contracts.register import load_yaml
from mock_sessionm import campaign_findings


def examples() -> Iterator[Any]:
    for name in load_yaml("rules/campaigns.yaml"):
        for example in rules()[name].examples:
            if "lint" in example:
                yield pytest.param(name, example["lint"], id=f"{name}: {example['title']}")


@pytest.mark.parametrize(("rule", "lint"), list(examples()))
def test_settings_are_found_out_as_the_register_says(rule: str, lint: dict[str, Any]) -> None:
    found = campaign_findings(lint["tenant"])
    assert {name for name, _ in found} == ({rule} if lint["finds"] else set())
    assert all("\n" not in line for _, line in found)


def test_every_rule_that_is_found_is_the_customers() -> None:
    names = {param.values[0] for param in examples()}
    assert {rules()[str(name)].owner for name in names} == {"customer"}
    assert len(names) == 6


def test_a_finding_names_its_place_and_no_credential() -> None:
    tables = {
        "braze": {"api_key": "secret-key", "permissions": []},
        "message_variants": [{"name": "Braze"}],
        "campaigns": [
            {
                "id": "visits",
                "trigger": {"event": "visit"},
                "outcomes": [{"message": "Braze"}],
                "advanced_settings": {"braze_campaign_id": "welcome"},
            }
        ],
    }
    ((rule, line),) = campaign_findings(tables)
    assert rule == "sessionm.braze-key-permitted"
    assert "message_variants.Braze" in line
    assert "secret-key" not in line


@pytest.mark.parametrize(
    "tables", [{}, {"campaigns": [{"id": "c"}]}, {"campaigns": [{"id": "c", "trigger": {"at": "soon"}}]}]
)
def test_a_file_that_cannot_be_read_has_no_findings_here(tables: dict[str, Any]) -> None:
    assert campaign_findings(tables) == []
