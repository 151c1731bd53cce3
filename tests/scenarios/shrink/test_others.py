from hypothesis import given
from hypothesis import strategies as st

from scenarios.shrink.others import as_others, other


@given(st.text(min_size=1, max_size=30), st.integers(1, 100_000), st.integers(1, 100_000))
def test_each_number_makes_another_text_and_the_same_number_the_same(text: str, one: int, two: int) -> None:
    assert (other(text, one) == other(text, two)) == (one == two)
    assert other(text, one) != text


def test_a_long_id_keeps_its_length_its_digits_and_its_host() -> None:
    made = other("Ada.Lovelace.1815@example.com", 4711)
    assert (len(made), made[-12:]) == (29, "@example.com")
    assert made[-16:-12].isdigit()


def test_a_person_stays_one_person_and_is_another_than_before() -> None:
    batch = {
        "mpid": 3_000_000_000_000_000_007,
        "user_identities": {"customer_id": "member-7"},
        "source_request_id": "r",
    }
    several = [{"identity_type": "customer_id", "identity": "member-7"}, {"identity_type": "email", "identity": None}]
    first, second = as_others((batch, {**batch, "user_identities": several}), 12)
    assert first["mpid"] == second["mpid"] != batch["mpid"]
    assert len(str(first["mpid"])) == len(str(batch["mpid"]))
    assert first["user_identities"]["customer_id"] == second["user_identities"][0]["identity"] != "member-7"
    assert second["user_identities"][1]["identity"] is None
    assert first["source_request_id"] != "r"


def test_events_are_known_by_other_ids_and_hold_the_same() -> None:
    event = {"event_type": "custom_event", "data": {"event_name": "x", "source_message_id": "m-123456"}}
    made = as_others(({"mpid": "1", "events": [event, {"event_type": "x"}]},), 3)[0]
    assert made["events"][0]["data"]["event_name"] == "x"
    assert made["events"][0]["data"]["source_message_id"] != "m-123456"
    assert made["events"][1] == {"event_type": "x"}
    assert isinstance(made["mpid"], str)
