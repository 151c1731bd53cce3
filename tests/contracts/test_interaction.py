import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Request, Response
from contracts.interaction import pointer


def unescaped(found: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in found.split("/")[1:]]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), ""),
        (("a", 0), "/a/0"),
        (("a/b",), "/a~1b"),
        (("m~n",), "/m~0n"),
        (("~1",), "/~01"),
        (("",), "/"),
        ((" ", '"'), '/ /"'),
    ],
)
def test_a_pointer_escapes_what_rfc_6901_escapes(parts: tuple[str | int, ...], expected: str) -> None:
    assert pointer(*parts) == expected


@given(st.lists(st.text()))
def test_the_names_can_be_read_back_from_a_pointer(parts: list[str]) -> None:
    assert unescaped(pointer(*parts)) == parts


def test_the_path_of_a_request_keeps_its_encoded_slashes_and_loses_its_query() -> None:
    assert Request("GET", "/users/a%2Fb?email=x%3Fy").path == "/users/a%2Fb"


@pytest.mark.parametrize("made", [Request("GET", "/"), Response(202)])
def test_no_body_is_no_json(made: Request | Response) -> None:
    assert made.json() is None


@pytest.mark.parametrize("body", [b"{", b"\xff", b"{'a': 1}", b"NaN"])
def test_what_is_not_json_raises_a_value_error(body: bytes) -> None:
    for made in (Request("POST", "/", {}, body), Response(200, {}, body)):
        with pytest.raises(ValueError, match=r"."):
            made.json()


@given(st.integers(min_value=-(2**63), max_value=2**64 - 1))
def test_an_int64_survives_as_it_is(number: int) -> None:
    assert Response(200, {}, str(number).encode()).json() == number
