from typing import Any

import orjson
import pytest

from scenarios.compare.fields import Difference, Kind, compared
from scenarios.compare.sent import Sent
from scenarios.compare.written import Form, shown


def form(body: Any) -> Form:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Form.of(Sent(0, 0, "POST", "/priv/v1/apps/{api_key}/users", (), raw, 200, ""))


def differences(old: Any, new: Any) -> list[Difference]:
    return compared(form(old), form(new)).differences


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        ("Gold", "GOLD", "only capitals differ"),
        (" a ", "a", "only spaces around it differ"),
        ("abcdef", "abc", "a part of it is left"),
        ("abc", "abcdef", "something is added to it"),
        ("1", 1, "the same in another kind"),
        ("abc", "xyz", ""),
    ],
)
def test_how_a_value_changed_is_told_without_it(old: Any, new: Any, how: str) -> None:
    (one,) = differences({"a": old}, {"a": new})
    assert (shown(one.place), one.change, one.how) == ("/a", "value", how)


def test_one_and_true_are_not_the_same() -> None:
    (one,) = differences({"a": 1}, {"a": True})
    assert (one.old, one.new) == (Kind("number"), Kind("true or false"))


def test_entries_that_say_what_they_are_are_compared_by_that() -> None:
    email, phone = ({"external_id": "a", "external_id_type": kind} for kind in ("email", "phone"))
    (gone,) = differences({"identifiers": [email, phone]}, {"identifiers": [phone]})
    assert (shown(gone.place), gone.names, gone.change) == ("/identifiers/*", ("email",), "gone")
    (moved,) = differences({"identifiers": [email, phone]}, {"identifiers": [phone, email]})
    assert (shown(moved.place), moved.change) == ("/identifiers", "order")
    (value,) = differences({"identifiers": [email, phone]}, {"identifiers": [{**email, "external_id": "b"}, phone]})
    assert (shown(value.place), value.names) == ("/identifiers/*/external_id", ("email",))


def test_other_entries_are_compared_by_what_changed() -> None:
    (come,) = differences({"tags": ["a", "b"]}, {"tags": ["a", "x", "b"]})
    assert (shown(come.place), come.change) == ("/tags/*", "new")
    (other,) = differences({"tags": ["a", "b"]}, {"tags": ["b", "a"]})
    assert other.change == "order"


def test_equal_values_are_renamed_only_where_the_order_leaves_no_doubt() -> None:
    renamed = differences({"a": "1", "b": "1"}, {"x": "1", "y": "1"})
    assert [(one.change, one.place[-1], one.to) for one in renamed] == [("renamed", "a", "x"), ("renamed", "b", "y")]
    doubtful = differences({"a": "1", "b": "1"}, {"x": "1"})
    assert sorted(one.change for one in doubtful) == ["gone", "gone", "new"]


def test_a_body_that_is_no_json_is_compared_as_a_whole() -> None:
    (one,) = differences(b"abc", b"abcd")
    assert (shown(one.place), one.old, one.new) == ("body", Kind("bytes", 3), Kind("bytes", 4))


def test_digits_beyond_64_bits_are_not_lost() -> None:
    assert differences(b'{"a": 123456789012345678901}', b'{"a": 123456789012345678902}')


def test_no_difference_holds_a_value() -> None:
    found = differences({"a": "secret-1", "b": ["secret-2"]}, {"a": "secret-3", "b": [{"c": "secret-4"}]})
    assert "secret" not in repr(found)
