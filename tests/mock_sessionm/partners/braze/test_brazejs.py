"""Our Liquid beside brazejs, somebody else's reading of Braze: where the two differ, the reason stands beside it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mock_sessionm.partners.braze import Person, Renderer, TemplateError

NODE = Path(__file__).parents[3] / "node"
PROGRAM = shutil.which("node")

pytestmark = [
    pytest.mark.skipif(PROGRAM is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (NODE / "node_modules" / "brazejs").is_dir(),
        reason="brazejs is not installed; run npm install in tests/node",
    ),
]

FIELDS = {"first_name": "Ada", "user_id": "u-1", "language": "en"}
ATTRIBUTES = {
    "zip code": "1",
    "n": 2,
    "l": ["x", "y"],
    "o": {"a": 1, "b": {"c": "d"}},
    "name": "Zoë & Co",
    "no": False,
}

SAME = [
    "plain text",
    "Hi {{${first_name}}}, {{ ${first_name} | upcase }}",
    "{% if custom_attribute.${n} == 2 %}two{% endif %}",
    "{% if {{custom_attribute.${n}}} == 2 %}two{% endif %}",
    "{% assign v = {{custom_attribute.${n} | plus: 50}} %}{{v}}",
    "{% assign v = custom_attribute.${n} | plus: 50 %}{{v}}",
    "{{custom_attribute.${o}}}",
    "{{'hey' | md5}} {{'hey' | sha1}} {{'hey' | sha2}}",
    "{{'hey' | hmac_sha1: 'secret_key'}}",
    "{{'blah' | base64}}",
    "{{'hey<>hi' | url_escape}} {{'hey<&>hi' | url_param_escape}}",
    "{{'a b/c?d=e&f' | url_escape}} {{'a b/c?d=e&f' | url_param_escape}} {{ 'Zoë' | url_param_escape }}",
    "{{123456 | number_with_delimiter}}",
    "{{custom_attribute.${name} | json_escape}} {{'a\"b' | json_escape}}",
    "{{custom_attribute.${o} | property_accessor: 'a'}}",
    "{% raw %}{{${first_name}}}{% endraw %}",
    "{% capture c %}\n{}\n{% endcapture %}[{{c}}]",
    "{% if ${nothing} == blank %}blank{% endif %}{% if custom_attribute.${no} == blank %}blank{% endif %}",
    "[{{nothing}}]{{${nothing} | default: 'you'}}",
    "{{${first_name}}} {{- ' x' -}} y{%- if true -%} a {%- endif -%}",
    "{{ 'a,b' | split: ',' | join: '-' }}{{ custom_attribute.${l} | size }}",
    "{% comment %}x{% endcomment %}y",
    "{% case custom_attribute.${n} %}{% when 2 %}two{% else %}?{% endcase %}",
    "{% unless ${first_name} contains 'A' %}no{% else %}yes{% endunless %}",
    "{% increment i %}{% increment i %}{% cycle 'a','b' %}{% cycle 'a','b' %}",
    "{{ '2021-08-04 09:00:00 UTC' | date: '%b %d' }}",
]
DIFFERENT = [
    ("{{custom_attribute.${zip code}}}", "1", "", "it reads no name with a space; Braze's own page has this one"),
    (
        "{{custom_attribute.${o}.b.c}}",
        "d",
        "",
        "it reads no path after ${…}; Braze's pages have it",
    ),
    ("{% for i in custom_attribute.${l} %}{{i}}{% endfor %}", "xy", None, "it has no ${…} in for; Braze's page has"),
    ("{{custom_attribute.${l}}}", "xy", '["x", "y"]', "assumption list-printing: Shopify's Liquid joins"),
    (
        "{{'h' | hmac_sha1_hex: 'k'}}",
        "127799cc9b3ab050f0c6bd26be24bc5bc8d8b398",
        "h",
        "newer than its last release",
    ),
    ("{{145 | money}}", "145.00", "145", "it lacks the filter, and lets an unknown one pass"),
    ("{{1234.5678 | number_with_delimiter}}", "1,234.5678", "1,234.568", "JavaScript rounds, as its README says"),
    ("{{ -3 | abs }}", "3", "-3", "it was taken out there; Braze's page lists it today"),
    ("{{ '  a ' | lstrip }}", None, "a ", "Braze's page says that it is not supported"),
    ("{{ 'x' | unknown }}", None, "x", "an unknown filter passes there; we would rather tell"),
    ("{{ 15 | divided_by: 2 }}", "7", "7.5", "JavaScript has no whole numbers; Braze's page says 7"),
    ("{{ 1.0 }}", "1.0", "1", "the same"),
    ("{% abort_message('no') %}", "aborted: no", "no", "it ends with the reason as the text"),
    ("{% abort_message() %}", "aborted: ", "message is aborted", "it has a reason of its own"),
    ("{% liquid\nassign a = 1\necho a %}", "1", None, "of Liquid 5, which Braze has and it has not"),
    (
        "{{custom_attribute.${n} | plus: {{custom_attribute.${n}}}}}",
        None,
        "NaN}}",
        "Braze's page says it does not work",
    ),
    ("{{wallet.payload.available_points}", None, None, "both refuse it"),
]


def theirs(templates: list[str]) -> list[dict[str, Any]]:
    asked = [{"template": one, "context": {**FIELDS, "custom_attribute": ATTRIBUTES}} for one in templates]
    done = subprocess.run(  # noqa: S603  our own program
        [PROGRAM or "node", str(NODE / "render.cjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    made: list[dict[str, Any]] = json.loads(done.stdout)
    return made


def ours(template: str) -> str | None:
    try:
        made = Renderer().render(template, Person(FIELDS, ATTRIBUTES))
    except TemplateError:
        return None
    return made.text if made.aborted is None else f"aborted: {made.aborted}"


def test_both_render_the_same() -> None:
    assert [ours(template) for template in SAME] == [one.get("text") for one in theirs(SAME)]


def test_where_they_differ_it_is_as_the_reason_says() -> None:
    made = theirs([template for template, *_ in DIFFERENT])
    assert [(ours(template), one.get("text")) for (template, *_), one in zip(DIFFERENT, made, strict=True)] == [
        (mine, other) for _, mine, other, _ in DIFFERENT
    ]


def test_every_difference_has_its_reason() -> None:
    assert all(reason for *_, reason in DIFFERENT)
