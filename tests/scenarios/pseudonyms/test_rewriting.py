import base64
import json
from typing import Any

import pytest

from contracts import Interaction, Request, Response
from scenarios.pseudonyms.pseudonym import Pseudonyms
from scenarios.pseudonyms.rewriting import CannotBeRead, Rewriter

JANE: dict[str, Any] = {
    "mpid": 3000000000000000001,
    "ip": "84.17.33.2",
    "user_identities": {"customer_id": "member-42", "email": "Jane.Doe@shop.io", "mobile_number": "+14155552671"},
    "device_info": {"platform": "iOS", "ios_advertising_id": "550E8400-E29B-41D4-A716-446655440000"},
    "user_attributes": {"$FirstName": "Jane", "$City": "New York", "$Zip": 10001, "$State": "NY", "$Country": "USA"},
}


def twin(*bodies: Any) -> list[Any]:
    rewriter = Rewriter(Pseudonyms(b"1" * 32))
    texts = [json.dumps(body, ensure_ascii=False) for body in bodies]
    for text in texts:
        rewriter.learn(text)
    return [json.loads(rewriter.written(text)) for text in texts]


def test_everything_of_a_person_becomes_somebody_elses_and_the_rest_stays() -> None:
    (made,) = twin(JANE)
    for group in ("user_identities", "user_attributes"):
        assert list(made[group]) == list(JANE[group])
    changed = {"customer_id", "email", "mobile_number", "$FirstName", "$City", "$Zip", "$State"}
    before, after = ({**body["user_identities"], **body["user_attributes"]} for body in (JANE, made))
    assert {name for name in before if before[name] != after[name]} == changed
    assert made["device_info"]["platform"] == "iOS"
    assert made["mpid"] != JANE["mpid"]
    assert isinstance(made["user_attributes"]["$Zip"], int)


def test_who_is_one_in_several_batches_and_forms_stays_one() -> None:
    email = {"identity_type": "email", "identity": "jane.doe@SHOP.io"}
    customer = {"identity_type": "customer_id", "identity": "member-42"}
    one, two = twin(JANE, {"mpid": "3000000000000000001", "user_identities": [email, customer]})
    assert two["mpid"] == str(one["mpid"])
    assert two["user_identities"][0]["identity"].lower() == one["user_identities"]["email"].lower()
    assert two["user_identities"][1] == {
        "identity_type": "customer_id",
        "identity": one["user_identities"]["customer_id"],
    }


@pytest.mark.parametrize(
    ("told", "again"),
    [
        ("Thank you Jane, see you in NEW YORK", "Thank you {first}, see you in {CITY}"),
        ("https://x.example/?e=jane.doe%40shop.io&m=member-42", "https://x.example/?e={quoted}&m={customer_id}"),
        ('{"email":"jane.doe@shop.io"}', '{{"email":"{email}"}}'),
        ("3000000000000000001", "{mpid}"),
        ("call (415) 555-2671", "call {call}"),
    ],
)
def test_what_is_known_of_a_person_is_replaced_wherever_it_recurs(told: str, again: str) -> None:
    events = [{"event_type": "custom_event", "data": {"event_name": "Jane", "custom_attributes": {"note": told}}}]
    later, made = twin({"events": events}, JANE)
    names, digits = made["user_identities"], made["user_identities"]["mobile_number"][2:]
    email = names["email"].lower()
    data = later["events"][0]["data"]
    assert data["custom_attributes"]["note"] == again.format(
        first=made["user_attributes"]["$FirstName"],
        CITY=made["user_attributes"]["$City"].upper(),
        quoted=email.replace("@", "%40"),
        email=email,
        mpid=made["mpid"],
        call=f"({digits[:3]}) {digits[3:6]}-{digits[6:]}",
        **{name: value for name, value in names.items() if name != "email"},
    )
    assert data["event_name"] == "Jane"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_it_makes_no_difference_whether_letters_are_escaped(ascii_only: bool) -> None:
    rewriter = Rewriter(Pseudonyms(b"1" * 32))
    body = {
        "user_attributes": {"$FirstName": "\u041e\u043b\u044c\u0433\u0430", "note": "\u041e\u041b\u042c\u0413\u0410!"}
    }
    body["user_attributes"]["json"] = json.dumps({"x": "\u043e\u043b\u044c\u0433\u0430"})
    text = json.dumps(body, ensure_ascii=ascii_only)
    rewriter.learn(text)
    made = json.loads(rewriter.written(text))["user_attributes"]
    name = made["$FirstName"].lower()
    assert name != "\u043e\u043b\u044c\u0433\u0430"
    assert (made["note"], json.loads(made["json"])["x"]) == (name.upper() + "!", name)
    assert len(rewriter.written(text)) == len(text)


