import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.partners.braze import Person, Renderer, TemplateError
from mock_sessionm.partners.braze.liquid.scanning import line_of, standard, tokens, unit_end

PLAIN = st.text(st.characters(exclude_characters="{%", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${user_id}", '__person__["user_id"]'),
        ("custom_attribute.${zip code}", 'custom_attribute["zip code"]'),
        ("custom_attribute.${o}.a[0] | upcase", 'custom_attribute["o"].a[0] | upcase'),
        ('custom_attribute.${say "hi"}', "custom_attribute['say \"hi\"']"),
        ("{{x}} == 1", " x  == 1"),
        ("v = {{x | plus: 1}}", "v =  x | plus: 1 "),
        ("{{ {{x}} }}", "   x   "),
        ("'${x}' | append: \"{x}\"", "'${x}' | append: \"{x}\""),
        ("wallet.points", "wallet.points"),
    ],
)
def test_brazes_spelling_becomes_the_standard_one(written: str, read: str) -> None:
    assert standard(written, 1) == read


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("a\n{{x} b", "line 2: {{x} is closed by one brace; write }}"),
        ("{{\nx\n}", "line 3: {{ x } is closed by one brace"),
        ("{{${x}}", "line 1: {{${x}} is closed by one brace"),
        ("{% if\n{{x} %}", "line 2: {{x} is closed by one brace"),
        ("{{ x {% if %}", "line 1: {{ x {% if %} is not closed; write }}"),
        ("{{ x", "line 1: {{ x is not closed"),
        ("\n{% if x", "line 2: {% if x is not closed; write %}"),
        ("{% %}", "line 1: a tag without a name"),
        ("\n{% raw %}\n", "line 2: raw is never closed; write {% endraw %}"),
        ("{% comment %}{% comment %}{% endcomment %}", "line 1: comment is never closed"),
        ("{% doc %}", "line 1: doc is never closed"),
        ("{{${}}}", "line 1: ${} names nothing"),
        ("{{${a'\"}}}", "names nothing"),
        ("{% if x\n{{x}} }} %}", "line 2: }} closes nothing"),
        ("{{ a | f: {{b | g}} }}", "line 1: {{b | g}} has a filter and stands within an expression"),
        ("{% if {{a | g}} > 1 %}", "{{a | g}} has a filter"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_mend(source: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        list(tokens(source))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_brace_within_a_text_closes_nothing() -> None:
    assert Renderer().render("{{ x | append: '}' }}{{ y | append: \"}'{\" }}", Person()).text == "}}'{"


def test_the_missing_brace_of_a_typo_has_its_place() -> None:
    with pytest.raises(TemplateError) as caught:
        list(tokens("ab{{x} c"))
    assert caught.value.offset == 5
    with pytest.raises(TemplateError) as caught:
        list(tokens("ab{% if {{x} %}"))
    assert caught.value.offset == -1


def test_every_token_knows_its_line() -> None:
    made = list(tokens("a\n{{\n x }}\n{% if\n  y %}\n{% comment %}\n{% endcomment %}{{ z }}"))
    lines = [(token.value, line_of(token)) for token in made if token.kind in ("expression", "tag")]
    assert lines == [("x", 3), ("if", 4), ("y", 5), ("z", 7)]


def test_nothing_has_the_first_line() -> None:
    assert line_of(None) == 1


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a {{- 'x' -}} b", "axb"),
        ("a {%- if true -%} x {%- endif -%} b", "axb"),
        ("a {%- raw -%} {{x}} {%- endraw -%} b", "a {{x}} b"),
        ("a{% comment %}{% raw %}x{% comment %}{% endcomment %}{% endcomment -%} b", "ab"),
        ("a{% doc %}{{ x }}{% enddoc %}b{% # not said %}c", "abc"),
        ("{% liquid\n assign v = ${n} | plus: 1\n echo v %}", "2"),
        ("{{}}", ""),
        ('{"a":{{n}}}', '{"a":}'),
    ],
)
def test_white_space_comments_and_raw_are_as_in_liquid(source: str, text: str) -> None:
    assert Renderer().render(source, Person({"n": 1})).text == text


def test_the_end_of_braces_passes_over_names_texts_and_inner_braces() -> None:
    source = "{{ a.${b} | plus: {{c}} | append: '}' }} d"
    assert unit_end(source, 0, 1) == source.index(" d") - 2


@given(PLAIN)
def test_text_without_liquid_is_left_alone(text: str) -> None:
    assert Renderer().render(text, Person()).text == text


@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: "endraw" not in text))
def test_whatever_stands_in_raw_is_left_alone(text: str) -> None:
    assert Renderer().render("{% raw %}" + text + "{% endraw %}", Person()).text == text


BRACES = ["{{", "}}", "}", "{%", "%}", "${", "|", "'", '"', "==", "(", ")"]
WORDS = ["1", "-", "x", "upcase", "if", "endif", "for", "in", "assign", "raw", "liquid", "connected_content", ":save"]


@given(st.lists(st.sampled_from([*BRACES, *WORDS, "abort_message", " ", "\n", "https://example.com/"])).map(" ".join))
def test_no_template_ends_in_anything_but_a_message_or_one_line(source: str) -> None:
    told = "line 1"
    try:
        Renderer().render(source, Person({"x": "1"}))
    except TemplateError as error:
        told = str(error)
    assert told.startswith("line ")
    assert "\n" not in told
