"""`probe`: nothing is sent that was not asked for; what is found is written down, and taken up again."""

import dataclasses
import json
import shlex
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contracts import Choices, Request, Response, assumptions
from contracts.observed import load
from contracts.probing import questions
from contracts.serving import Server
from contracts.transport import HttpTransport
from mock_sessionm import Clock, World, create_app, load_tenant, world
from scenarios.cli import main, probe
from scenarios.probing.setting_up import toml
from tests.scenarios.probing.account import CONNECT, CORE, SECRETS

CHOSEN = {
    "undefined-event": "stored",
    "validation-status": "422",
    "connect-user-id": "any-id",
    "message-email": "recipient",
    "pos-pending": "one-second",
    "reinstate-expired": "refused",
    "sync-user-id": "external-id",
}
"""Choices of the fake that is asked, all other than the register's."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@dataclass
class Asked:
    """A fake on a real port with a tenant file for it, in a folder of its own."""

    url: str
    world: World
    receiver: str
    capsys: pytest.CaptureFixture[str]

    def probe(self, line: str, *, url: str | None = None) -> int:
        return main(["probe", "--host", url or self.url, "--tenant", "tenant.toml", *shlex.split(line)])

    def said(self) -> tuple[str, str]:
        captured = self.capsys.readouterr()
        return captured.out, captured.err


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, World, Path, str]]:
    receiver = f"127.0.0.1:{free_port()}"
    path = tmp_path_factory.mktemp("probed") / "tenant.toml"
    own = [
        *("[core]", *(f'{name} = "{value}"' for name, value in CORE.items())),
        *("[connect]", *(f'{name} = "{value}"' for name, value in CONNECT.items())),
    ]
    path.write_text("\n".join([*own, *toml(questions().values(), f"http://{receiver}")]), encoding="utf-8")
    app = create_app(load_tenant(path), choices=Choices(CHOSEN))
    with Server(app) as server:
        yield server.url, world(app), path, receiver


@pytest.fixture
def asked(
    served: tuple[str, World, Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Asked:
    url, there, path, receiver = served
    (tmp_path / "tenant.toml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    there.reset(["state", "journal", "clock"])
    return Asked(url, there, receiver, capsys)


def tenant(asked: Asked) -> Any:
    return asked.world.tenants[CORE["api_key"]]


def test_without_yes_every_request_is_shown_and_none_is_sent(asked: Asked) -> None:
    assert asked.probe("--seed 1 --changes-tenant --receiver " + asked.receiver) == 0
    out, err = asked.said()
    assert asked.world.journal.entries() == []
    assert not Path("observations.yaml").exists()
    assert out.rstrip().endswith("requests to 127.0.0.1; nothing was sent; add --yes")
    assert [name for name in questions() if f"\n{name}  " not in f"\n{out}"] == []
    assert [secret for secret in (*SECRETS, CONNECT["retailer_id"]) if secret in out + err] == []


def test_a_round_on_a_real_port_finds_the_choices_and_takes_up_what_was_pending(asked: Asked) -> None:
    only = " ".join(f"--only {name}" for name in CHOSEN)
    line = f"--yes --seed 1 --settle 0 --changes-tenant --receiver {asked.receiver} {only}"
    assert asked.probe(line) == 1  # they are not what is assumed
    out, err = asked.said()
    found = load(Path("observations.yaml"))
    now = {name: choice for name, choice in CHOSEN.items() if name not in {"reinstate-expired", "sync-user-id"}}
    assert found.choices == now
    assert set(found.pending) == {"reinstate-expired", "sync-user-id"}
    assert "not as it held so far: undefined-event is stored, not refused" in out
    assert "7 questions to 127.0.0.1: 5 observed, 2 pending (seed 1)" in out
    assert err == ""
    assert len(tenant(asked).customers) == 2  # who waits for the rest

    [path] = Path().glob("*.csv")
    assert main(["tags", "import", str(path), "--url", asked.url, "--tenant", "tenant.toml"]) == 0
    tenant(asked).clock.advance("3d")
    waiting = found.pending["reinstate-expired"]
    text = Path("observations.yaml").read_text(encoding="utf-8")
    text = text.replace(waiting.written(waiting.due), waiting.written(waiting.since))  # the tenant's clock was moved
    Path("observations.yaml").write_text(text, encoding="utf-8")
    assert asked.probe(f"--yes --settle 0 --resume {only}") == 1
    assert load(Path("observations.yaml")).choices == CHOSEN
    assert load(Path("observations.yaml")).pending == {}
    assert len(tenant(asked).customers) == 0
    text = out + Path("observations.yaml").read_text(encoding="utf-8")
    assert [secret for secret in (*SECRETS, CONNECT["retailer_id"]) if secret in text] == []

    # Now that they were observed, the same answers are no news.
    assert asked.probe("--yes --settle 0 --only validation-status --only connect-user-id") == 0
    assert "= 422, as observed before" in asked.said()[0]


def test_one_round_and_its_resumption_find_every_choice_that_is_not_the_registers(
    served: tuple[str, World, Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The whole command over HTTP, receiver included; the fake's clock is moved where the probe would wait."""
    receiver, path = served[3], tmp_path / "tenant.toml"
    path.write_text(served[2].read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    # One user offer with a quantity would be issued whole or not at all: then there is nothing to tell of parts.
    other = {name: list(one.decides)[-1] for name, one in questions().items() if name != "issue-quantity"}
    app = create_app(load_tenant(path), clock=Clock(1_781_000_000, frozen=True), choices=Choices(other))
    there = next(iter(world(app).tenants.values()))
    made = probe._asking

    def asking(*given: Any) -> Any:
        return dataclasses.replace(made(*given), clock=there.clock.now, pause=there.clock.advance)

    monkeypatch.setattr(probe, "_asking", asking)
    with Server(app) as server:
        found = Asked(server.url, world(app), receiver, capsys)
        assert found.probe(f"--yes --seed 1 --changes-tenant --receiver {receiver}") == 1
        assert len(load(Path("observations.yaml")).pending) == 5
        for file in Path().glob("*.csv"):
            key = file.read_text(encoding="utf-8").partition(",")[0]
            how = ["--lookup-key", key, "--url", server.url, "--tenant", "tenant.toml"]
            main(["tags", "import", str(file), *how])
        there.clock.advance("2d")
        assert found.probe(f"--yes --resume --receiver {receiver}") == 1
    assert load(Path("observations.yaml")).choices == {"issue-quantity": "one-each", **other}
    assert len(there.customers) == 0


def test_what_is_found_is_told_to_other_tools_as_well(asked: Asked) -> None:
    assert asked.probe("--yes --seed 3 --json --only validation-status --only message-email") == 1
    out, err = asked.said()
    told = json.loads(out)
    assert told["format"] == "sessionm-harness.probe/1"
    assert (told["host"], told["seed"], told["not_deleted"]) == ("127.0.0.1", 3, [])
    first, second = told["questions"]
    assert first == {
        "id": "validation-status",
        "state": "observed",
        "choice": "422",
        "expected": "200",
        "because": ["create: status 422"],
        "why": "",
    }
    assert (second["state"], second["choice"]) == ("skipped", None)
    assert "POST /priv/v1/apps/{api_key}/users" in err


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "--only undefined-event",
            "it may define an event, under a name that is used once; --changes-tenant allows that",
        ),
        ("--only message-email", "only a receiver of SessionM's calls can see it; --receiver HOST:PORT is one"),
        ("--only tag-answer --resume", "nothing of it is pending"),
    ],
)
def test_what_is_not_asked_says_why_and_a_round_without_a_question_is_3(line: str, why: str, asked: Asked) -> None:
    assert asked.probe(f"--yes {line}") == 3
    assert why in asked.said()[0]
    assert asked.world.journal.entries() == []
    assert not Path("observations.yaml").exists()


