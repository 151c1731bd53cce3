from pathlib import Path

import pytest

from contracts import rules
from mock_sessionm.partners.braze import lint
from mock_sessionm.partners.braze.template_lint import SINGLE_USER

FIXTURES = Path(__file__).parents[3] / "fixtures" / "document_003"
OFFERS = "{% connected_content https://example.com/offers/api/2.0/offers/get_user_offers :method post %}"


def document(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def found(source: str, **given: object) -> list[tuple[str, str]]:
    return [(one.rule, one.pointer) for one in lint(source, **given)]  # type: ignore[arg-type]


def test_the_documents_snippet_lacks_only_what_it_says_is_yours() -> None:
    assert found(document("wallet.liquid")) == [
        ("braze.placeholder-bound", "line:2"),
        ("braze.placeholder-bound", "line:6"),
        ("braze.placeholder-bound", "line:10"),
    ]
    bound = ("endpoint_connect", "YOUR-RETAIL-ID", "YOUR-BASE64-ENCODED-KEY")
    assert found(document("wallet.liquid"), bound=bound) == []


def test_the_documents_other_wire_examples_are_told_for_what_they_are() -> None:
    assert found(document("points.txt")) == [("braze.document-typo", "line:1")]
    assert found(document("culture.txt")) == [("sessionm.culture-has-region", "line:1")]
    assert found(document("offer.txt"), canvas=True) == [("braze.canvas-reads-context", "line:1")]
    assert [one.nearest for one in lint(document("tags.sh")) if one.got == "user_id"] == ["${user_id}"]


def test_a_name_that_is_not_sent_has_the_nearest_one_that_is() -> None:
    (one,) = lint("\n{{api_trigger_properties.${offerid}}}", sends=["offer_id", "offer_title"])
    assert (one.pointer, one.nearest, one.got) == ("line:2", "offer_id", "offerid")
    assert "did you mean 'offer_id'?" in one.message
    (one,) = lint("{{api_trigger_properties.${zzz}}}", sends=["offer_id", "a"])
    assert (one.nearest, "it sends a, offer_id" in one.message) == (None, True)
    (one,) = lint("{{api_trigger_properties.${zzz}}}", sends=[])
    assert "it sends nothing" in one.message


def test_the_number_of_people_is_the_registers() -> None:
    most = rules()[SINGLE_USER].limit or 0
    assert found(OFFERS, audience=most) == []
    (one,) = lint(OFFERS, audience=most + 1)
    assert (one.rule, one.got, one.allowed) == (SINGLE_USER, f"{most + 1}", f"at most {most}")


def test_findings_come_in_the_order_of_the_lines_and_each_once() -> None:
    source = "{{b.points}\n{{endpoint_core}}{{endpoint_core}}\n{{context.${a}}}\n" + OFFERS
    assert found(source, audience=501) == [
        ("braze.document-typo", "line:1"),
        ("braze.placeholder-bound", "line:2"),
        ("braze.campaign-reads-trigger-properties", "line:3"),
        ("sessionm.single-user-offers", "line:4"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "{% for context in list %}{{context.name}}{% endfor %}",
        "{% assign context = 1 %}{{context}}",
        "{% capture context %}{% endcapture %}{{context}}",
        "{% connected_content https://example.com :save context %}{{context.name}}",
        "{% assign user_id = ${user_id} %}{{user_id}}",
    ],
)
def test_a_name_of_the_templates_own_is_nobody_elses(source: str) -> None:
    assert found(source) == []


@pytest.mark.parametrize(
    "value",
    ["en-US", "zh-Hant-TW", "es-419", "{{${language}}}-DE", "{{x}}", "", "{{${language} | append: '-DE'}}", "{{${l"],
)
def test_a_culture_with_a_region_or_one_that_cannot_be_told_is_left_alone(value: str) -> None:
    assert [rule for rule, _ in found('"culture":"' + value + '"') if "culture" in rule] == []


@pytest.mark.parametrize("value", ["de", "{{${language}}}", "{{ ${language} | upcase }}", "de_DE", "de-de", "{{'de'}}"])
def test_a_culture_without_one_is_told(value: str) -> None:
    assert found("a\n'culture' : '" + value.replace("'", '"') + "'") == [("sessionm.culture-has-region", "line:2")]


def test_a_template_that_cannot_be_read_is_one_finding_and_no_error() -> None:
    assert found("a\n{% if x %}") == [("braze.template-syntax", "line:2")]
    assert found("{{a} {{b}") == [("braze.document-typo", "line:1"), ("braze.document-typo", "line:1")]
    assert found("{% if {{a} %}") == [("braze.document-typo", "line:1")]
