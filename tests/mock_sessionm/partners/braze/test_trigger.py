from typing import Any

import pytest

from contracts import rules
from contracts.validation import check, response_schema
from mock_sessionm.partners.braze.checks import GATE
from mock_sessionm.partners.braze.envelope import REFUSALS
from mock_sessionm.partners.braze.trigger import BRAZE, NOTICES, VIEWS
from mock_sessionm.tenant import ON_VIOLATION
from tests.mock_sessionm.asking import Asker
from tests.mock_sessionm.campaigning import ADA, BOB, braze, campaigning, sent

WORKSPACE: dict[str, Any] = {
    "campaigns": [{"id": "c"}],
    "canvases": [{"id": "j"}, {"id": "paused", "state": "paused"}, {"id": "archived", "state": "archived"}],
}
TO_ADA = {"recipients": [{"external_user_id": ADA}]}


@pytest.fixture
def fake() -> Asker:
    return campaigning(braze=WORKSPACE)


def test_a_call_is_accepted_with_201_and_an_id_of_its_own(fake: Asker) -> None:
    answers = [braze(fake, "campaign", {"campaign_id": "c", **TO_ADA}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert len({answer.body["dispatch_id"] for answer in answers}) == 2
    assert answers[0].body["message"] == "success"
    assert sent(fake) == [ADA, ADA]


@pytest.mark.parametrize("kind", ["campaign", "canvas"])
@pytest.mark.parametrize(
    "body", [{}, {"broadcast": True}, TO_ADA, {"recipients": []}, {"recipients": [{}]}, [], None, "text", b"{", b"", 5]
)
def test_every_answer_has_the_shape_of_the_contract(fake: Asker, kind: str, body: Any) -> None:
    if isinstance(body, dict):
        body = {f"{kind}_id": "c" if kind == "campaign" else "j", **body}
    answer = braze(fake, kind, body)
    shape = response_schema("braze", {"campaign": "triggerCampaign", "canvas": "triggerCanvas"}[kind], answer.status)
    assert shape is not None
    assert check("braze", shape, answer.body) == []
    assert answer.headers["x-ratelimit-limit"] in {"250", "250000"}


def test_a_path_of_braze_that_there_is_not_is_refused_in_its_own_words(fake: Asker) -> None:
    answer = fake.send("POST", "/campaigns/trigger/sent", b"{}", {"Content-Type": "application/json"})
    assert (answer.status, answer.body["message"]) == (404, "Invalid URL")
    assert "/campaigns/trigger/send" in answer.body["errors"][0]


def test_no_answer_asks_for_a_wait_of_its_own(fake: Asker) -> None:
    tight = campaigning(braze={**WORKSPACE, "rate_limits": {"broadcasts_per_minute": 1}})
    for _ in range(2):
        answer = braze(tight, "campaign", {"campaign_id": "c", "broadcast": True})
    assert answer.status == 429
    assert "retry-after" not in answer.headers
    assert braze(fake, "campaign", {"campaign_id": "c", "broadcast": True}).headers["x-ratelimit-remaining"] == "249"


def test_what_is_refused_sends_nothing_and_writes_nothing(fake: Asker) -> None:
    before = fake.tenant.workspace.profiles.export()
    recipients = [{"external_user_id": ADA, "attributes": {"tier": "gold"}}, {"external_user_id": "x", "email": "y"}]
    assert braze(fake, "campaign", {"campaign_id": "c", "recipients": recipients}).status == 400
    assert (sent(fake), fake.tenant.workspace.profiles.export()) == ([], before)


@pytest.mark.parametrize("mode", ON_VIOLATION)
def test_what_a_canvas_reads_past_is_noted_or_refused_as_the_fake_is_told(mode: Any) -> None:
    fake = campaigning(braze=WORKSPACE)
    fake.tenant.on_violation = mode
    answer = braze(fake, "canvas", {"canvas_id": "j", "trigger_properties": {"a": 1}, **TO_ADA})
    assert answer.rules == ["braze.trigger-properties-for-campaigns"]
    assert fake.rules_of_last() == ["braze.trigger-properties-for-campaigns"]
    assert answer.status == (400 if mode == "reject-all" else 201)
    assert [one["properties"] for one in fake.tenant.messages()] == ([] if mode == "reject-all" else [{}])


def test_attributes_beside_subscription_groups_are_written_by_a_canvas() -> None:
    fake = campaigning(braze=WORKSPACE)
    given = {"tier": "gold", "subscription_groups": [{"subscription_group_id": "news"}]}
    for kind, id_, groups in (("canvas", "j", []), ("campaign", "c", given["subscription_groups"])):
        braze(
            fake,
            kind,
            {
                f"{kind}_id": id_,
                "recipients": [{"external_user_id": BOB}, {"external_user_id": ADA, "attributes": given}],
            },
        )
        ada = fake.tenant.workspace.profiles.find({"external_user_id": ADA})
        assert ada is not None
        assert (ada.attributes, ada.subscription_groups) == ({"tier": "gold"}, groups)


@pytest.mark.parametrize("state", sorted(NOTICES))
def test_a_resting_canvas_says_so_and_writes_nothing(fake: Asker, state: str) -> None:
    answer = braze(
        fake, "canvas", {"canvas_id": state, "recipients": [{"external_user_id": ADA, "attributes": {"a": 1}}]}
    )
    assert (answer.status, answer.body["notice"], sent(fake)) == (201, NOTICES[state], [])
    assert answer.body["dispatch_id"]


def test_of_context_and_its_older_name_context_stands(fake: Asker) -> None:
    braze(
        fake, "canvas", {"canvas_id": "j", "canvas_entry_properties": {"a": 1, "b": 1}, "context": {"a": 2}, **TO_ADA}
    )
    assert fake.tenant.messages()[0]["properties"] == {"a": 2, "b": 1}


def test_of_somebody_who_is_named_twice_the_first_entry_counts(fake: Asker) -> None:
    twice = [{"external_user_id": ADA, "trigger_properties": {"n": n}} for n in (1, 2)]
    braze(fake, "campaign", {"campaign_id": "c", "recipients": [*twice, {"external_user_id": BOB}]})
    assert [(one["external_user_id"], one["properties"]) for one in fake.tenant.messages()] == [
        (ADA, {"n": 1}),
        (BOB, {}),
    ]


def test_a_call_that_nobodys_key_makes_counts_nowhere(fake: Asker) -> None:
    answer = braze(fake, "campaign", {"campaign_id": "c", "broadcast": True}, key="nobody")
    assert answer.status == 401
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert fake.tenant.workspace.left("braze.broadcasts-per-minute") == 250


@pytest.mark.parametrize("host", ["rest.fra-01.braze.eu", "REST.IAD-02.BRAZE.COM:443"])
def test_another_instance_refuses_a_key_and_another_address_does_not(fake: Asker, host: str) -> None:
    body = {"campaign_id": "c", "broadcast": True}
    assert braze(fake, "campaign", body, Host=host).rules == ["braze.instance"]
    for other in ("rest.iad-01.braze.com", "127.0.0.1:8600", "braze.example", ""):
        assert braze(fake, "campaign", body, Host=other).status == 201


def test_bearer_is_taken_in_any_casing_and_the_keys_own_permissions_hold() -> None:
    keys = [{"name": "reader", "api_key": "reader-key", "permissions": []}]
    fake = campaigning(braze={**WORKSPACE, "keys": keys})
    body = {"campaign_id": "c", "broadcast": True}
    assert braze(fake, "campaign", body, Authorization="bearer  workspace-key ").status == 201
    assert braze(fake, "campaign", body, key="reader-key").rules == ["braze.permission"]
    assert braze(fake, "campaign", body, Authorization="bearer reader-key").status == 403


@pytest.mark.parametrize(
    ("kind", "id_", "hinted"), [("campaign", "j", True), ("campaign", "x", False), ("canvas", "c", True)]
)
def test_an_id_of_the_other_kind_is_told_from_one_that_nothing_has(
    fake: Asker, kind: str, id_: str, *, hinted: bool
) -> None:
    answer = braze(fake, kind, {f"{kind}_id": id_, "broadcast": True})
    assert answer.body["message"] == "Invalid Campaign ID"
    assert ("other kind" in answer.body["errors"][0]) is hinted


def test_each_refusal_belongs_to_a_rule_of_the_gate_and_each_rule_to_braze() -> None:
    checked = {one.rule for one in GATE}
    assert set(REFUSALS) <= checked
    assert {rules()[name].owner for name in checked} == {"braze"}
    assert set(VIEWS) == set(BRAZE.views) == {"triggerCampaign", "triggerCanvas"}


def test_no_value_of_a_person_is_in_any_message_of_a_refusal(fake: Asker) -> None:
    secret = "s3cr3t@example.com"
    bodies: list[dict[str, Any]] = [
        {"campaign_id": secret, "broadcast": True},
        {"campaign_id": "c", "recipients": [{"external_user_id": secret, "email": secret}]},
        {"campaign_id": "c", "recipients": [{"email": secret, "prioritization": [secret]}]},
        {"campaign_id": "c", "broadcast": True, "trigger_properties": secret},
        {
            "campaign_id": "c",
            "broadcast": True,
            "audience": {"custom_attribute": {"custom_attribute_name": secret, "comparison": secret}},
        },
    ]
    for body in bodies:
        answer = braze(fake, "campaign", body)
        assert answer.status == 400
        assert secret not in str(answer.body)
    assert secret not in repr([entry.violations for entry in fake.world.journal])


def test_answers_to_events_do_not_wait_for_another_tenants_workspace() -> None:
    fake = campaigning(braze=WORKSPACE)
    other = fake.world.create()
    assert other.workspace.api_key != fake.tenant.workspace.api_key
    assert braze(fake, "campaign", {"campaign_id": "c", "broadcast": True}, key=other.workspace.api_key).status == 400
