"""A recording is read as it was made; what cannot be read is named, and the rest is kept."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import sys
import zlib
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_sessionm import create_app, default_tenant
from scenarios.recordings.opening import entries, read_recording
from scenarios.recordings.recorded import Bad, Recorded, RecordedBatch, Recording, RecordingError
from tests.buckets import Bucket, named

BIG = 2**63 - 1
BATCH = {"mpid": str(BIG), "user_attributes": {"a": 1}, "events": []}
URL = "https://api.example.com/priv/v1/apps/key/users/1%2F2/tags?x=%20y"


def entry(**parts: Any) -> dict[str, Any]:
    """An entry with parts of its request (`method`, `url`, `postData`, …) and of its response (`status`, `content`)."""
    asked: dict[str, Any] = {
        "method": "POST",
        "url": URL,
        "headers": [{"name": "Content-Type", "value": "application/json"}],
    }
    asked["postData"] = {"mimeType": "application/json", "text": json.dumps({"tags": ["gold"], "ttl": BIG})}
    answered: dict[str, Any] = {"status": 200, "headers": [], "content": {"size": 2, "text": "{}"}}
    for name, part in parts.items():
        (answered if name in {"status", "content"} else asked)[name] = part
    return {"startedDateTime": "2026-01-01T00:00:00.000Z", "request": asked, "response": answered}


def har(tmp_path: Path, *entries: Any, name: str = "traffic.har") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return path


def only(tmp_path: Path, **parts: Any) -> Any:
    (one,) = read_recording(har(tmp_path, entry(**parts))).interactions
    return one


def test_a_har_gives_requests_and_answers_as_they_travelled(tmp_path: Path) -> None:
    one = only(tmp_path)
    request, response = one.interaction.request, one.interaction.response
    assert (request.method, request.target) == ("POST", "/priv/v1/apps/key/users/1%2F2/tags?x=%20y")
    assert request.json() == {"tags": ["gold"], "ttl": BIG}
    assert request.headers == {"content-type": "application/json"}
    assert (response.status, response.body) == (200, b"{}")
    assert (one.place, one.origin) == (f"{tmp_path}/traffic.har entry 1", "https://api.example.com")
    assert (one.interaction.number, one.interaction.at, one.missing) == (1, 1767225600.0, frozenset())


def test_the_journal_of_the_fake_is_a_recording() -> None:
    app = create_app()
    client = app.test_client()
    tenant = default_tenant()
    headers = {"Authorization": "Basic " + b64encode(f"{tenant.api_key}:{tenant.api_secret}".encode()).decode()}
    client.post(f"/priv/v1/apps/{tenant.api_key}/users", json={"user": {"external_id": "é"}}, headers=headers)
    client.post(f"/priv/v1/apps/{tenant.api_key}/users", data=b"\xff", headers=headers)
    written = client.get("/__admin/requests.har").data

    found = read(written)
    first, second = found.interactions
    assert first.interaction.request.target == "/priv/v1/apps/{api_key}/users"
    assert first.interaction.request.json() == {"user": {"external_id": "é"}}
    assert first.interaction.response is not None
    assert first.interaction.response.status == 200
    assert first.interaction.operation == "createUser"
    assert second.interaction.request.body == b"\xff"
    assert found.bad == ()


def read(raw: bytes, name: str = "it.har") -> Recording:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(raw)
        return read_recording(path)


def test_bodies_in_base64_and_forms_are_read(tmp_path: Path) -> None:
    packed = {"text": b64encode(b'{"a": 1}').decode(), "encoding": "base64"}
    assert only(tmp_path, content=packed).interaction.response.body == b'{"a": 1}'
    assert only(tmp_path, postData=packed).interaction.request.body == b'{"a": 1}'
    form = {"mimeType": "x", "params": [{"name": "a b", "value": "1&2"}]}
    assert only(tmp_path, postData=form).interaction.request.body == b"a+b=1%262"


def test_a_body_that_is_still_packed_is_unpacked_and_its_header_goes(tmp_path: Path) -> None:
    headers = [{"name": "Content-Encoding", "value": "gzip"}, {"name": ":authority", "value": "x"}]
    packed = {"text": b64encode(gzip.compress(b"{}")).decode(), "encoding": "base64"}
    one = only(tmp_path, postData=packed, headers=headers)
    assert (one.interaction.request.body, one.interaction.request.headers) == (b"{}", {})


def test_a_body_that_the_recording_left_out_is_missing_and_not_empty(tmp_path: Path) -> None:
    assert only(tmp_path, postData=None, bodySize=7).missing == {"request body"}
    assert only(tmp_path, content={"size": 7}).missing == {"answer body"}
    assert only(tmp_path, postData={"mimeType": "x"}, content={"size": 0}).missing == {"request body"}
    assert only(tmp_path, postData=None, bodySize=0, method="GET", content={}).missing == set()


def test_an_answer_that_never_came_is_none(tmp_path: Path) -> None:
    assert only(tmp_path, status=0).interaction.response is None


BAD: list[tuple[Any, str]] = [
    ("text", "entry is no object"),
    ({}, "has no request"),
    (entry(method="G T"), "request.method is no method"),
    (entry(url=7), "request.url is no text"),
    (entry(url="data:text/plain,secret"), "request.url is no http or https address"),
    (entry(url="http://[::1"), "request.url is no address"),
    (entry(status="fine"), "response.status is no status"),
    (entry(status=999), "response.status is no status"),
    (entry(postData="text"), "request.postData is no object"),
    (entry(postData={"text": 7}), "request.postData.text is no text"),
    (entry(postData={"text": "x", "encoding": "rot13"}), "request.postData has an encoding other than base64"),
    (entry(postData={"text": "secret!", "encoding": "base64"}), "request.postData.text is not base64"),
]


@pytest.mark.parametrize(("bad", "why"), BAD)
def test_a_bad_entry_is_named_and_its_neighbours_are_kept(bad: Any, why: str, tmp_path: Path) -> None:
    found = read_recording(har(tmp_path, entry(), bad, entry()))
    assert [one.interaction.number for one in found.interactions] == [1, 3]
    assert [str(one) for one in found.bad] == [f"{tmp_path}/traffic.har entry 2: {why}"]
    assert "secret" not in str(found.bad)


@pytest.mark.parametrize("name", ["batches.ndjson", "batches.ndjson.gz", "batches.txt", "batches.json"])
def test_batches_are_read_line_by_line_and_64_bits_survive(name: str, tmp_path: Path) -> None:
    raw = json.dumps(BATCH).encode() + b"\nnot JSON\n\n" + json.dumps({**BATCH, "mpid": BIG}).encode() + b"\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    found = read_recording(path)
    assert (found.kind, [one.place for one in found.batches]) == ("batches", [f"{path}:1", f"{path}:4"])
    assert {one.batch.mpid for one in found.batches} == {BIG}
    assert [one.place for one in found.bad] == [f"{path}:2"]


def test_a_folder_of_batches_is_a_recording_and_what_is_skipped_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(json.dumps(BATCH))
    (tmp_path / "mParticle_Bucket_Verification").write_text("x")
    found = read_recording(tmp_path)
    assert (len(found.batches), len(found.bad)) == (1, 1)


def test_what_a_file_is_shows_in_its_text(tmp_path: Path) -> None:
    text = json.dumps({"log": {"creator": {}, "entries": [entry()]}}, indent=2)
    (tmp_path / "traffic").write_text(text)
    (tmp_path / "packed.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    (tmp_path / "mixed").write_text(json.dumps({"comment": [1], "log": {"entries": [entry()]}}, indent=2))
    assert read_recording(tmp_path / "mixed").kind == "interactions"
    (tmp_path / "batch.json").write_text(json.dumps({**BATCH, "log": {"entries": "mine"}}, indent=2))
    assert read_recording(tmp_path / "traffic").kind == "interactions"
    assert len(read_recording(tmp_path / "packed.gz").interactions) == 1
    assert read_recording(tmp_path / "batch.json").kind == "batches"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "it.har:1: is empty; a HAR file is one JSON object"),
        (b'{"log":\n {nope}}', "it.har:2: not JSON: a name is missing"),
        (b"[1]", "it.har:1: not JSON: no object is there"),
        (b'{"log": {"entries": {}}}', "is no HAR file: it has no list log.entries"),
        ('{"log": {}}'.encode("utf-16"), "is no HAR file: it has no list log.entries"),
        (b'{"log": {"version": "1', "it.har:1: is cut short"),
        (gzip.compress(b'{"log": {}}', mtime=0)[:-5], "the gzip file is cut short"),
    ],
)
def test_a_file_that_is_no_recording_is_told_in_one_line(raw: bytes, said: str) -> None:
    with pytest.raises(RecordingError) as caught:
        read(raw)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file or directory"):
        read_recording(tmp_path / "nowhere.har")


def test_lines_before_a_cut_in_a_packed_file_of_batches_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "batches.ndjson.gz"
    path.write_bytes(gzip.compress((json.dumps(BATCH) + "\n").encode() * 2000, mtime=0)[:-12])
    found = read_recording(path)
    assert found.batches
    assert "cut short" in found.bad[0].why


LINE = json.dumps(BATCH).encode()


@pytest.mark.parametrize(
    ("raw", "lines", "bad"),
    [
        (b"\xef\xbb\xbf" + LINE + b"\r\n\r\n  \n" + LINE + b"\r\n", [1, 4], []),
        (LINE + b"\n" + LINE[:-20], [1], [2]),
        (LINE[:30] + b"\n" + LINE + b"\n" + LINE, [2, 3], [1]),
        (b'{"events": [' + b"\n" + LINE + b"\n", [2], [1]),
        (gzip.compress(LINE + b"\n", mtime=0) * 2, [1, 2], []),
        (b"[" + LINE + b",\n" + LINE + b", 7,\n" + LINE + b"]", [1, 2, 3], [2]),
        (b"[" + LINE + b",\n" + LINE[:-9], [1], [2]),
        (json.dumps(BATCH, indent=2).encode() + b"\n" + json.dumps(BATCH, indent=2).encode(), [1, 8], []),
        (b"\xff\xfe" + LINE.decode().encode("utf-16-le"), [], [1]),
        (b"caf\xe9\n" + LINE, [2], [1]),
    ],
)
def test_odd_files_of_batches_are_read_and_what_is_bad_is_named_by_line(
    raw: bytes, lines: list[int], bad: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "it"
    path.write_bytes(raw)
    found = read_recording(path)
    assert found.kind == "batches"
    assert [one.place for one in found.batches] == [f"{path}:{line}" for line in lines]
    assert [one.place for one in found.bad] == [f"{path}:{line}" for line in bad]
    assert {one.batch.mpid for one in found.batches} <= {BIG}


def test_entries_before_a_cut_are_kept_and_the_cut_is_named(tmp_path: Path) -> None:
    path = tmp_path / "it.har"
    text = json.dumps({"log": {"entries": [entry(), entry(), entry()]}}, indent=1)
    for raw in (text[:-600].encode(), gzip.compress(text.encode(), mtime=0)[:-60]):
        path.write_bytes(raw)
        *found, bad = entries([str(path)])
        assert all(isinstance(one, Recorded) for one in found)
        assert isinstance(bad, Bad)
        assert re.search(
            r"it\.har entry \d: line \d+: (the gzip file )?is cut short; what comes before is read", str(bad)
        )
    assert len(found) <= 3


@pytest.mark.parametrize("packing", [lambda raw: raw, gzip.compress, zlib.compress])
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_har_is_read_in_every_encoding_and_packing(charset: str, packing: Any, tmp_path: Path) -> None:
    text = json.dumps({"log": {"entries": [entry(postData={"text": "é"})]}}, ensure_ascii=False)
    (tmp_path / "it").write_bytes(packing(text.encode(charset)))
    (one,) = entries([str(tmp_path / "it")])
    assert isinstance(one, Recorded)
    assert one.interaction.request.body == "é".encode()


def test_bytes_that_are_no_utf8_stay_in_the_body(tmp_path: Path) -> None:
    text = json.dumps({"log": {"entries": [entry(postData={"text": "cafe"}), entry()]}})
    (tmp_path / "it").write_bytes(text.encode().replace(b"cafe", b"caf\xe9"))
    first, second = entries([str(tmp_path / "it")])
    assert isinstance(first, Recorded)
    assert isinstance(second, Recorded)
    assert first.interaction.request.body == b"caf\xe9"


def test_sources_of_every_kind_come_one_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    (folder / "a.ndjson").write_bytes(LINE)
    har(folder, entry(), name="b.txt")
    (folder / "c.har").write_text("{}")
    (folder / "mParticle_Bucket_Verification").write_text("x")
    monkeypatch.setattr(
        "sys.stdin",
        io.TextIOWrapper(io.BytesIO(json.dumps({"log": {"version": "1.2", "entries": [entry()]}}).encode())),
    )
    found = list(entries([str(folder), "-", str(folder / "a.ndjson")]))
    kinds = [type(one).__name__ for one in found]
    assert kinds == ["RecordedBatch", "Recorded", "Bad", "Bad", "Recorded", "RecordedBatch"]
    assert [one.wrong for one in found if isinstance(one, Bad)] == [True, False]
    assert [one.place for one in found][4:] == ["- entry 1", f"{folder}/a.ndjson:1"]


def test_every_source_is_looked_at_before_the_first_record_comes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LINE)
    with pytest.raises(RecordingError, match="nowhere: cannot be read"):
        next(entries([str(tmp_path / "a"), str(tmp_path / "nowhere")]))


def test_a_list_of_entries_that_somebody_took_out_is_read(tmp_path: Path) -> None:
    (tmp_path / "it").write_text(json.dumps([entry(), entry()]))
    assert len(read_recording(tmp_path / "it").interactions) == 2


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [b"", b"{", b"[", b'{"log": {"entries": [', b"9:4:type;", b"interactions:\n- ", b"\x1f\x8b", b"x\x9c"]
    ),
)
@settings(max_examples=150, deadline=None)
def test_junk_never_raises_anything_but_that_it_is_no_recording(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, begun: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "junk"
    path.write_bytes(begun + junk)
    with contextlib.suppress(RecordingError):
        for one in entries([str(path)]):
            assert isinstance(one, Recorded | RecordedBatch | Bad)
            assert "\n" not in str(one.place)


def test_batches_come_out_of_a_bucket_and_what_is_not_mparticles_is_told(bucket: Bucket) -> None:
    address = bucket.put(f"2026-01-01/{named(1)}", LINE, b"not JSON", LINE, packed=True)
    bucket.put("mParticle_Bucket_Verification_1.txt", b"{}")
    bucket.put("notes.csv", b"a")
    found = list(entries([bucket.source]))
    assert [one.place for one in found if isinstance(one, RecordedBatch)] == [f"{address}:1", f"{address}:3"]
    bad = [(one.place, one.wrong) for one in found if isinstance(one, Bad)]
    assert (f"{address}:2", True) in bad
    assert (f"{bucket.source}/notes.csv", False) in bad
    assert len(bad) == 3


def test_a_bucket_that_cannot_be_read_is_told_in_one_line(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="there is no such bucket"):
        list(entries([f"{bucket.source}-away"]))
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(RecordingError, match=r"pip install 'sessionm-harness\[s3\]'"):
        list(entries([bucket.source]))
