import pytest

from contracts import Choices
from mock_sessionm.partners.braze import TEMPLATE_BEHAVIOURS
from mock_sessionm.partners.braze.outgoing import FORM, JSON, accepted, content_headers, encoded_body


@pytest.mark.parametrize(
    ("method", "kind", "given", "made"),
    [
        ("GET", None, {}, {"Content-Type": JSON, "Accept": "*/*"}),
        ("POST", None, {}, {"Content-Type": FORM, "Accept": "*/*"}),
        ("GET", "text/csv", {}, {"Content-Type": "text/csv", "Accept": "text/csv"}),
        ("POST", JSON, {"X": "1"}, {"Content-Type": JSON, "Accept": JSON, "X": "1"}),
        ("POST", JSON, {"CONTENT-TYPE": "a", "accept": "b"}, {"CONTENT-TYPE": "a", "accept": "b"}),
    ],
)
def test_headers_go_over_the_option_and_the_option_over_the_method(
    method: str, kind: str | None, given: dict[str, str], made: dict[str, str]
) -> None:
    assert content_headers(method, kind, given, TEMPLATE_BEHAVIOURS) == made


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        (None, None, b""),
        (None, JSON, b""),
        ("a=b", None, b"a=b"),
        ("a=b&c=", JSON, b'{"a":"b","c":""}'),
        ("\na=b%20c&d=e+f%26\n", "Application/JSON; charset=utf-8", b'{"a":"b c","d":"e f&"}'),
        ('{"a":"b=c"}', JSON, b'{"a":"b=c"}'),
        ('\n{"a": 1}\n', JSON, b'\n{"a": 1}\n'),
        ("[1,2]", JSON, b"[1,2]"),
        ('"a=b"', JSON, b'"a=b"'),
        ("a b=c", JSON, b"a b=c"),
        ("a", JSON, b"a"),
        ("a=b&c", JSON, b"a=b&c"),
        ("a=b", "application/jsonl", b"a=b"),
        ("é", None, "é".encode()),
    ],
)
def test_only_a_form_becomes_json_and_only_where_it_is_wanted(body: str | None, kind: str | None, sent: bytes) -> None:
    assert encoded_body(body, kind, Choices(), TEMPLATE_BEHAVIOURS) == sent


def test_values_stay_as_written_where_braze_is_taken_to_leave_them() -> None:
    choices = Choices({"form-body-values": "as-written"})
    assert encoded_body("a=b%20c", JSON, choices, TEMPLATE_BEHAVIOURS) == b'{"a":"b%20c"}'


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("X-Id", "a b\té", True),
        ("X-Id", "a\nb", False),
        ("X-Id", "a\rb", False),
        ("X-Id", "a\0b", False),
        ("X-Id", "☃", False),
        ("X Id", "a", False),
        ("", "a", False),
    ],
)
def test_a_header_is_a_token_and_one_line(name: str, value: str, good: bool) -> None:
    assert accepted(name, value) is good
