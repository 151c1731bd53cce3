import pytest

from mock_sessionm.partners.braze import ConnectedContent, Person, Renderer, TemplateError
from scenarios.rendering import World

PERSON = Person({"user_id": "u 1"}, {"n": 2})


def called(source: str, **variables: object) -> World:
    """The world after a template was rendered against it."""
    world = World([{"body": "x"}])
    Renderer(ConnectedContent(world, world.clock, sleep=world.sleep)).render(source, PERSON, variables=variables)
    return world


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{% connected_content\n https://a.com\n :methd post %}", "line 3: connected_content has no option :methd"),
        ("{% connected_content https://example.com :zzzzz %}", "there are :method, :headers"),
        ("{% connected_content https://example.com extra %}", "extra is no option of connected_content"),
        ("{% connected_content https://example.com :body a b :save x %}", "b is no option"),
        ("{% connected_content https://example.com :no_cache yes %}", "yes is no option"),
        ("{% connected_content https://example.com :headers %}", ":headers has no value"),
        ('{% connected_content https://example.com :headers {"a": %}', ":headers is no JSON object"),
        ("{% connected_content https://example.com :headers [1] %}", ":headers is no JSON object"),
        ('{% connected_content https://example.com\n\n:headers {"a": 1} %}', "line 3: :headers is no JSON object"),
        ("{% connected_content https://example.com/{{x} %}", "closed by one brace"),
        ("{% connected_content https://example.com :basic_auth a-b! %}", ":basic_auth a-b! is no name"),
        ("{% connected_content https://example.com :cache_max_age -1 %}", "is no number"),
        ("{% abort_message %}", "write abort_message('why')"),
        ("{% abort_message('it's') %}", "write abort_message('why')"),
    ],
)  # fmt: skip
def test_a_tag_that_cannot_be_read_says_what_is_wrong_and_where(source: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Renderer().parsed(source)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{%connected_content https://a.com/a?b={{custom_attribute.${n}}}&c=d :method post :save w :body k={{x}}%}",
        "{%- connected_content\n\thttps://a.com/a?b={{ custom_attribute.${n}}}&c=d\n:body k={{x}}\n\n:method POST\n-%}",
        "{% liquid\nconnected_content https://a.com/a?b={{custom_attribute.${n}}}&c=d :method post :body k={{x}}\n%}",
    ],
)
def test_options_come_in_any_order_with_any_white_space(source: str) -> None:
    (one,) = called(source, x="v").sent
    assert (one[1].method, one[0] + one[1].target, one[1].body) == ("POST", "https://a.com/a?b=2&c=d", b"k=v")


def test_headers_hold_liquid_with_quotes_and_braces() -> None:
    source = '{% connected_content https://a.com :headers {"A": "{{ x | default: "y z" }}", "B": "{\\"c\\": {{x}}}"} %}'
    (one,) = called(source, x="1").sent
    assert {name: one[1].headers[name] for name in "AB"} == {"A": "1", "B": '{"c": 1}'}
    (one,) = called(source).sent
    assert one[1].headers["A"] == "y z"


def test_a_file_without_a_web_says_so() -> None:
    with pytest.raises(TemplateError, match="line 2: connected_content has no web to call here"):
        Renderer().render("\n{% connected_content https://example.com %}", PERSON)


def test_an_abort_comes_through_loops_and_captures() -> None:
    inner = '{% if i == 2 %}{% abort_message("it\'s over") %}{% endif %}'
    source = "{% for i in (1..3) %}{% capture c %}" + inner + "{% endcapture %}{% endfor %}"
    assert Renderer().render(source, PERSON).aborted == "it's over"
