from scenarios.compare.people import People, located
from scenarios.compare.sent import UNKNOWN
from scenarios.compare.written import Form
from tests.scenarios.compare.sending import event, user

BATCH = {"mpid": 42, "user_identities": {"customer_id": "member-1", "email": "a@example.com"}}


def test_who_is_known_by_any_name_is_one_person() -> None:
    people = People()
    assert people.of_batch(BATCH) == people.of_batch({"mpid": "42"}) == 0
    assert people.of_batch({"user_identities": {"customer_id": "member-2"}}) == 1
    assert people.of_batch({}) == people.of_batch({"mpid": "no number"}) == UNKNOWN
    assert people.count == 2
    assert people.of_request("/users/42/events", None) == 0
    assert people.of_request("/users", {"user": {"external_id": "member-1"}}) == 0
    assert people.of_request("/users?email=a%40example.com", None) == 0
    assert people.of_request("/users/421", {"id": 7}) == UNKNOWN


def test_an_id_that_the_vendor_gave_is_learnt() -> None:
    people = People()
    people.of_batch(BATCH)
    people.learn(0, {"user": {"id": "sm-1"}})
    people.learn(UNKNOWN, {"user": {"id": "sm-2"}})
    assert people.of_request("/users/sm-1/events", None) == 0
    assert people.of_request("/users/sm-2/events", None) == UNKNOWN


def test_a_request_goes_with_the_batch_that_says_something_of_it_and_a_user_with_the_events_behind() -> None:
    batches = [
        (3, {"id": "t-0-purchase", "email": "a@example.com"}),
        (8, {"id": "t-1-purchase", "email": "a@example.com"}),
    ]
    forms = [Form.of(sent) for sent in (user(0), event(0, "purchase", {}), user(1), event(1, "purchase", {}), user(2))]
    assert located(batches, forms) == [3, 3, 8, 8, 8]
    assert located([], forms) == [UNKNOWN] * 5
