"""A finding can be repeated by hand, and shows no credential."""

from __future__ import annotations

import shlex

from contracts import Request
from mock_sessionm import create_app
from scenarios.provider import Target
from scenarios.provider.fault import Fault
from scenarios.provider.outcome import curl, results, shown
from scenarios.provider.tenancy import inhabited
from scenarios.provider.trial import Tally


def test_a_request_for_the_shell_has_names_in_the_place_of_credentials() -> None:
    with inhabited(Target.embedded(create_app()), {}) as tenancy:
        body = b'{"say": "it\'s %s"}' % tenancy.secrets[0].encode()
        headers = {"Authorization": tenancy.doors["core"], "Content-Type": "application/json"}
        line = curl(Request("POST", f"/priv/v1/apps/{tenancy.key}/users", headers, body), tenancy)
    assert tenancy.key not in line
    assert not any(secret in line for secret in tenancy.secrets)
    assert "\n" not in line
    assert shlex.split(line) == [
        *("curl", "-sS", "-X", "POST", "http://127.0.0.1:8600/priv/v1/apps/{api_key}/users"),
        *("-H", "Authorization: Basic {credentials for Basic}", "-H", "Content-Type: application/json"),
        *("--data-raw", '{"say": "it\'s {secret}"}'),
    ]


def test_the_smallest_request_stands_for_all_that_broke_a_rule_at_one_operation() -> None:
    tally = Tally("postTags", "POST /tags", "core", asked=3, succeeded=1)
    for size in (30, 10, 20):
        request = Request("POST", "/tags", {}, b"x" * size)
        tally.blame(Fault("harness.answers-in-contract", f"check {size % 20}", "wrong", request))
    with inhabited(Target.embedded(create_app()), {}) as tenancy:
        (result,) = results("sessionm", shown([tally], tenancy), ours=True)
    (finding,) = result.findings
    assert finding.pointer == "POST /tags"
    assert finding.reproduce.endswith("x" * 10)
    assert not finding.reproduce.endswith("x" * 11)
    assert result.verdict == "broken"


def test_an_operation_without_a_success_is_untried_with_the_reason() -> None:
    (result,) = results("sessionm", [Tally("getTags", "GET /tags", "core", asked=12)], ours=True)
    assert result.verdict == "untried"
    assert "none of 12 requests" in result.untried
