from base64 import b64decode
from pathlib import Path

import pytest

from contracts.serving import Server
from contracts.transport import Lost
from mock_sessionm import NoMessage, create_app, load_tenant
from mock_sessionm.partners.braze import Bindings, TemplateError
from scenarios.rendered_message import EMBEDDED, Wanted, rendered_message

FIXTURES = Path(__file__).parents[1] / "fixtures" / "document_003"
ADA = "0a1b2c3d-0000-4000-8000-000000000001"
TENANT = f"""
[core]
api_key = "key-of-the-tenant"
api_secret = "secret-of-the-tenant"
[connect]
key = "connect-key"
secret = "connect-secret"
retailer_id = "00000000-0000-4000-8000-00000000000f"
[[users]]
id = "{ADA}"
user = {{ external_id = "1001", email = "ada@example.com", first_name = "Ada", locale = "de-DE" }}
"""


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.toml"
    path.write_text(TENANT, encoding="utf-8")
    return path


def test_the_documents_snippet_finds_the_wallet_of_the_embedded_fake(tenant: Path) -> None:
    source = (FIXTURES / "wallet.liquid").read_text(encoding="utf-8") + "{{wallet.payload.user_id}}"
    made = rendered_message(Wanted(source, ADA, tenant=tenant))
    assert made.rendered.text.strip() == ADA
    assert [(call.method, call.status, call.why) for call in made.rendered.calls] == [("POST", 200, "")]
    assert made.bound == ("endpoint_connect", "YOUR-RETAIL-ID", "YOUR-BASE64-ENCODED-KEY")
    assert (made.warnings, made.findings) == ((), ())


def test_and_of_a_fake_that_runs_over_real_http(tenant: Path) -> None:
    source = (FIXTURES / "wallet.liquid").read_text(encoding="utf-8") + "{{wallet.payload.user_id}}"
    with Server(create_app(load_tenant(tenant))) as server:
        made = rendered_message(Wanted(source, ADA, url=server.url, tenant=tenant))
    assert made.rendered.text.strip() == ADA
    assert made.rendered.calls[0].url == f"{server.url}/offers/api/2.0/offers/get_user_offers"


def test_any_other_endpoint_of_connect_works_as_well(tenant: Path) -> None:
    source = """{% capture body %}{"retailer_id":"YOUR-RETAIL-ID","user_id":"{{${user_id}}}"}{% endcapture -%}
{% connected_content {{endpoint_connect}}/incentives/api/1.0/user_points/all_balances :method post
:headers {"Content-Type": "application/json", "Authorization": "Basic YOUR-BASE64-ENCODED-KEY"}
:body {{body}} :save points %}{{points.status}}"""
    assert rendered_message(Wanted(source, ADA, tenant=tenant)).rendered.text == "ok"


def test_nobody_at_the_address_is_said_so(tenant: Path) -> None:
    with pytest.raises(Lost, match="no answer from http://127"):
        rendered_message(Wanted("x", ADA, url="http://127.0.0.1:1", tenant=tenant))


def test_a_person_is_known_by_sessionms_id_and_nothing_else(tenant: Path) -> None:
    source = "{{${user_id}}} {{${first_name}}} {{${email_address}}} {{${language}}}"
    made = rendered_message(Wanted(source, ADA, tenant=tenant))
    assert (made.rendered.text, made.warnings) == (f"{ADA} Ada ada@example.com de", ())
    made = rendered_message(Wanted(source, "1001", tenant=tenant))
    assert made.rendered.text == "1001   "
    assert "external id or an email" in made.warnings[0]
    made = rendered_message(Wanted(source, "a/b?c", tenant=tenant))
    assert "no customer of the tenant" in made.warnings[0]


def test_fields_that_are_given_go_over_those_that_are_known(tenant: Path) -> None:
    source = "{{${first_name}}}{{custom_attribute.${n}}}"
    wanted = Wanted(source, ADA, tenant=tenant, fields={"first_name": "Bob"}, attributes={"n": 1})
    assert rendered_message(wanted).rendered.text == "Bob1"


@pytest.mark.parametrize("key", ["appkey_core", "apikey_core", "core_apikey"])
def test_the_placeholders_of_the_page_have_the_tenants_settings(key: str, tenant: Path) -> None:
    source = "{{endpoint_core}}/{{" + key + "}}"
    assert rendered_message(Wanted(source, ADA, tenant=tenant)).rendered.text == f"{EMBEDDED}/{{appkey_core}}"


def test_bindings_are_basic_pairs_of_core_and_connect(tenant: Path) -> None:
    made = Bindings.of(load_tenant(tenant), "https://x")
    assert b64decode(str(made.variables["base64_encoded_string"])) == b"key-of-the-tenant:secret-of-the-tenant"
    assert b64decode(made.words["YOUR-ENCODED-STRING-KEY"]) == b"key-of-the-tenant:secret-of-the-tenant"
    assert b64decode(made.words["YOUR-BASE64-ENCODED-KEY"]) == b"connect-key:connect-secret"
    assert made.words["YOUR-RETAIL-ID"] == "00000000-0000-4000-8000-00000000000f"


