from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from contracts import Choices
from contracts.interaction import Response
from contracts.serving import Server
from mock_sessionm import TenantSettings, create_app, world
from scenarios.cli import main
from tests.buckets import Bucket, Trouble, batches, named
from tests.commands import PROGRAM
from tests.forwarder.vendor import Vendor, batch, until


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bucket_is_forwarded_once_and_a_second_start_has_nothing_to_do(
    bucket: Bucket, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put(f"2026-01-01/{named(1)}", *batches(7, 8))
    bucket.put("mParticle_Bucket_Verification_1.txt", b"{}")
    bucket.put("notes.csv", b"a")
    assert main(["forward", bucket.source, "--url", url]) == 0
    said = capsys.readouterr()
    assert vendor.events == [("7", "visit"), ("8", "visit")]
    assert said.out.splitlines()[:2] == ["objects      read 1, foreign 1", "batches      2"]
    tried = "the file with which mParticle tries a bucket, not a batch"
    assert said.err.splitlines() == [
        f"{bucket.source}/mParticle_Bucket_Verification_1.txt: skipped: {tried}",
        f"{bucket.source}/notes.csv: foreign: its name is none of mParticle's; it is not read",
    ]
    assert main(["forward", bucket.source, "--url", url]) == 0
    assert len(vendor.events) == 2
    assert capsys.readouterr().out.splitlines()[0] == "objects      read at an earlier start 1, foreign 1"


def test_from_start_sends_again_what_was_sent_before(bucket: Bucket, vendor: Vendor, url: str) -> None:
    bucket.put(named(1), *batches(7))
    for arguments in ([], [], ["--from-start"]):
        assert main(["forward", bucket.source, "--url", url, *arguments]) == 0
    assert vendor.events == [("7", "visit")] * 2


def test_another_receiver_and_another_progress_file_begin_from_the_start(
    bucket: Bucket, vendor: Vendor, url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put(named(1), *batches(7))
    with Server(vendor) as other:
        for address in (url, other.url):
            assert main(["forward", bucket.source, "--url", address]) == 0
        assert main(["forward", bucket.source, "--url", url, "--progress", "mine"]) == 0
        assert len(vendor.events) == 3
        assert main(["forward", bucket.source, "--url", other.url, "--progress", "mine"]) == 2
    assert "is the progress of sessionm" in capsys.readouterr().err
    assert len(list((folder / ".sessionm-harness/spool").glob("sessionm-*.progress"))) == 2


def test_another_account_at_the_same_host_gets_every_batch_too_and_does_not_share_a_progress_file(
    bucket: Bucket, vendor: Vendor, url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put(named(1), *batches(7))
    for key in ("one", "two"):
        pair = f"[platforms.default]\napi_key = '{key}'\napi_secret = 's'\n"
        everything = "[data_filter]\nsend_new_data_points_by_default = true\n"
        (folder / f"{key}.toml").write_text(f"[configuration]\nhost_name = '{url}'\n{pair}{everything}")
    for key in ("one", "one", "two"):
        assert main(["forward", bucket.source, "--connection", f"{key}.toml"]) == 0
    assert len(vendor.events) == 2
    assert main(["forward", bucket.source, "--connection", "one.toml", "--progress", "shared"]) == 0
    capsys.readouterr()
    assert main(["forward", bucket.source, "--connection", "two.toml", "--progress", "shared"]) == 2
    said = capsys.readouterr().err
    assert "is the progress of sessionm" in said
    assert len(vendor.events) == 3


def test_a_dry_run_shows_what_is_left_and_settles_nothing(
    bucket: Bucket, vendor: Vendor, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.put(named(1), *batches(7), modified=1)
    assert main(["forward", bucket.source, "--url", url, "--quiet"]) == 0
    bucket.put(named(2), *batches(8), modified=2)
    for _ in range(2):
        assert main(["forward", bucket.source, "--url", url, "--dry-run", "--quiet"]) == 0
        [shown] = capsys.readouterr().out.splitlines()
        assert json.loads(shown)["requests"][0]["lane"] == "sessionm:8"
    assert vendor.events == [("7", "visit")]


def test_what_could_not_be_sent_is_sent_by_the_next_start_and_nothing_else(
    bucket: Bucket, vendor: Vendor, url: str
) -> None:
    bucket.put(named(1), batch(7, "a", "b"), batch(7, "c"), batch(8, "d"))
    vendor.trouble = [None, None, None, Response(503)]
    arguments = ["forward", bucket.source, "--url", url, "--assume", "retry-attempts=1"]
    assert main(arguments) == 1
    assert vendor.events == [("7", "a"), ("8", "d")]
    assert main(arguments) == 0
    assert vendor.events == [("7", "a"), ("8", "d"), ("7", "b"), ("7", "c")]


def test_a_host_that_goes_away_ends_the_run_and_the_next_start_reads_on(
    bucket: Bucket, vendor: Vendor, url: str
) -> None:
    bucket.put(named(1), *batches(7, 8, 9))
    vendor.trouble = [None, None, None, "reset"]
    arguments = ["forward", bucket.source, "--url", url, "--assume", "retry-attempts=1"]
    assert main(arguments) == 1
    assert vendor.events == [("7", "visit")]
    assert main(arguments) == 0
    assert vendor.events == [("7", "visit"), ("8", "visit"), ("9", "visit")]


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("{}", 3, "the sources hold no record"),
        ("{}/a/prefix", 3, "the sources hold no record"),
        ("s3://no-such-bucket", 2, "there is no such bucket"),
        ("s3://", 2, "names no bucket"),
    ],
)
def test_a_source_that_gives_nothing_is_one_line(
    bucket: Bucket, source: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forward", source.format(bucket.source)]) == code
    [line] = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_bucket_of_foreign_objects_alone_holds_no_record(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    bucket.put("notes.csv", b"a")
    assert main(["forward", bucket.source]) == 3
    assert "the sources hold no record" in capsys.readouterr().err


def test_an_object_that_cannot_be_read_makes_the_run_red_and_is_read_later(
    bucket: Bucket, vendor: Vendor, url: str
) -> None:
    bucket.put(named(1), *batches(7), modified=1)
    bucket.put(named(2), *batches(8), modified=2)
    bucket.front.trouble.append(Trouble(f"GET .*{named(1)}", "AccessDenied"))
    assert main(["forward", bucket.source, "--url", url]) == 1
    assert main(["forward", bucket.source, "--url", url]) == 0
    assert vendor.events == [("8", "visit"), ("7", "visit")]


def test_where_no_object_can_be_read_the_code_is_2(bucket: Bucket, capsys: pytest.CaptureFixture[str]) -> None:
    bucket.put(named(1), *batches(7))
    bucket.front.trouble.append(Trouble(f"GET .*{named(1)}", "AccessDenied"))
    assert main(["forward", bucket.source]) == 2
    assert "no record could be read" in capsys.readouterr().err


def test_what_aws_says_and_the_credentials_are_never_printed(
    bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.front.trouble.append(Trouble("GET ", "InvalidAccessKeyId"))
    assert main(["forward", bucket.source]) == 2
    said = capsys.readouterr()
    assert "AKIA" not in said.err + said.out
    assert "secret" not in said.err + said.out.replace("its secret", "")


def test_the_connections_bucket_and_key_are_asked_for(
    bucket: Bucket, vendor: Vendor, url: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        '[platforms.default]\napi_key = "k"\napi_secret = "s"\n[data_filter]\nsend_new_data_points_by_default = true\n'
    )
    made = folder / "connection.toml"
    made.write_text(f'{text}[madconnect]\napi_key = "right"\nbucket = "{bucket.name}"\n')
    bucket.put(named(1), batch(7, "a", api_key="right"), batch(8, "b", api_key="wrong-one"), batch(9, "c"))
    arguments = ["forward", "--connection", str(made), "--url", url]
    assert main([*arguments, bucket.source]) == 0
    assert vendor.events == [("7", "a")]
    said = capsys.readouterr()
    assert "refused" in said.out
    assert "right" not in said.out + said.err
    assert "wrong" not in said.out + said.err
    assert main([*arguments, "s3://another"]) == 2
    assert f"is not in the bucket {bucket.name}" in capsys.readouterr().err


def test_explain_says_that_another_key_refuses_all_of_a_batch_and_shows_neither(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "connection.toml").write_text('[madconnect]\napi_key = "right"\nbucket = "any"\n')
    (folder / "batch.json").write_bytes(batch(7, "a", api_key="wrong-one"))
    assert main(["explain", "batch.json", "--connection", "connection.toml", "--json"]) == 0
    said = capsys.readouterr().out
    explained = json.loads(said)
    assert {(fate["fate"], fate["rule"]) for fate in explained["fates"]} == {("refused", "madconnect.api-key")}
    assert explained["requests"] == []
    assert "right" not in said
    assert "wrong" not in said


def test_without_the_extra_the_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    assert main(["forward", "s3://any"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "pip install 'sessionm-harness[s3]'" in line


# --- killed, again and again ------------------------------------------------------------------------------

ROOT = Path(__file__).parents[3]
PEOPLE, ROUNDS = 6, 10
KILLS = 6


def test_whenever_it_is_killed_every_event_arrives_once_or_is_known_by_its_id(bucket: Bucket, folder: Path) -> None:
    expected = _filled(bucket)
    settings = TenantSettings(api_key="local-key", api_secret="local-secret", events=("visit",))
    app = create_app(settings, choices=Choices({"event-transactions": "once"}))
    chance = random.Random(4)
    with Server(app) as server:
        journal = world(app).journal
        start = [sys.executable, "-c", PROGRAM, "forward", bucket.source, "--url", server.url, "--quiet"]
        start += ["--progress", str(folder / "progress")]
        every = 2 * PEOPLE * ROUNDS
        for moment in sorted(chance.randrange(every) for _ in range(KILLS)):
            _killed(start, bucket, lambda moment=moment: len(journal.entries()) >= moment)
        ended = subprocess.run(start, env=_environment(bucket), cwd=ROOT, capture_output=True, check=False)  # noqa: S603  our own
        assert (ended.returncode, ended.stderr) == (0, b"")
    sent = [entry.interaction().request for entry in journal.entries()]
    events = Counter(
        one["transaction_id"] for request in sent if request.path.endswith("/events") for one in _events(request.body)
    )
    assert set(events) == {name for names in expected.values() for name in names}
    # Of the requests of a batch, the one that was under way is sent once more for each kill, and no other is.
    bodies = Counter((one.method, one.path, one.body) for one in sent if not one.path.endswith("/users"))
    assert sum(bodies.values()) - len(bodies) <= KILLS
    customers = world(app).tenants["local-key"].customers
    assert len(customers) == PEOPLE
    for mpid, names in expected.items():
        person = customers.by_external(str(mpid))
        assert person is not None
        assert [event["transaction_id"] for event in person.events] == names


def _filled(bucket: Bucket) -> dict[int, list[str]]:
    """Objects of several batches, some packed; the ids of each person's events, in their order."""
    expected: dict[int, list[str]] = {mpid: [] for mpid in range(1, PEOPLE + 1)}
    for number in range(ROUNDS):
        made = []
        for mpid, names in expected.items():
            names.append(f"{mpid}-{number}")
            data = {"event_name": "visit", "custom_event_type": "other", "source_message_id": names[-1]}
            body = {
                "mpid": mpid,
                "source_request_id": f"r{number}",
                "user_identities": {"customer_id": f"c{mpid}"},
                "user_attributes": {"visits": str(number)},
                "events": [{"event_type": "custom_event", "data": data}],
            }
            made.append(orjson.dumps(body))
        bucket.put(named(number), *made, packed=bool(number % 2), modified=number)
    return expected


def _events(body: bytes) -> Sequence[dict[str, str]]:
    return list(orjson.loads(body)["events"].values())


def _environment(bucket: Bucket) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], **bucket.environment}


def _killed(start: list[str], bucket: Bucket, when: object) -> None:
    """Start the command and kill it as soon as `when()` is so, unless it ended before."""
    process = subprocess.Popen(  # noqa: S603  our own program
        start, env=_environment(bucket), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert callable(when)
    until(lambda: when() or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    _, said = process.communicate()
    assert said == b""
    assert process.returncode in {0, -signal.SIGKILL}
