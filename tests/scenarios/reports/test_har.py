import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from contracts import Interaction, Request, Response
from forwarder import STEPS, plan
from scenarios.boundaries import boundaries
from scenarios.foreign import Foreign
from scenarios.given import Given
from scenarios.reports import har
from scenarios.runner import Runner
from scenarios.verdict import Heard, Report
from scenarios.world import Embedded
from tests.scenarios.test_foreign import SETTLE, Stranger

RULE, RULE_STEP = "sessionm.event-attributes-max", "cap_event_attributes"


def log(report: Report) -> Mapping[str, Any]:
    made: Mapping[str, Any] = json.loads(har.render(report))["log"]
    return made


def test_scenarios_that_find_something_are_pages_with_what_came_and_was_answered() -> None:
    steps = [step for step in STEPS if step.__name__ != RULE_STEP]
    runner = Runner(Embedded(planning=partial(plan, steps=steps)), listens=True)
    runner.run(one for one in boundaries() if one.rule == RULE)
    report = runner.report(seed=1, fail_on="error", vendors=[])
    broken = [scenario for scenario in report.scenarios if scenario.findings]
    made = log(report)
    assert [page["title"].partition(":")[0] for page in made["pages"]] == [scenario.id for scenario in broken]
    assert len(made["entries"]) == sum(scenario.requests for scenario in broken) > 0
    pages = {page["id"]: page for page in made["pages"]}
    for entry in made["entries"]:
        assert pages[entry["pageref"]]["title"].startswith(entry["_scenario"])
        assert entry["response"]["status"] > 0
    assert any(RULE in entry["_rules"] for entry in made["entries"])


def test_nothing_is_kept_where_nobody_asked_for_it() -> None:
    runner = Runner(Embedded(planning=partial(plan, steps=[])))
    runner.run(one for one in boundaries() if one.rule == RULE)
    report = runner.report(seed=1, fail_on="error", vendors=[])
    assert report.verdict == "broken"
    assert log(report)["entries"] == log(report)["pages"] == []


def test_credentials_are_masked_wherever_they_stand(empty: Report) -> None:
    headers = {"authorization": "Bearer geheim", "x-api-key": "geheim", "content-type": "application/json"}
    body = b'{"api_key": "ge\\"heim", "user": {"secret":"geheim", "email": "a@example.com"}, "keys": ["kept"]}'
    seen = Interaction(
        1, 0.0, "t", "sessionm", "createUser", Request("POST", "/x", headers, body), Response(200, {}, body)
    )
    lost = replace(seen, response=None, request=Request("POST", "/x", {}, b"\xff"))
    text = har.render(replace(empty, heard=(Heard("one", "One", (seen, lost)),)))
    assert "heim" not in text
    entry, other = json.loads(text)["log"]["entries"]
    told = json.loads(entry["request"]["postData"]["text"])
    assert told == {"api_key": "***", "user": {"secret": "***", "email": "a@example.com"}, "keys": ["kept"]}
    assert {"name": "content-type", "value": "application/json"} in entry["request"]["headers"]
    assert other["response"]["status"] == 0


def test_what_somebody_elses_forwarder_sent_is_there_too() -> None:
    given, stranger = Given.load(None, None, {}), Stranger([step for step in STEPS if step.__name__ != RULE_STEP])
    runner = Runner(given.embedded(seed=1, on_violation="reject"), listens=True)
    with stranger.server, Foreign(stranger.server.url, given, port=0, settle=SETTLE, seed=1) as foreign:
        stranger.target = foreign.server.url
        runner.run_foreign(foreign, [one for one in boundaries() if one.rule == RULE and one.kind == "road"])
    made = log(runner.report(seed=1, fail_on="error", vendors=[]))
    assert any(RULE in entry["_rules"] for entry in made["entries"])
    assert all(entry["_scenario"].startswith(f"{RULE}/") for entry in made["entries"])