def test_no_secret_is_shown_wherever_a_template_puts_it(tenant: Path) -> None:
    source = (
        "{% capture key %}{{appkey_core}}{% endcapture %}Basic {{base64_encoded_string}} YOUR-BASE64-ENCODED-KEY "
        "{% connected_content {{endpoint_core}}/priv/v1/apps/{{key}}/users/1?a={{base64_encoded_string}} %}"
    )
    made = repr(rendered_message(Wanted(source, ADA, tenant=tenant)))
    bindings = Bindings.of(load_tenant(tenant), "")
    assert not any(secret in made for secret in bindings.secrets.values())
    made = repr(
        rendered_message(Wanted(source.replace("capture key %}", "capture key %}{% abort_message('x') %}"), ADA))
    )
    assert "local-key" not in made


def test_a_short_secret_is_not_looked_for() -> None:
    assert Bindings(secrets={"a": "12345", "b": "123456"}).hidden("12345 123456") == "12345 {b}"


def test_what_is_given_goes_over_what_the_tenant_says(tenant: Path) -> None:
    wanted = Wanted("{{endpoint_core}}{{n}}", ADA, tenant=tenant, variables={"endpoint_core": "https://x", "n": [1]})
    assert rendered_message(wanted).rendered.text == "https://x1"


def test_a_canvas_is_one_by_its_flag_or_its_context(tenant: Path) -> None:
    source = "[{{api_trigger_properties.${a}}}{{context.${a}}}]"
    for given, text, rules in (
        ({"trigger": {"a": 1}}, "[1]", ["braze.campaign-reads-trigger-properties"]),
        ({"context": {"a": 2}}, "[2]", ["braze.canvas-reads-context"]),
        ({"trigger": {"a": 1}, "canvas": True}, "[]", ["braze.canvas-reads-context"]),
    ):
        made = rendered_message(Wanted(source, ADA, tenant=tenant, **given))
        assert (made.rendered.text, [one.rule for one in made.findings]) == (text, rules)


def test_the_lint_knows_what_is_sent_only_where_something_is(tenant: Path) -> None:
    source = "{{api_trigger_properties.${offerid}}}"
    assert rendered_message(Wanted(source, ADA, tenant=tenant)).findings == ()
    (one,) = rendered_message(Wanted(source, ADA, tenant=tenant, trigger={"offer_id": 1})).findings
    assert one.nearest == "offer_id"


def test_a_choice_holds_for_template_and_fake(tenant: Path) -> None:
    source = "{{custom_attribute.${l}}}"
    wanted = Wanted(source, ADA, tenant=tenant, attributes={"l": [1, 2]}, assume={"list-printing": "inspected"})
    assert rendered_message(wanted).rendered.text == "[1, 2]"


def test_retries_are_not_waited_for_and_counted(tenant: Path) -> None:
    source = "{% connected_content http://127.0.0.1:1/ :retry %}"
    made = rendered_message(Wanted(source, ADA, tenant=tenant, allowed=("127.0.0.1:1",)))
    assert (made.rendered.aborted, made.waited) == ("Connected Content failed 5 retries of http://127.0.0.1:1/", 31)


def test_a_template_that_is_wrong_is_an_error(tenant: Path) -> None:
    with pytest.raises(TemplateError, match="line 1"):
        rendered_message(Wanted("{{", ADA, tenant=tenant))


def test_nobody_but_the_fake_is_called_unless_the_host_is_named() -> None:
    source = "{% connected_content https://domains.example/offers :save w %}[{{w}}]"
    made = rendered_message(Wanted(source=source, user="u"))
    (call,) = made.rendered.calls
    assert made.rendered.text == "[]"
    assert "--allow domains.example" in call.why


def test_with_a_campaign_named_the_lint_knows_what_its_template_sends(tmp_path: Path) -> None:
    tenant = tmp_path / "tenant.toml"
    tenant.write_text(
        """
[[message_variants]]
name = "Braze"
groups = ["offer"]

[[campaigns]]
id = "c"
trigger = { event = "e" }
outcomes = [{ message = "Braze" }]
advanced_settings = { braze_campaign_id = "b" }

[[campaigns]]
id = "unset"
trigger = { event = "e" }
outcomes = [{ message = "Braze" }]

[[campaigns]]
id = "silent"
trigger = { event = "e" }
outcomes = [{ points = 1 }]
""",
        encoding="utf-8",
    )
    source = "{{api_trigger_properties.${offer_titel}}}"
    made = rendered_message(Wanted(source=source, user="u", tenant=tenant, campaign="c"))
    (finding,) = made.findings
    assert (finding.rule, finding.nearest) == ("braze.trigger-property-sent", "offer_title")
    for unknown, part in (
        ("d", "there is c, unset, silent"),
        ("silent", "sends no message"),
        ("unset", "have no braze_campaign_id"),
    ):
        with pytest.raises(NoMessage, match=part):
            rendered_message(Wanted(source=source, user="u", tenant=tenant, campaign=unknown))
