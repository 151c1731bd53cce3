from typing import Any

import pytest

from tests.mock_sessionm.asking import Asker


def test_a_new_customer_is_answered_whole(fake: Asker) -> None:
    answer = fake.core("POST", "/users", {"user": {"external_id": "e", "city": "Boston", "user_profile": {"a": "1"}}})
    made = answer.body["user"]
    assert answer.status == 200
    assert (made["external_id"], made["city"], made["opted_in"]) == ("e", "Boston", True)
    assert made["user_profile"] == {"a": "1", "_version": 1}
    assert made["created_at"] == made["updated_at"] == "2026-06-15 12:00:00"


def test_reading_shows_profile_and_identifiers_only_where_asked(fake: Asker) -> None:
    fake.create(external_id="e", user_profile={"a": "1"})
    plain = fake.core("GET", "/external/users/e").body["user"]
    asked = fake.core("GET", "/external/users/e?user[user_profile]=true&show_identifiers=true").body["user"]
    assert "user_profile" not in plain
    assert "identifiers" not in plain
    assert asked["user_profile"] == {"a": "1", "_version": 1}
    assert asked["identifiers"] == [{"external_id": "e"}]


def test_an_update_merges_attributes_and_echoes_the_whole_customer(fake: Asker) -> None:
    id_ = fake.create(external_id="e", city="Boston", user_profile={"a": "1", "b": "2"})
    fake.tenant.clock.advance(60)
    made = fake.core("PUT", f"/users/{id_}", {"user": {"zip": "1", "user_profile": {"b": "3"}}}).body["user"]
    assert (made["city"], made["zip"]) == ("Boston", "1")
    assert made["user_profile"] == {"a": "1", "b": "3", "_version": 2}
    assert (made["created_at"], made["updated_at"]) == ("2026-06-15 12:00:00", "2026-06-15 12:01:00")


def test_fields_that_no_customer_has_are_not_kept_and_the_answer_says_so(fake: Asker) -> None:
    answer = fake.core("POST", "/users", {"user": {"external_id": "e", "firstname": "Ada"}})
    assert "firstname" not in answer.body["user"]
    assert "firstname" in answer.message
    assert "Ada" not in answer.message


def test_several_customers_come_in_the_order_of_the_question(fake: Asker) -> None:
    one, other = fake.create(external_id="1"), fake.create(external_id="2")
    unknown = "00000000-0000-1000-8000-000000000000"
    query = "&".join(f"user_ids[]={id_}" for id_ in (other, unknown, one, other))
    for slash in ("", "/"):
        answer = fake.core("GET", f"/users{slash}?{query}")
        assert [user["id"] for user in answer.body["users"]] == [other, one]


def test_several_customers_need_ids(fake: Asker) -> None:
    assert fake.core("GET", "/users").code == "missing_data"
    assert fake.core("GET", "/users?user_ids[]=x").code == "validation"


def test_a_search_finds_what_is_exactly_so(fake: Asker) -> None:
    fake.create(email="Ada@example.com", phone_numbers=[{"phone_number": "+1 555"}])
    assert fake.core("GET", "/users/search?email=ada@EXAMPLE.com").body["status"] == "ok"
    assert fake.core("GET", "/users/search?mobile_number=%2B1%20555&show_identifiers=true").body["status"] == "ok"
    for query in ("email=ada", "", "mobile_number=555", "email=ada@example.com&phone=1"):
        assert fake.core("GET", f"/users/search?{query}").code == "user_not_found"


def test_deleting_answers_the_customer_and_forgets_him(fake: Asker) -> None:
    id_ = fake.create(external_id="e", city="Boston")
    assert fake.core("DELETE", "/external/users/e").body["user"]["city"] == "Boston"
    assert fake.core("DELETE", "/external/users/e").code == "user_not_found"
    assert fake.core("GET", f"/users/{id_}").code == "user_not_found"


@pytest.mark.parametrize("value", ["\x00", "\u2028", "😀", "", " ", "a" * 10_000])
def test_any_text_survives(fake: Asker, value: str) -> None:
    fake.create(external_id="e", city=value, user_profile={"a": value})
    made = fake.core("GET", "/external/users/e?user[user_profile]=true").body["user"]
    assert (made["city"], made["user_profile"]["a"]) == (value, value)


@pytest.mark.parametrize("field", ["email", "external_id", "dob", "phone_numbers", "user_profile", "identifiers", "ip"])
@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, [None], [[]], {"a": None}, 10**30])
def test_a_wrong_type_anywhere_is_an_error_of_theirs_and_never_one_of_ours(fake: Asker, field: str, value: Any) -> None:
    fake.create(external_id="e")
    raw = b'{"user":{"%s":%s}}' % (
        field.encode(),
        str(value).encode().replace(b"None", b"null").replace(b"True", b"true").replace(b"'", b'"'),
    )
    answer = fake.core("PUT", "/external/users/e", raw=raw)
    assert answer.status == 200
    assert answer.body["status"] == "ok" or answer.code == "validation"
