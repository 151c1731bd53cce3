from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import Element, fromstring

import pytest

from scenarios.reports import junit
from scenarios.verdict import Accepted, Report

# What the XSD that CI servers share allows: attributes, and children in this order.
ALLOWED: dict[str, tuple[set[str], list[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors", "disabled", "skipped"}, ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), ["property"]),
    "property": ({"name", "value"}, []),
    "testcase": (
        {"name", "classname", "time", "assertions", "status"},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "skipped": ({"message", "type"}, []),
    "failure": ({"message", "type"}, []),
    "system-out": (set(), []),
}


def parsed(report: Report) -> Element:
    return fromstring(junit.render(report))  # noqa: S314  we have just written it


def hold(element: Element) -> None:
    attributes, children = ALLOWED[element.tag]
    assert set(element.attrib) <= attributes
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    for child in element:
        hold(child)


@pytest.mark.parametrize("name", ["report", "green", "empty"])
def test_the_xml_has_the_shape_that_ci_servers_read(name: str, request: pytest.FixtureRequest) -> None:
    hold(parsed(request.getfixturevalue(name)))


def test_a_suite_is_a_test_suite_and_counts_its_cases(report: Report) -> None:
    root = parsed(report)
    assert [suite.get("name") for suite in root] == ["boundaries", "journeys"]
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))
    assert root.get("tests") == "4"


def test_a_broken_scenario_is_a_failure_that_tells_where_and_what(report: Report) -> None:
    (failure,) = parsed(report).iter("failure")
    assert failure.get("type") == "sessionm.at-most-two-hundred"
    told = failure.text or ""
    for text in ("batch 77", "at /user_attributes/size", "got 201 names", "wanted 200", "sessionm-harness explain"):
        assert text in told


def test_a_warning_is_output_until_warnings_count(report: Report) -> None:
    (output,) = parsed(report).iter("system-out")
    assert "warn: last" in (output.text or "")
    assert len(list(parsed(replace(report, fail_on="warn")).iter("failure"))) == 2


def test_an_untried_scenario_is_skipped_with_its_reason(report: Report) -> None:
    (skipped,) = parsed(report).iter("skipped")
    assert skipped.get("message") == "the forwarder has other settings"


def test_characters_that_xml_forbids_are_written_as_escapes(report: Report) -> None:
    (failure,) = parsed(report).iter("failure")
    assert r"size\x00\x1b[31m<script>" in (failure.get("message") or "")


def test_a_failure_tells_how_to_repeat_it_and_what_is_accepted_is_output(report: Report) -> None:
    (failure,) = parsed(replace(report, arguments=("--seed", "42"))).iter("failure")
    assert "again: sessionm-harness run --case 201 --seed 42" in (failure.text or "")
    finding = report.scenarios[1].findings[0]
    entry = Accepted(finding.fingerprint, finding.rule, "because", "Ada", date(2026, 12, 31))
    made = parsed(replace(report, accepted={entry.key: entry}))
    assert list(made.iter("failure")) == []
    assert any("accepted until 2026-12-31 by Ada: because" in (one.text or "") for one in made.iter("system-out"))
    (failure,) = parsed(replace(report, expired={entry.key: entry})).iter("failure")
    assert "was accepted until 2026-12-31 by Ada: because" in (failure.text or "")