def test_what_the_tenant_file_lacks_is_named(asked: Asked) -> None:
    Path("tenant.toml").write_text('[core]\napi_key = "a"\napi_secret = "b"\n', encoding="utf-8")
    assert asked.probe("--yes --only force-spend") == 3
    assert "force-spend: skipped, --tenant has no [connect] with key, secret, retailer_id" in asked.said()[0]
    Path("tenant.toml").write_text(
        '[connect]\nkey = "a"\nsecret = "b"\nretailer_id = "00000000-0000-4000-8000-000000000001"\n', encoding="utf-8"
    )
    assert asked.probe("--yes --only force-spend") == 3
    assert (
        "--tenant lacks probe_points in [[point_accounts]]; "
        "`sessionm-harness probe --needs --only force-spend` prints all of it"
    ) in asked.said()[0]


def test_a_question_that_is_pending_is_not_begun_anew(asked: Asked) -> None:
    assert asked.probe("--yes --settle 0 --only sync-user-id") == 0
    assert asked.probe("--yes --settle 0 --only sync-user-id") == 3
    assert "--resume takes it up" in asked.said()[0]
    assert len(tenant(asked).customers) == 1


def test_resuming_asks_only_what_is_pending_and_says_where_nothing_is(asked: Asked) -> None:
    assert asked.probe("--yes --resume") == 3
    assert asked.said()[0] == "nothing is pending in observations.yaml\n"
    assert asked.probe("--yes --settle 0 --only sync-user-id --only tag-answer") == 0
    asked.said()
    assert asked.probe("--yes --settle 0 --resume") == 0
    out, _ = asked.said()
    assert "  = pending: what was to be done by hand is not there yet" in out
    assert "1 question to 127.0.0.1: 1 pending" in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "--host http://sessionm.example",
            "--host sessionm.example: is not this machine; if that is the tenant, add --production sessionm.example",
        ),
        (
            "--host http://sessionm.example --production sessionm.example.com",
            "--production sessionm.example.com: is not the host of --host, which is sessionm.example",
        ),
        (
            "--host http://ada:secret@127.0.0.1",
            "--host 127.0.0.1: holds a user or a password; those stand in --tenant FILE",
        ),
        (
            "--host http://127.0.0.1/api",
            "--host 127.0.0.1: is more than an address; leave out what follows the host and its port",
        ),
        ("--host ftp://127.0.0.1", "--host ftp://127.0.0.1: expected an http or https address"),
        ("--tenant nowhere.toml", "nowhere.toml: cannot be read"),
        ("--only tag-anser", "--only tag-anser: no assumption has this id; did you mean 'tag-answer'?"),
        (
            "--only mpid-field",
            "--only mpid-field: mparticle owns it, and no tenant of SessionM could answer; experiment: Forward a user",
        ),
        ("--receiver 8650", "--receiver 8650: expected HOST:PORT, such as 127.0.0.1:8650"),
        ("--receiver 127.0.0.1:0", "--receiver 127.0.0.1:0: expected HOST:PORT"),
        (
            "--observations nowhere/o.yaml",
            "nowhere/o.yaml: cannot be written: No such file or directory; name another place",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line_and_nothing_is_sent(line: str, says: str, asked: Asked) -> None:
    assert asked.probe(f"--yes --only tag-answer {line}") == 2
    out, err = asked.said()
    assert err.startswith(f"sessionm-harness: {says}"), err
    assert err.count("\n") == 1
    assert out == ""
    assert asked.world.journal.entries() == []


@pytest.mark.parametrize("missing", ["--host", "--tenant"])
def test_what_is_missing_is_named(missing: str, asked: Asked) -> None:
    given = {"--host": asked.url, "--tenant": "tenant.toml"}
    del given[missing]
    assert main(["probe", "--yes", *(part for pair in given.items() for part in pair)]) == 2
    assert asked.said()[1].startswith(f"sessionm-harness: {missing} is missing: ")


def test_a_wrong_credential_is_one_line_and_what_was_found_before_is_kept(asked: Asked) -> None:
    text = Path("tenant.toml").read_text(encoding="utf-8")
    Path("tenant.toml").write_text(text.replace(CONNECT["secret"], "wrong"), encoding="utf-8")
    assert asked.probe("--yes --only validation-status --only connect-error-status --only tag-answer") == 2
    _, err = asked.said()
    assert err == (
        "sessionm-harness: --host 127.0.0.1: getUserOffers: HTTP 401; "
        "are key and secret in [connect] of --tenant the right ones?\n"
    )
    assert load(Path("observations.yaml")).choices == {"validation-status": "422", "tag-answer": "by-name"}


def test_nobody_at_the_address_is_one_line(asked: Asked) -> None:
    assert asked.probe("--yes --only tag-answer", url=f"http://127.0.0.1:{free_port()}") == 2
    _, err = asked.said()
    assert err.startswith("sessionm-harness: --host 127.0.0.1: no answer from http://127.0.0.1:")
    assert err.endswith("is --host the address of the tenant?\n")


def test_a_website_is_one_line(asked: Asked) -> None:
    def website(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Welcome</html>"]

    with Server(website) as server:
        assert asked.probe("--yes --only tag-answer", url=server.url) == 2
    assert "HTTP 200 with text/html, not JSON" in asked.said()[1]


def test_observations_of_another_host_are_not_mixed_in(asked: Asked) -> None:
    Path("observations.yaml").write_text(
        "format: sessionm-harness.observations/1\nhost: api.example.com\n", encoding="utf-8"
    )
    assert asked.probe("--yes --only tag-answer") == 2
    assert asked.said()[1] == (
        "sessionm-harness: observations.yaml: is about api.example.com, not about 127.0.0.1; "
        "name another file with --observations\n"
    )


def test_a_port_of_the_receiver_that_is_taken_is_one_line(asked: Asked) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert asked.probe(f"--yes --only message-email --receiver 127.0.0.1:{taken.getsockname()[1]}") == 2
    assert asked.said()[1].startswith("sessionm-harness: cannot listen on 127.0.0.1:")


def test_ctrl_c_keeps_what_was_found(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = HttpTransport.send

    def interrupted(door: HttpTransport, request: Request) -> Response:
        if "deposit" in request.target:
            raise KeyboardInterrupt
        return sent(door, request)

    monkeypatch.setattr(HttpTransport, "send", interrupted)
    assert asked.probe("--yes --settle 0 --only validation-status --only history-order") == 130
    assert load(Path("observations.yaml")).choices == {"validation-status": "422"}
    assert asked.said()[1].endswith("sessionm-harness: interrupted\n")
    assert len(tenant(asked).customers) == 0


def test_the_list_has_every_assumption_with_a_question_or_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" = ")[0] for line in lines if " = " in line and not line.startswith(" ")] == [
        *questions(),
        *(name for name in assumptions() if name not in questions()),
    ]
    assert sum(line.startswith("    not asked here, it is mparticle's; experiment: ") for line in lines) > 10


def test_what_is_needed_starts_a_fake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "--needs", "--only", "message-email", "--receiver", "127.0.0.1:9000"]) == 0
    path = tmp_path / "needs.toml"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    settings = load_tenant(path)
    assert settings.tables["message_variants"][0]["endpoint"] == "http://127.0.0.1:9000"
    app = create_app(settings, clock=Clock(0, frozen=True))
    assert list(world(app).tenants) == ["local-key"]
