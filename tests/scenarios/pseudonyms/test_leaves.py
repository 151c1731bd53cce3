import json

from hypothesis import given
from hypothesis import strategies as st

from scenarios.pseudonyms.leaves import edited, leaves, pointers

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def resolved(body: object, where: str) -> object:
    for part in where.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        body = body[int(name)] if isinstance(body, list) else body[name]  # type: ignore[index]
    return body


@given(JSON, st.booleans(), st.sampled_from([None, 1]))
def test_every_text_and_number_is_a_leaf_at_its_pointer(body: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(body, ensure_ascii=ascii_only, indent=indent)
    for leaf, where in zip(leaves(text), pointers(text), strict=True):
        if not leaf.is_name:
            found = resolved(body, where)
            assert leaf.value == (found if leaf.is_text else json.dumps(found))


@given(JSON)
def test_what_is_left_alone_stays_to_the_byte(body: object) -> None:
    text = json.dumps(body)
    assert edited(text, lambda _: None) == text


def test_only_the_value_changes_and_everything_round_it_stays() -> None:
    text = '{ "a" :1.50, "b":"\\u00e9x" ,"a":2e3,"c":[ "x",{"b":"y"} ] }'
    made = edited(text, lambda leaf: "\u00f4z" if leaf.value == "\u00e9x" else None)
    assert made == text.replace("\\u00e9x", "\\u00f4z")


def test_what_a_field_holds_may_be_said_by_the_one_beside_it() -> None:
    text = (
        '{"e":[{"old":"J","user_attribute_name":"$City","new":["K"]}],"u":[{"identity":"x","identity_type":"email"}]}'
    )
    kinds = {leaf.value: leaf.kind for leaf in leaves(text) if not leaf.is_name}
    assert (kinds["J"], kinds["K"], kinds["x"]) == ("place", "place", "email")
