"""The report as JUnit XML, which CI servers show: a test suite per suite, a test case per scenario."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scenarios.verdict import Finding, Report, ScenarioResult

from .ledger import terms
from .visible import visible


def render(report: Report) -> str:
    """The XML as text. No times: the same report gives the same bytes."""
    suites: dict[str, list[ScenarioResult]] = {}
    for scenario in report.scenarios:
        suites.setdefault(scenario.suite, []).append(scenario)
    root = Element("testsuites", {"name": "sessionm-harness", **_counted(report, report.scenarios)})
    for name, scenarios in suites.items():
        suite = SubElement(root, "testsuite", {"name": visible(name), **_counted(report, tuple(scenarios))})
        properties = SubElement(suite, "properties")
        SubElement(properties, "property", name="seed", value=str(report.seed))
        for scenario in scenarios:
            _case(suite, report, scenario)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _counted(report: Report, scenarios: tuple[ScenarioResult, ...]) -> dict[str, str]:
    verdicts = [report.verdict_of(scenario) for scenario in scenarios]
    return {
        "tests": str(len(verdicts)),
        "failures": str(verdicts.count("broken")),
        "errors": "0",
        "skipped": str(verdicts.count("untried")),
    }


def _case(suite: Element, report: Report, scenario: ScenarioResult) -> None:
    case = SubElement(
        suite, "testcase", name=visible(scenario.id), classname=f"sessionm-harness.{visible(scenario.suite)}"
    )
    if scenario.untried:
        SubElement(case, "skipped", message=visible(scenario.untried))
        return
    failing = [finding for finding in scenario.findings if report.fails(finding)]
    others = [finding for finding in scenario.findings if not report.fails(finding)]
    if failing:
        kind = visible(", ".join(dict.fromkeys(finding.rule for finding in failing)))
        failure = SubElement(case, "failure", message=visible(f"{scenario.title}: {failing[0].message}"), type=kind)
        failure.text = "\n\n".join(_told(report, scenario, finding) for finding in failing)
    if others:
        SubElement(case, "system-out").text = "\n\n".join(_told(report, scenario, finding) for finding in others)


def _told(report: Report, scenario: ScenarioResult, finding: Finding) -> str:
    accepted, expired = report.acceptance(finding), report.expiry(finding)
    places = (("batch", finding.batch), ("at", finding.pointer), ("got", finding.got), ("wanted", finding.wanted))
    lines = [
        f"{finding.severity}: {finding.message}",
        f"rule {finding.rule}",
        *(f"{name} {text}" for name, text in places if text),
        f"fingerprint {finding.fingerprint}",
        *([f"accepted {terms(accepted)}"] if accepted else ()),
        *([f"was accepted {terms(expired)}"] if expired else ()),
        *([f"request: {finding.reproduce}"] if finding.reproduce else ()),
        f"again: {report.repeat(scenario.id)}",
        f"closer: sessionm-harness explain {finding.rule}",
    ]
    return "\n".join(visible(line) for line in lines)
