import io
import json
from pathlib import Path
from typing import Any

import pytest

from scenarios.cli import main
from tests.commands import Serving

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "document_003"


@pytest.fixture
def rendered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Render a text for somebody: exit code, standard output, standard error."""

    def run(text: str | bytes, *options: str) -> tuple[int, str, str]:
        path = tmp_path / "message.liquid"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        code = main(["render", str(path), "--user", "u-1", *options])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_the_message_goes_to_standard_output_and_nothing_else(rendered: Any) -> None:
    code, out, err = rendered("Hi {{${user_id}}}")
    assert (code, out) == (0, "Hi u-1\n")
    assert "0 calls, 0 from the cache, rendered in" in err
    assert "warning: no customer of the tenant has this SessionM id" in err
    assert rendered("Hi\n")[1] == "Hi\n"


def test_the_calls_are_told_with_their_status_and_the_cache(rendered: Any) -> None:
    source = "{% connected_content {{endpoint_core}}/__admin/version %}" * 2
    _, _, err = rendered(source)
    first, second = [line for line in err.splitlines() if line.startswith("GET")]
    assert first.startswith("GET http://sessionm.localhost/__admin/version: 200 in ")
    assert second == "GET http://sessionm.localhost/__admin/version: 200 from the cache"
    assert "1 call, 1 from the cache, rendered in" in err
    assert "bound: endpoint_core\n" in err


def test_a_call_to_a_running_fake_is_a_real_one(rendered: Any) -> None:
    snippet = (FIXTURES / "wallet.liquid").read_text(encoding="utf-8")
    with Serving() as fake:
        code, out, err = rendered(snippet + "[{{wallet.status}}]", "--url", fake.url)
        journal = fake.ask("/requests?path=/offers/api/2.0/offers/get_user_offers")
    assert code == 0
    assert "[ok]" in out or "[error]" in out
    assert f"POST {fake.url}/offers/api/2.0/offers/get_user_offers: 200 in " in err
    assert isinstance(journal, dict)
    assert journal["total"] == 1


def test_an_aborted_message_is_exit_code_one_with_its_reason(rendered: Any) -> None:
    code, out, err = rendered("a{% abort_message('nothing to say') %}")
    assert (code, out) == (1, "")
    assert "aborted: nothing to say\n" in err
    assert "aborted: {% abort_message %} called" in rendered("{% abort_message() %}")[2]


def test_the_lint_warns_and_is_an_error_where_that_is_asked_for(rendered: Any) -> None:
    source = "{% connected_content https://example.com:1/get_user_offers :method post %}"
    code, _, err = rendered(source, "--audience", "501")
    assert code == 0
    assert "warning: line 1: get_user_offers answers for one person a call, and 501 people get this" in err
    assert "[sessionm.single-user-offers]" in err
    assert rendered(source, "--audience", "501", "--fail-on", "warn")[0] == 1
    assert rendered(source, "--audience", "500", "--fail-on", "warn")[0] == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "a\n{{wallet.payload.available_points} b",
            "line 2: {{wallet.payload.available_points} is closed by one brace",
        ),
        ("{% for i in (1..99999999) %}x{% endfor %}", "line 1: loop iteration limit reached"),
        ("{{ 'a' | shout }}", "line 1: unknown filter 'shout'"),
        (b"a\xff", "byte 2 is not UTF-8"),
    ],
)
def test_a_template_that_cannot_be_rendered_is_one_line(text: str | bytes, told: str, rendered: Any) -> None:
    code, out, err = rendered(text)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"message.liquid: {told}" in err


@pytest.mark.parametrize("name", ["none.liquid", "."])
def test_a_template_that_is_no_file_is_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", str(tmp_path / name), "--user", "u-1"]) == 2
    err = capsys.readouterr().err
    assert "cannot be read: " in err
    assert err.count("\n") == 1


def test_names_that_no_file_can_have_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "a\0b", "--user", "u-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_template_may_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\ufeffHi {{${user_id}}}".encode())))
    assert main(["render", "-", "--user", "u-1"]) == 0
    assert capsys.readouterr().out == "Hi u-1\n"


def test_values_are_json_where_they_can_be(rendered: Any) -> None:
    source = "{{api_trigger_properties.${a}.b[1]}} {{n | plus: 1}} {{custom_attribute.${t}}} {{event_properties.${e}}}"
    given = ["--trigger", 'a={"b":[1,2]}', "--var", "n=41", "--attribute", "t=01 a=b", "--event", "e="]
    assert rendered(source, *given)[1] == "2 42 01 a=b \n"
    assert rendered("{{context.${a}}}", "--context", "a=x")[1] == "x\n"
    assert rendered("{{${language}}}{{context.${a}}}", "--field", "language=de", "--canvas")[1] == "de\n"


@pytest.mark.parametrize("given", [["--trigger", "secret"], ["--var", "=secret"], ["--credential", "a=secret"]])
def test_a_pair_that_is_none_is_refused_without_being_shown(given: list[str], rendered: Any) -> None:
    code, out, err = rendered("x", *given)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert given[0] in err
    assert "secret" not in err


def test_a_credential_for_basic_auth_is_used_and_not_shown(rendered: Any) -> None:
    source = "{% connected_content {{endpoint_core}}/__admin/version :basic_auth c :save v %}{{v.__http_status_code__}}"
    assert rendered(source, "--credential", "c=user:hidden-pass")[1] == "200\n"
    code, out, err = rendered(source)
    assert (code, out) == (0, "\n")
    assert "there is no credential 'c'" in err


@pytest.mark.parametrize(
    ("url", "told"),
    [("http://127.0.0.1:1", "no answer from http://127.0.0.1:1"), ("ftp://x", "expected an http or https address")],
)
def test_an_address_where_nobody_is_is_one_line(url: str, told: str, rendered: Any) -> None:
    code, _, err = rendered("x", "--url", url)
    assert (code, err.count("\n")) == (2, 1)
    assert told in err


def test_a_user_must_be_named(rendered: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered("x")
    assert main(["render", str(tmp_path / "message.liquid")]) == 2
    assert "--user" in capsys.readouterr().err


def test_json_holds_all_of_it(rendered: Any) -> None:
    source = "{{endpoint_core}}{{context.${a}}}{% connected_content https://example.com:1/ %}"
    code, out, err = rendered(source, "--json")
    made = json.loads(out)
    assert (code, err) == (0, "")
    assert made["format"] == "sessionm-harness.render/1"
    assert (made["text"], made["aborted"], made["bound"]) == ("http://sessionm.localhost", None, ["endpoint_core"])
    assert made["calls"][0]["url"] == "https://example.com:1/"
    assert (made["lint"][0]["rule"], made["lint"][0]["line"]) == ("braze.campaign-reads-trigger-properties", 1)
    assert made["warnings"]
    assert set(made) == {"format", "text", "aborted", "calls", "lint", "bound", "warnings", "seconds", "waited"}


def test_what_a_message_holds_cannot_move_the_terminals_cursor_in_what_is_said_of_it(rendered: Any) -> None:
    _, _, err = rendered("{% abort_message('\x1b[2Ja') %}")
    assert "\x1b" not in err


def test_the_examples_of_the_docs_render(capsys: pytest.CaptureFixture[str]) -> None:
    folder = ROOT / "docs" / "examples" / "templates"
    tenant = str(ROOT / "docs" / "examples" / "tenant.toml")
    for path in sorted(folder.glob("*.liquid")):
        code = main(["render", str(path), "--user", "u-1", "--tenant", tenant, "--trigger", "offer_title=Free coffee"])
        assert (path.name, code) == (path.name, 0), capsys.readouterr().err
