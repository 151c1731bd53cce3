from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.cli import main
from tests.commands import Serving

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
MESSAGE = str(EXAMPLES / "webhook.toml")
USERS = str(EXAMPLES / "braze_users.json")
TENANT = str(EXAMPLES / "loyalty.toml")


def test_the_example_of_the_docs_reaches_everybody_in_its_audience(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhook", MESSAGE, "--users", USERS, "--tenant", TENANT, "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert "2 calls for 3 users (seed 3)" in out
    assert "received       2" in out
    assert "tag braze_test: 2 users, for 2592000 s" in out
    assert err == "bound: endpoint_core, appkey_core, YOUR-ENCODED-STRING-KEY\n"
    assert "local-secret" not in out


def test_users_whom_sessionm_does_not_know_are_failures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhook", MESSAGE, "--users", USERS, "--seed", "3"]) == 1
    assert "user_not_found" in capsys.readouterr().out


def test_the_same_for_other_tools_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["webhook", MESSAGE, "--users", USERS, "--tenant", TENANT, "--seed", "3", "--json"])
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert err == ""
    assert (told["format"], told["seed"]) == ("sessionm-harness.webhook/1", 3)
    assert told["counts"] == {"received": 2, "aborted": 0, "failed": 0}
    assert told["tags"] == [{"tag": "braze_test", "users": 2, "ttl": [2_592_000, 2_592_000]}]
    assert "11111111" not in out


def test_nobody_in_the_audience_is_nothing_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "users.json").write_text('[{"external_id": "a"}]', encoding="utf-8")
    assert main(["webhook", MESSAGE, "--users", str(tmp_path / "users.json")]) == 3
    assert "nobody is in the audience" in capsys.readouterr().err


def test_a_placeholder_can_be_bound_by_hand_and_a_choice_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.toml").write_text(
        '[webhook]\nurl = "{{endpoint_core}}/priv/v1/apps/{{appkey_core}}/users/{{${user_id}}}/tags"\n'
        'body = \'{"tags": ["{{tag}}"], "ttl": 0}\'\n[webhook.headers]\nContent-Type = "application/json"\n'
        'Authorization = "Basic {{base64_encoded_string}}"\n',
        encoding="utf-8",
    )
    arguments = ["webhook", str(tmp_path / "m.toml"), "--users", USERS, "--tenant", TENANT, "--var", "tag=gold"]
    main([*arguments, "--json"])
    assert json.loads(capsys.readouterr().out)["users"][0]["code"] == "validation"
    main([*arguments, "--json", "--assume", "tag-ttl-zero=expires-now"])
    assert json.loads(capsys.readouterr().out)["users"][0]["code"] == ""


@pytest.mark.parametrize(
    ("message", "users", "says"),
    [
        ("none.toml", "", "none.toml: cannot be read"),
        ("", "none.json", "none.json: cannot be read"),
        ("[webhook]\n", "", "missing required setting webhook.url"),
        ("[webhook]\nurl = '{% if %}'\n", "", "line 1"),
        ("", "[5]", "a user is an object"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    message: str, users: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("m.toml", message), ("u.json", users)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    first = MESSAGE if not message else str(tmp_path / ("none.toml" if message == "none.toml" else "m.toml"))
    second = USERS if not users else str(tmp_path / ("none.json" if users == "none.json" else "u.json"))
    assert main(["webhook", first, "--users", second]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.splitlines()) == 1


def test_an_address_where_nobody_is_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["webhook", MESSAGE, "--users", USERS, "--url", "http://127.0.0.1:1"]) == 2
    assert "sessionm-harness serve" in capsys.readouterr().err
    assert main(["webhook", MESSAGE, "--users", USERS, "--url", "nowhere"]) == 2


def test_a_running_fake_is_sent_to_over_http_and_its_clock_is_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Serving() as fake:
        before = fake.ask("/clock?tenant=local-key")
        made = fake._transport.send(_create(fake))
        id_ = made.json()["user"]["id"]  # type: ignore[call-overload,index]
        (tmp_path / "users.json").write_text(json.dumps([{"external_id": id_}]), encoding="utf-8")
        (tmp_path / "m.toml").write_text(
            Path(MESSAGE).read_text("utf-8").partition("[schedule]")[0]
            + '[schedule]\nevery = "10d"\ntimes = 2\nre_eligible = true\n',
            encoding="utf-8",
        )
        code = main(["webhook", str(tmp_path / "m.toml"), "--users", str(tmp_path / "users.json"), "--url", fake.url])
        out = capsys.readouterr().out
        after = fake.ask("/clock?tenant=local-key")
    assert code == 0, out
    assert "2 calls for 1 user " in out
    assert "tag braze_test: 1 user, for 2592000 s" in out
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert str(after["now"]) > str(before["now"])


def _create(fake: Serving):  # type: ignore[no-untyped-def]
    from base64 import b64encode

    from contracts import Request

    pair = b64encode(f"{fake.announced['api_key']}:{fake.announced['api_secret']}".encode()).decode()
    path = f"/priv/v1/apps/{fake.announced['api_key']}/users"
    headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}
    return Request("POST", path, headers, b'{"user": {"external_id": "e"}}')
