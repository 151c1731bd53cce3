"""mParticle's page about Customer.io stands in docs/customerio.md: its rules, its settings, and what it leaves open."""

import re
from pathlib import Path

from contracts import assumptions, rules
from contracts.register import Rule, load_yaml
from forwarder import DESTINATIONS

PAGE = (Path(__file__).parents[1] / "docs/customerio.md").read_text(encoding="utf-8")
SOURCES = ("mparticle-customerio-event#", "mparticle-customerio-event-now#", "mparticle-customerio-audience#")


def row(rule: Rule) -> str:
    return f"| `{rule.id}` | {rule.says} | {rule.owner} | {rule.source.partition('#')[2]} |"


def test_the_tables_of_rules_are_the_registers() -> None:
    """Where this fails, replace the rows of the two tables with those that it wanted."""
    wanted = [row(rule) for source in SOURCES[:1] for rule in rules().values() if rule.source.startswith(source)]
    wanted += [row(rule) for rule in rules().values() if rule.source.startswith(SOURCES[1:])]
    assert re.findall(r"^\| `customerio\..*$", PAGE, re.MULTILINE) == wanted


def test_the_table_of_assumptions_is_the_registers() -> None:
    shown = re.findall(r"^\| `(customerio-[a-z-]+)` \| (\S+) \| (.+?) \|$", PAGE, re.MULTILINE)
    wanted = [assumptions()[name] for name in load_yaml("assumptions/customerio.yaml")]
    assert shown == [(one.id, one.choice, ", ".join(one.alternatives)) for one in wanted]


def test_the_settings_and_what_holds_without_them_are_those_of_the_connection() -> None:
    schema = load_yaml("connection.schema.yaml")["properties"]["customerio"]["properties"]
    shown = dict(re.findall(r"^\| `([a-z_]+)` \| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    defaults = DESTINATIONS["customerio"].defaults["customerio"]
    assert shown == {name: str(value).lower() if isinstance(value, bool) else value for name, value in defaults.items()}
    assert set(shown) | {"host", "site_id", "api_key"} == set(schema)


def test_every_rule_that_is_named_is_in_the_register() -> None:
    assert set(re.findall(r"`(customerio\.[a-z-]+)`", PAGE)) <= set(rules())


def test_the_sizes_in_the_prose_are_the_registers() -> None:
    prose = PAGE.partition("Sizes are counted in bytes")[2].partition("\n\n")[0]
    sizes = {int(number.replace(",", "")) for number in re.findall(r"\b\d[\d,]*\d\b", prose)}
    limits = ("attribute-value-max", "attribute-name-max", "event-name-max", "event-data-max", "id-max")
    assert sizes == {rules()[f"customerio.{name}"].limit for name in (*limits, "identify-attributes-max")}


def test_the_page_says_that_customerio_has_a_newer_integration() -> None:
    assert "*mParticle (Legacy)*" in PAGE
