"""What is written is read again as it was; a file that breaks off is read up to there."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import Interaction, Request, Response
from forwarder import Batch
from scenarios.recordings.opening import entries, read_recording
from scenarios.recordings.recorded import Bad, Recorded, RecordedBatch, RecordingError
from scenarios.recordings.writing import BatchWriter, HarWriter

BIG = 2**63 - 1


def recorded(number: int = 1, body: bytes = b'{"n": 9223372036854775807}', **parts: Any) -> Recorded:
    request = Request("POST", f"/users/{number}%2F1?a=%20", {"content-type": "application/json"}, body)
    one = Interaction(number, 1767225600.123456, "", "", "", request, Response(200, {}, b"{}"))
    return Recorded("", one, "https://api.example.com", **parts)


@pytest.mark.parametrize("name", ["it.har", "it.har.gz", "it"])
def test_interactions_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    lost = Recorded("", Interaction(2, 0.0, "t", "", "createUser", Request("GET", "/"), None), "http://x", frozenset())
    missing = recorded(3, b"", missing=frozenset({"request body"}))
    with HarWriter(tmp_path / name) as writer:
        for one in (recorded(), lost, missing):
            writer.write(one)
    found = read_recording(tmp_path / name)
    assert [one.interaction for one in found.interactions] == [one.interaction for one in (recorded(), lost, missing)]
    assert [one.missing for one in found.interactions] == [frozenset(), frozenset(), {"request body"}]
    assert (writer.count, found.bad, found.interactions[0].origin) == (3, (), "https://api.example.com")


def test_a_har_is_whole_json_even_when_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "it.har"

    def interrupted() -> None:
        with HarWriter(path) as writer:
            writer.write(recorded(), seconds=0.25, comment="slow")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    log = json.loads(path.read_text())["log"]
    (entry,) = log["entries"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "sessionm-harness")
    assert (entry["time"], entry["timings"]["wait"], entry["comment"]) == (250, 250, "slow")
    with HarWriter(path):
        pass
    assert json.loads(path.read_text())["log"]["entries"] == []


@pytest.mark.parametrize("name", ["it.har", "it.har.gz"])
def test_what_was_flushed_before_a_kill_is_read(name: str, tmp_path: Path) -> None:
    with HarWriter(tmp_path / name) as writer:
        writer.write(recorded(1))
        writer.write(recorded(2))
        writer.flush()
        (tmp_path / "killed.har").write_bytes((tmp_path / name).read_bytes())
    found = list(entries([str(tmp_path / "killed.har")]))
    assert [one.interaction.number for one in found if isinstance(one, Recorded)] == [1, 2]
    (bad,) = [one for one in found if isinstance(one, Bad)]
    assert "cut short" in bad.why


@pytest.mark.parametrize("name", ["it.ndjson", "it.ndjson.gz"])
def test_batches_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    body = {"mpid": str(BIG), "user_attributes": {"a": BIG, "é": "☃", "huge": 10**30}, "events": []}
    with BatchWriter(tmp_path / name) as writer:
        writer.write(Batch.from_json(body))
        writer.write(RecordedBatch("", Batch.from_json(body)))
        writer.write(body)
    assert [one.batch.body for one in read_recording(tmp_path / name).batches] == [body] * 3
    assert writer.count == 3


def test_a_line_is_written_unchanged(tmp_path: Path) -> None:
    line = b'{"mpid": 1,  "a": 1.0, "a": 2, "events": []}'
    with BatchWriter(tmp_path / "it") as writer:
        writer.write(line + b"\r\n")
    assert (tmp_path / "it").read_bytes() == line + b"\n"


def test_the_same_records_make_the_same_file(tmp_path: Path) -> None:
    for name in ("a.har.gz", "b.har.gz"):
        with HarWriter(tmp_path / name) as writer:
            writer.write(recorded())
    assert (tmp_path / "a.har.gz").read_bytes() == (tmp_path / "b.har.gz").read_bytes()


def test_no_credential_is_written(tmp_path: Path) -> None:
    headers = {"authorization": "Basic eDp5", "cookie": "a=heim"}
    request = Request("POST", "/priv/v1/apps/geheim/users", headers, b'{"api_key": "geheim"}')
    with HarWriter(tmp_path / "it.har") as writer:
        writer.write(Recorded("", Interaction(1, 0, "", "", "", request, None), "http://x"))
    with BatchWriter(tmp_path / "it.ndjson") as lines:
        lines.write({"mpid": 1, "api_key": "geheim"})
    written = (tmp_path / "it.har").read_text() + (tmp_path / "it.ndjson").read_text()
    assert "heim" not in written
    assert "eDp5" not in written
    assert (writer.masker.count, lines.masker.count) == (4, 1)


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"nowhere/it\.har: cannot be written: No such file"):
        HarWriter(tmp_path / "nowhere" / "it.har").__enter__()


names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=8).map(lambda name: f"n-{name}-n")
values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(str.strip)
bodies = st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode), st.just(gzip.compress(b"x", mtime=0)))
requests = st.builds(
    Request,
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#?\\"), max_size=20).map(
        "/a{}".format
    ),
    st.dictionaries(names, values, max_size=3),
    bodies,
)
responses = st.builds(Response, st.integers(200, 599), st.dictionaries(names, values, max_size=3), bodies)


@given(st.lists(st.tuples(requests, st.none() | responses, st.integers(0, 4 * 10**12)), max_size=4))
@settings(max_examples=60, deadline=None)
def test_reading_undoes_writing(tmp_path_factory: pytest.TempPathFactory, made: list[Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "law.har"
    interactions = [
        Interaction(number, at / 1000, "", "", "", request, response)
        for number, (request, response, at) in enumerate(made, start=1)
    ]
    with HarWriter(path) as writer:
        for one in interactions:
            writer.write(Recorded("", one, "http://x"))
    if not writer.masker.count:
        assert [one.interaction for one in read_recording(path).interactions] == interactions
