import dataclasses
import statistics
import time
from pathlib import Path

import pytest

from contracts import Choices
from mock_sessionm.partners.braze import ConnectedContent, Person, Rendered, Renderer, TemplateError
from mock_sessionm.partners.braze.message import REMEMBERED
from scenarios.rendering import World

FIXTURES = Path(__file__).parents[3] / "fixtures" / "document_003"
PERSON = Person({"user_id": "u-1", "first_name": "Ada"}, {"n": 1})


def document(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def test_a_person_and_a_rendered_message_are_values() -> None:
    for value in (PERSON, Rendered("x")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, None)
        assert not hasattr(value, "__dict__")


def test_the_documents_tags_url_is_rendered_for_each_person() -> None:
    variables = {"endpoint_core": "https://core.example.com", "appkey_core": "k"}
    for user in ("u-1", "u-2"):
        made = Renderer().render(document("tags_url.txt"), Person({"user_id": user}), variables=variables)
        assert made.text == f"https://core.example.com/priv/v1/apps/k/users/{user}/tags\n"


def test_the_documents_curl_line_is_rendered_with_its_placeholders_bound() -> None:
    names = ("endpoint_core", "apikey_core", "user_id", "base64_encoded_string")
    made = Renderer().render(document("tags.sh"), PERSON, variables={name: f"<{name}>" for name in names})
    assert "'<endpoint_core>/priv/v1/apps/<apikey_core>/users/<user_id>/tags'" in made.text
    assert "Basic <base64_encoded_string>'" in made.text


def test_the_documents_offer_is_read_in_a_campaign_and_not_in_a_canvas() -> None:
    properties = {"offer_id": "o-1"}
    assert Renderer().render(document("offer.txt"), PERSON, trigger_properties=properties).text == "o-1\n"
    assert Renderer().render(document("offer.txt"), PERSON, context=properties).text == "\n"


def test_the_documents_single_brace_is_told_as_what_it_is() -> None:
    with pytest.raises(TemplateError) as caught:
        Renderer().render(document("points.txt"), PERSON)
    assert str(caught.value) == "line 1: {{wallet.payload.available_points} is closed by one brace; write }}"


def test_a_canvas_is_known_by_its_context_or_its_attributes() -> None:
    source = "[{{api_trigger_properties.${a}}}{{context.${a}}}{{canvas_entry_properties.${a}}}]"
    for given, text in (
        ({"trigger_properties": {"a": 1}}, "[1]"),
        ({"context": {"a": 1}}, "[11]"),
        ({"trigger_properties": {"a": 1}, "context": {"a": 2}}, "[22]"),
        ({"trigger_properties": {"a": 1}, "canvas": {"name": "c"}}, "[]"),
        ({"trigger_properties": {"a": 1}, "campaign": {"name": "c"}}, "[1]"),
        ({}, "[]"),
    ):
        assert Renderer().render(source, PERSON, **given).text == text


def test_no_variable_goes_over_what_braze_binds() -> None:
    variables = {"custom_attribute": {"n": 2}, "__person__": {"first_name": "Bob"}}
    made = Renderer().render("{{custom_attribute.${n}}}{{${first_name}}}", PERSON, variables=variables)
    assert made.text == "1Ada"


def test_one_render_leaves_nothing_to_the_next() -> None:
    renderer = Renderer()
    assert renderer.render("{% assign x = 1 %}{% increment i %}{{x}}", PERSON).text == "01"
    assert renderer.render("{% increment i %}{{x}}", PERSON).text == "0"
    assert renderer.render("{% assign x = 1 %}{% increment i %}{{x}}", PERSON).text == "01"


def test_what_a_person_has_is_not_changed() -> None:
    person = Person({"l": [2, 1]}, {"o": {"a": 1}})
    Renderer().render("{{${l} | sort}}{% assign o = custom_attribute.${o} %}{{o}}", person)
    assert person == Person({"l": [2, 1]}, {"o": {"a": 1}})


def test_a_template_is_parsed_once_and_the_oldest_is_forgotten() -> None:
    renderer = Renderer()
    first = renderer.parsed("first")
    assert renderer.parsed("first") is first
    for number in range(REMEMBERED - 1):
        renderer.parsed(f"{number}")
    assert renderer.parsed("first") is first
    for number in range(REMEMBERED):
        renderer.parsed(f"again {number}")
    assert renderer.parsed("first") is not first


def test_line_breaks_stay_as_they_are_written() -> None:
    assert Renderer().render("a\r\nb\rc\n{% capture d %}\r\nd{% endcapture %}{{d}}", PERSON).text == "a\r\nb\rc\n\r\nd"


@pytest.mark.parametrize(("choice", "text"), [("refused", None), ("evaluated", "2")])
def test_two_custom_attributes_in_one_expression_are_as_was_chosen(choice: str, text: str | None) -> None:
    renderer = Renderer(choices=Choices({"two-custom-attributes": choice}))
    source = "{{custom_attribute.${n} | plus: {{custom_attribute.${n}}}}}"
    if text is None:
        with pytest.raises(TemplateError, match="two custom attributes"):
            renderer.render(source, PERSON)
    else:
        assert renderer.render(source, PERSON).text == text


def test_the_calls_made_before_an_abort_are_told() -> None:
    world = World([{"status": 404}])
    caller = ConnectedContent(world, world.clock, sleep=world.sleep)
    made = Renderer(caller).render("a{% connected_content https://a.com/ %}{% abort_message('no') %}", PERSON)
    assert (made.text, made.aborted, [call.status for call in made.calls]) == ("", "no", [404])


def test_the_documents_snippet_is_rendered_in_less_than_two_milliseconds() -> None:
    world = World([{"body": (FIXTURES / "wallet_answer.json").read_text(encoding="utf-8")}])
    renderer = Renderer(ConnectedContent(world, world.clock, sleep=world.sleep))
    source = document("wallet.liquid") + "{{wallet.payload.available_points}}"
    times = []
    for _ in range(51):
        started = time.perf_counter()
        made = renderer.render(source, PERSON, variables={"endpoint_connect": "https://connect.example.com"})
        times.append(time.perf_counter() - started)
        assert made.text.endswith("100")
    assert statistics.median(times) < 0.002
