import pytest

from tests.mock_sessionm.asking import asker

PATH = "/incentives/api/1.0/user_events/trigger_user_event"


@pytest.mark.parametrize(
    ("choice", "saved", "kept"),
    [("refused", None, ["visit"]), ("ignored", False, ["visit"]), ("stored", True, ["other", "visit"])],
)
def test_what_becomes_of_an_undefined_event_is_the_choice_of_core(
    choice: str, saved: bool | None, kept: list[str]
) -> None:
    fake = asker(assume={"undefined-event": choice})
    customer = fake.tenant.customers.create({})
    answer = fake.connect(PATH, {"user_id": customer.id, "event_lookup": "other"})
    assert answer.body.get("payload", {}).get("event_saved_successfully") is saved
    fake.connect(PATH, {"user_id": customer.id, "event_lookup": "visit"})
    assert [event["name"] for event in customer.events] == kept


def test_each_event_has_an_id_and_the_time_of_its_arrival() -> None:
    fake = asker()
    customer = fake.tenant.customers.create({})
    body = {"user_id": customer.id, "event_lookup": "visit"}
    first, second = (fake.connect(PATH, body).body["payload"]["user_event"] for _ in range(2))
    assert first["id"] != second["id"]
    assert first["time_of_occurrence"] == fake.tenant.clock.iso()
