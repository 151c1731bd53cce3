from __future__ import annotations

from typing import Any

import pytest

from forwarder import Connection
from tests.forwarder.planning import custom, fates, planned


def ruled(rewrite: Any, **assume: str) -> Connection:
    return Connection.from_settings({"data_filter": {"send_new_data_points_by_default": True}}, assume, rule=rewrite)


def test_a_rule_is_given_a_copy_and_what_it_leaves_is_what_is_planned() -> None:
    def rewrite(batch: dict[str, Any]) -> dict[str, Any]:
        batch["user_attributes"] = {"b": batch["user_attributes"].pop("a")}
        del batch["events"]
        return batch

    body = {"user_attributes": {"a": 1}, "events": [custom("x")]}
    made = planned(body, ruled(rewrite))
    assert fates(made) == {
        "/user_attributes/a": ("filtered", "sessionm.mparticle-rule"),
        "/events/0": ("filtered", "sessionm.mparticle-rule"),
        "/mpid": ("sent", "sessionm.mpid-always"),
        "/user_identities/customer_id": ("sent", "sessionm.forwards-user-identities"),
        "/user_attributes/b": ("sent", "sessionm.forwards-user-attributes"),
    }
    assert body["user_attributes"] == {"a": 1}


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ([], "the Rule failed: "),
        ("batch", "the Rule failed: "),
        ({"mpid": "x"}, "the Rule failed: /mpid"),
        ({"mpid": 2**63}, "the Rule failed: /mpid"),
        ({"events": {}}, "the Rule failed: /events"),
    ],
)
def test_a_rule_that_gives_no_batch_has_failed(answer: Any, detail: str) -> None:
    made = planned({}, ruled(lambda _batch: answer))
    assert made.requests == ()
    assert {(fate.fate, fate.rule, fate.detail) for fate in made.fates} == {
        ("filtered", "sessionm.rule-failure", detail)
    }


def test_a_rule_that_fails_may_be_passed_over() -> None:
    def fail(_batch: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("geheim")

    assert planned({}, ruled(fail)).requests == ()
    assert "geheim" not in repr(planned({}, ruled(fail)).fates)
    assert len(planned({}, ruled(fail, **{"rule-failure": "proceed"})).requests) == 1