def test_base64_is_looked_into_and_written_again() -> None:
    blob = base64.b64encode(b"Hello Jane, hello!!").decode()
    _, made = twin(JANE, {"user_attributes": {"blob": blob}})
    assert base64.b64decode(made["user_attributes"]["blob"]).startswith(b"Hello ")
    assert made["user_attributes"]["blob"] != blob


def test_what_an_attribute_was_before_is_as_personal_as_what_it_is() -> None:
    change = {"user_attribute_name": "$FirstName", "old": "Janet", "new": "Jane"}
    made, jane = twin({"events": [{"event_type": "user_attribute_change", "data": change}]}, JANE)
    assert made["events"][0]["data"]["new"] == jane["user_attributes"]["$FirstName"]
    assert made["events"][0]["data"]["old"] not in {"Janet", made["events"][0]["data"]["new"]}


def interaction(request: Request, response: Response | None = None) -> Interaction:
    return Interaction(1, 0.0, "", "", "", request, response)


def rewritten(one: Interaction) -> Interaction:
    rewriter = Rewriter(Pseudonyms(b"1" * 32))
    rewriter.learn(json.dumps(JANE))
    rewriter.learn_interaction(one)
    return rewriter.written_interaction(one)


def test_an_interaction_has_people_in_path_query_headers_and_both_bodies() -> None:
    (jane,) = twin(JANE)
    email = jane["user_identities"]["email"].lower()
    request = Request(
        "POST",
        "/priv/v1/apps/0a1b2c3d/external/users/3000000000000000001?email=jane.doe%40shop.io&page=2",
        {"authorization": "Basic a2V5OnNlY3JldA==", "x-forwarded-for": "84.17.33.2", "user-agent": "Jane/1.0"},
        b'{"user": {"external_id": "3000000000000000001", "first_name": "Jane"}}',
    )
    made = rewritten(interaction(request, Response(200, {"set-cookie": "s=1"}, b'{"note": "Jane"}')))
    assert made.request.target == (
        f"/priv/v1/apps/{{api_key}}/external/users/{jane['mpid']}?email={email.replace('@', '%40')}&page=2"
    )
    assert made.request.headers == {
        "authorization": "Basic ***", "x-forwarded-for": jane["ip"], "user-agent": "Jane/1.0"
    }  # fmt: skip
    assert json.loads(made.request.body)["user"]["external_id"] == str(jane["mpid"])
    assert made.response is not None
    assert made.response.headers == {"set-cookie": "***"}
    assert json.loads(made.response.body) == {"note": jane["user_attributes"]["$FirstName"]}


def test_a_form_is_read_as_one() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    made = rewritten(interaction(Request("POST", "/x", headers, b"email=jane.doe%40shop.io&first_name=Jane&size=9")))
    assert b"size=9" in made.request.body
    assert b"ane" not in made.request.body


def test_a_body_that_is_no_text_cannot_be_called_clean() -> None:
    with pytest.raises(CannotBeRead):
        rewritten(interaction(Request("POST", "/x", {}, b"\xff\xfe\x00")))
