from scenarios.compare.explaining import UNTOLD, Explained, fates
from scenarios.compare.fields import Difference, Kind


def told(fate: str, rule: str, name: str | None) -> dict[str, str | None]:
    return {"point": "/user_attributes/a b", "fate": fate, "rule": rule, "as": name}


def explained(old: dict[str, str | None], new: dict[str, str | None]) -> Explained:
    return Explained.of((fates({"fates": [old]}), fates({"fates": [new]})))


def difference(change: str, name: str, to: str = "") -> Difference:
    return Difference(("body", "user", name), (), change, Kind("text", 1), None, to)  # type: ignore[arg-type]


def test_the_rule_is_that_of_the_side_that_holds_a_point_back() -> None:
    sent, held = (
        told("sent", "sessionm.forwards-user-attributes", "a_b"),
        told("filtered", "sessionm.data-filter", None),
    )
    assert explained(sent, held).field(difference("gone", "a_b")) == ("sessionm.data-filter", "filtered")
    assert explained(held, sent).field(difference("new", "a_b")) == ("sessionm.data-filter", "filtered")
    assert explained(sent, held).field(difference("gone", "other")) == UNTOLD
    assert explained(sent, sent).field(difference("gone", "a_b")) == UNTOLD


def test_the_rule_of_a_new_name_is_the_one_that_gives_names() -> None:
    plain, mapped = (
        told("sent", "sessionm.forwards-user-attributes", "a b"),
        told("sent", "sessionm.key-replace", "a_b"),
    )
    assert explained(plain, mapped).field(difference("renamed", "a b", "a_b")) == ("sessionm.key-replace", "")
    assert explained(mapped, plain).field(difference("renamed", "a_b", "a b")) == ("sessionm.key-replace", "")


def test_where_nobody_can_tell_there_is_no_rule() -> None:
    assert Explained.of(None).request("gone", ["purchase"]) == UNTOLD
    assert fates(None) == fates({"fates": "x"}) == {}
