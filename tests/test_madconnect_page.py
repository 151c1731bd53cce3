"""MadConnect's page stands in docs/madconnect.md sentence by sentence, each with a rule or an assumption."""

import re
from pathlib import Path

from contracts import assumptions, rules
from contracts.register import load_yaml

PAGE = (Path(__file__).parents[1] / "docs/madconnect.md").read_text(encoding="utf-8")
SENTENCES = PAGE.partition("## The page, sentence by sentence")[2].partition("\n## ")[0]
SOURCE = "madconnect-mparticle-events"


def test_every_rule_that_was_read_on_the_page_stands_beside_its_sentence() -> None:
    read = {rule.id for rule in rules().values() if rule.source.partition("#")[0] == SOURCE}
    named = set(re.findall(r"`(madconnect\.[a-z-]+)`", SENTENCES))
    assert read <= named <= set(rules())


def test_every_property_of_the_node_has_a_row_with_the_rule_that_marks_it() -> None:
    node = load_yaml("madconnect.openapi.yaml")["components"]["schemas"]["EventDataNode"]["properties"]["data"]
    for name, schema in node["properties"].items():
        assert f"| `{name}` | `{schema['x-rules']['type']}` |" in SENTENCES


def test_the_assumptions_of_the_way_into_mparticle_are_those_of_the_register() -> None:
    shown = re.findall(r"^\| `(madconnect-[a-z-]+)` \| (\S+) \| (.+?) \|$", PAGE, re.MULTILINE)
    wanted = [assumptions()[name] for name in load_yaml("assumptions/madconnect.yaml")]
    assert shown == [(one.id, one.choice, ", ".join(one.alternatives)) for one in wanted]


def test_the_page_says_that_it_was_withdrawn_and_that_there_is_no_public_api() -> None:
    assert "withdrew it on 1 June 2026" in PAGE
    assert "MadConnect has no public API" in PAGE
