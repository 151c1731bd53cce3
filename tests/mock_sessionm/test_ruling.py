import pytest

from contracts import Violation
from mock_sessionm.ruling import SHOWN, sentence
from tests.mock_sessionm.asking import asker

TWO = {"user": {"external_id": "e", "user_profile": {"favoritestore": "1", "LoyaltyTier": "gold", "Other": "2"}}}


@pytest.mark.parametrize(
    ("choice", "kept"),
    [
        ("stored", {"LoyaltyTier", "Other", "favoritestore"}),
        ("ignored", {"LoyaltyTier", "Other"}),
        ("refused", None),
    ],
)
def test_a_miscased_attribute_goes_the_way_that_the_choice_says(choice: str, kept: set[str] | None) -> None:
    fake = asker(assume={"miscased-attribute": choice})
    answer = fake.core("POST", "/users", TWO)
    customer = fake.tenant.customers.by_external("e")
    assert (customer and set(customer.attributes)) == kept
    assert ("sessionm.miscased-attribute" in answer.rules) is (choice != "stored")
    assert ("FavoriteStore" in answer.message) is (choice != "stored")
    assert fake.tenant.used["miscased-attribute"] == 1


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("stored", {"LoyaltyTier", "Other"}), ("ignored", {"LoyaltyTier"}), ("refused", None)],
)
def test_an_undefined_attribute_goes_the_way_that_the_choice_says(choice: str, kept: set[str] | None) -> None:
    fake = asker(assume={"undefined-attribute": choice})
    answer = fake.core("POST", "/users", TWO)
    customer = fake.tenant.customers.by_external("e")
    assert (customer and set(customer.attributes)) == kept
    assert ("sessionm.undefined-attribute" in answer.rules) is (choice != "stored")
    assert fake.tenant.used["undefined-attribute"] == 1


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("stored", ["visit", "other"]), ("ignored", ["visit"]), ("refused", [])],
)
def test_an_undefined_event_goes_the_way_that_the_choice_says(choice: str, kept: list[str]) -> None:
    fake = asker(assume={"undefined-event": choice})
    fake.create(external_id="e")
    fake.core("POST", "/external/users/e/events", {"events": {"visit": 1, "other": 1}})
    customer = fake.tenant.customers.by_external("e")
    assert customer is not None
    assert [event["name"] for event in customer.events] == kept


def test_names_with_slashes_and_tildes_can_be_passed_over_too() -> None:
    fake = asker(assume={"undefined-event": "ignored"})
    fake.create(external_id="e")
    answer = fake.core("POST", "/external/users/e/events", {"events": {"a/b~c~1": 1, "visit": 1}})
    assert answer.body["status"] == "ok"
    assert "a~1b~0c~01" in answer.message


@pytest.mark.parametrize("status", ["200", "400", "422"])
def test_a_validation_error_has_the_status_of_the_choice(status: str) -> None:
    fake = asker(assume={"validation-status": status})
    answer = fake.core("POST", "/users", {"user": {"zip": 5, "external_id": "e"}})
    assert (answer.status, answer.code) == (int(status), "validation")
    assert fake.tenant.used["validation-status"] == 1


@pytest.mark.parametrize("status", ["200", "404"])
def test_an_unknown_customer_has_the_status_of_the_choice(status: str) -> None:
    fake = asker(assume={"unknown-user-status": status})
    for path in ("/users/x", "/external/users/x", "/users/search?email=x", "/external/users/x/tags"):
        answer = fake.core("GET", path)
        assert (answer.status, answer.code) == (int(status), "user_not_found")


@pytest.mark.parametrize("status", ["200", "400", "409", "422"])
def test_a_duplicate_has_the_status_of_the_choice(status: str) -> None:
    fake = asker(assume={"duplicate-user-status": status})
    fake.create(external_id="e", email="a@b.c")
    for user in ({"external_id": "e"}, {"email": "a@b.c"}):
        answer = fake.core("POST", "/users", {"user": user})
        assert (answer.status, answer.code) == (int(status), "validation")


@pytest.mark.parametrize(
    ("raw", "code"),
    [(b"", "missing_data"), (b"{", "argument_error"), (b"{}", "missing_data"), (b"[]", "validation")],
)
def test_the_code_says_what_was_wrong_with_a_body(raw: bytes, code: str) -> None:
    answer = asker().core("POST", "/users", raw=raw)
    assert (answer.code, answer.rules) == (code, ["sessionm.contract"])


def test_many_violations_are_told_in_few_words() -> None:
    many = [Violation("r", "", f"m{number}") for number in range(SHOWN + 3)]
    assert sentence(many) == "m0; m1; m2; m3; m4; and 3 more"
    assert sentence(many[:2]) == "m0; m1"


def test_a_refused_request_stores_nothing_of_it() -> None:
    fake = asker()
    fake.create(external_id="e")
    before = fake.tenant.customers.export()
    fake.core("PUT", "/external/users/e", {"user": {"city": "Boston", "zip": 5, "email": "a@b.c"}})
    fake.core("POST", "/external/users/e/events", {"events": {"visit": 1, "other": 1}})
    assert fake.tenant.customers.export() == before


@pytest.mark.parametrize(
    ("assume", "path", "body"),
    [
        ({"event-attribute-values": "as-is"}, "/events", {"events": {"visit": {"context": {"a": 5}}}}),
        ({"non-ascii-letters": "kept"}, "", {"user": {"user_profile": {"café_1": "x"}}}),
        ({"empty-key": "underscore"}, "", {"user": {"user_profile": {"_": "x"}}}),
    ],
)
def test_what_a_sender_must_send_under_the_same_choices_is_no_violation(
    assume: dict[str, str], path: str, body: object
) -> None:
    method = "POST" if path else "PUT"
    for choices, refused in (({}, True), (assume, False)):
        fake = asker(assume=choices)
        fake.create(external_id="e")
        answer = fake.core(method, f"/external/users/e{path}", body)
        assert bool(answer.rules) is refused
        assert (answer.body["status"] == "error") is refused
