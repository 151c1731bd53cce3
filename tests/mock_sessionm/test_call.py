import pytest

from contracts.validation import operations
from mock_sessionm.call import Call, query_parameters, rules_in_body, with_body


def call(operation: str, raw: bytes = b"", query: str = "") -> Call:
    return Call(operation, {}, query, raw, in_path=None, holder=None)


def test_operations_with_a_body_are_those_of_the_contract() -> None:
    core = {name for name, (_, path) in operations("sessionm").items() if path.startswith("/priv/")}
    assert with_body("sessionm") & core == {name for name in core if name.startswith(("create", "update", "post"))}


def test_the_rules_of_a_body_are_found_through_references() -> None:
    assert "sessionm.user-attributes-max" in rules_in_body("sessionm", "updateUser")
    assert "sessionm.identity-required" not in rules_in_body("sessionm", "updateUser")
    assert rules_in_body("sessionm", "postTags") == {"sessionm.tag-ttl-positive"}


def test_query_parameters_are_those_of_the_contract() -> None:
    assert set(query_parameters("sessionm", "getUser")) == {
        "user[user_profile]",
        "show_identifiers",
        "expand_incentives",
    }
    assert query_parameters("sessionm", "getTags") == {}


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"user":5}', b'{"user":{"user_profile":[]}}', b"{"])
def test_a_body_of_any_shape_has_a_user_and_a_profile_to_look_at(raw: bytes) -> None:
    made = call("createUser", raw)
    assert isinstance(made.user, dict)
    assert made.profile == {}


def test_a_flag_is_true_only_where_it_says_true() -> None:
    assert call("getUser", query="show_identifiers=true").flag("show_identifiers")
    assert not call("getUser", query="show_identifiers=1").flag("show_identifiers")
    assert not call("getUser").flag("show_identifiers")


def test_a_body_where_none_is_wanted_is_not_read() -> None:
    assert call("getUser", b"{").unreadable == ""
