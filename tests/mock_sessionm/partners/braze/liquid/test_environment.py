import pytest

from contracts import rules
from mock_sessionm.limits import limit
from mock_sessionm.partners.braze import Person, Renderer, TemplateError

LONG = "'" + "0123456789" * 11 + "'"


def refused(source: str) -> str:
    with pytest.raises(TemplateError) as caught:
        Renderer().render(source, Person({"x": "a", "n": 1}))
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("\n{% fori x in y %}", "line 2: unknown tag 'fori'; did you mean 'for'?"),
        ("{% zzzzzz %}", "line 1: unknown tag 'zzzzzz'; take it out"),
        ("{{ 'a' | upcas }}", "line 1: unknown filter 'upcas'; did you mean 'upcase'?"),
        ("{{ 'a' | zzzzzz }}", "line 1: unknown filter 'zzzzzz'; take it out"),
        ("a\n{% for i in ${x} %}\nb", "line 2: for is never closed; write {% endfor %}"),
        ("{% if a %}{% endif %}\n{% if b %}\n{% if c %}{% endif %}", "line 2: if is never closed"),
        ("\n\n{{ “a” }}", "line 3: unexpected '“'; Liquid wants straight quotes"),
        ("\n{{ 1 | divided_by: 0 }}", "line 2: "),
        ("{% if ${x} < 1 %}{% endif %}", "line 1: '<' and '>' are not supported"),
        ("\n{% include 'x' %}", "line 2: a partial is not kept here; write its text in its place"),
        ("\n{% render 'x' %}", "line 2: a partial is not kept here; write its text in its place"),
        ("\n{{content_blocks.${footer}}}", "line 2: the Content Block 'footer' is not kept here"),
        ("{% break %}", "line 1: unexpected"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(source: str, told: str) -> None:
    assert told in refused(source)
    assert "\n" not in refused(source)


def test_a_filter_is_looked_up_before_anybody_comes_to_it() -> None:
    for source in (
        "{% if false %}{{ 'a' | zzz }}{% endif %}",
        "{% for i in none %}{% assign b = 'a' | zzz %}{% endfor %}",
        "{% unless true %}{% echo 'a' | zzz %}{% endunless %}",
        "{% if false %}{% connected_content https://example.com/{{ 'a' | zzz }} %}{% endif %}",
        "{% case 1 %}{% when 2 %}{% capture c %}{{ 'a' | zzz }}{% endcapture %}{% endcase %}",
    ):
        assert "unknown filter 'zzz'" in refused(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..99999999999) %}x{% endfor %}",
        "{% for i in (1..99999999999) reversed %}x{% endfor %}",
        "{% for i in (1..400) %}{% for j in (1..400) %}{% endfor %}{% endfor %}",
        "{% tablerow i in (1..99999999999) %}x{% endtablerow %}",
        "{% for i in (1..99999) %}{{ " + LONG + " }}{% endfor %}",
        "{% assign s = 'x' %}{% for i in (1..99) %}{% assign s = s | append: s %}{% endfor %}",
        "{% capture a %}{% for i in (1..99999) %}{{ " + LONG + " }}{% endfor %}{% endcapture %}",
    ],
)
def test_a_template_that_never_ends_does(source: str) -> None:
    assert "limit reached" in refused(source)


def test_the_numbers_are_those_of_the_register() -> None:
    for name in ("iterations", "output", "depth"):
        assert limit(f"harness.template-{name}") == rules()[f"harness.template-{name}"].limit
    with pytest.raises(LookupError, match=r"braze\.money-filter has no limit"):
        limit("braze.money-filter")


@pytest.mark.parametrize(
    ("condition", "blank"),
    [
        ("nothing == blank", True),
        ("blank == nothing", True),
        ("${x} == blank", False),
        ("${space} == blank", True),
        ("${false} == blank", True),
        ("${true} == blank", False),
        ("${zero} == blank", False),
        ("${nil} == blank", True),
        ("${list} == blank", True),
        ("${full} == blank", False),
        ("${object} == blank", True),
        ("${x} != blank", True),
        ("nothing != blank", False),
        ("${x} == 'b' or nothing == blank", True),
        ("${x} == 'a' and ${zero} == blank", False),
        ("${x} == nothing", False),
    ],
)
def test_blank_is_what_rails_calls_blank(condition: str, blank: bool) -> None:
    person = Person(
        {
            "x": "a",
            "space": " \n",
            "false": False,
            "true": True,
            "zero": 0,
            "nil": None,
            "list": [],
            "full": [0],
            "object": {},
        }
    )
    made = Renderer().render("{% if " + condition + " %}yes{% else %}no{% endif %}", person)
    assert made.text == ("yes" if blank else "no")
