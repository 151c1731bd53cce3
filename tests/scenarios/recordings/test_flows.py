"""Flow files that a real mitmproxy wrote are read without it, flow by flow."""

from pathlib import Path
from typing import Any

import pytest

from scenarios.recordings.opening import entries, read_recording
from scenarios.recordings.recorded import Bad, Recorded

FIXTURES = Path(__file__).parents[2] / "fixtures/recordings"
MADE = FIXTURES / "mitmproxy_11.mitm"
"""By mitmdump 11.0 before a small server: example bodies, plain, packed and binary; a reset, a HEAD, two 204."""


def dumped(value: Any) -> bytes:
    """A tnetstring, as mitmproxy writes it."""
    if value is None:
        return b"0:~"
    if isinstance(value, bool):
        return b"4:true!" if value else b"5:false!"
    if isinstance(value, int | float):
        text = str(value).encode()
        return b"%d:%s%s" % (len(text), text, b"#" if isinstance(value, int) else b"^")
    if isinstance(value, bytes | str):
        raw = value if isinstance(value, bytes) else value.encode()
        return b"%d:%s%s" % (len(raw), raw, b"," if isinstance(value, bytes) else b";")
    parts = value if isinstance(value, list) else [part for pair in value.items() for part in pair]
    inside = b"".join(map(dumped, parts))
    return b"%d:%s%s" % (len(inside), inside, b"]" if isinstance(value, list) else b"}")


def flow(**parts: Any) -> dict[str, Any]:
    request = {"method": b"GET", "scheme": b"https", "host": "api.example.com", "port": 443, "path": b"/a%2Fb?x"}
    request |= {"headers": [[b"Host", b"api.example.com"]], "content": b"", "timestamp_start": 1767225600.5}
    answer = {"status_code": 200, "headers": [], "content": b"{}"}
    return {"type": "http", "version": 21, "request": request | parts, "response": answer}


def read(tmp_path: Path, raw: bytes) -> list[Any]:
    (tmp_path / "it").write_bytes(raw)
    return list(entries([str(tmp_path / "it")]))


def test_a_real_file_is_read_with_bodies_as_they_were_before_they_travelled() -> None:
    found = read_recording(MADE)
    assert found.bad == ()
    requests = [one.interaction.request for one in found.interactions]
    answers = [one.interaction.response for one in found.interactions]
    methods = ["GET", "POST", "GET", "POST", "POST", "GET", "HEAD", "GET"]
    assert [request.method for request in requests] == methods
    assert [answer and answer.status for answer in answers] == [204, 200, 200, 200, 200, None, 200, 204]
    assert requests[1].json() == {"user": {"external_id": "1001", "n": 2**63 - 1}}
    assert requests[2].target == "/gzip/users/1%2F2?x=%20y"
    assert requests[3].body == b'{"packed": true}'
    assert requests[4].body == b"\xff" * 64
    assert answers[2] is not None
    assert answers[2].json() == {"status": "ok", "n": 2**63 - 1}
    assert answers[4] is not None
    assert answers[4].body == bytes(range(256))
    assert found.interactions[1].origin == "http://127.0.0.1:18777"


def test_the_har_that_the_same_mitmproxy_wrote_says_the_same() -> None:
    flows, har = read_recording(MADE).interactions, read_recording(FIXTURES / "mitmproxy_11.har").interactions
    assert len(flows) == len(har)
    for one, other in zip(flows, har, strict=True):
        if one.interaction.request.target != "/binary":  # bytes that are no text come garbled out of its HAR
            assert one.interaction.request == other.interaction.request
        assert one.interaction.response == other.interaction.response
        assert (one.origin, one.missing) == (other.origin, other.missing)
        assert one.interaction.at == pytest.approx(other.interaction.at, abs=1e-5)


def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    *found, bad = read(tmp_path, dumped(flow()) * 2 + dumped(flow())[:-20])
    assert [one.interaction.request.target for one in found] == ["/a%2Fb?x"] * 2
    assert str(bad) == f"{tmp_path}/it flow 3: is cut short; what comes before is read"
    *found, bad = read(tmp_path, dumped(flow()) + b"nonsense")
    assert len(found) == 1
    assert str(bad) == f"{tmp_path}/it flow 2: has no length, as a flow of mitmproxy has; what comes before is read"


def test_a_damaged_flow_spoils_only_itself(tmp_path: Path) -> None:
    good = dumped(flow())
    damaged = good.replace(b"4:port;3:443#", b"4:port;3:4x3#")
    first, bad, last = read(tmp_path, good + damaged + good)
    assert isinstance(first, Recorded)
    assert isinstance(last, Recorded)
    assert str(bad) == f"{tmp_path}/it flow 2: is no flow of mitmproxy"


def test_what_is_no_http_is_told_and_is_not_wrong(tmp_path: Path) -> None:
    (bad,) = read(tmp_path, dumped({"version": 21, "type": "tcp", "messages": []}))
    assert bad == Bad(f"{tmp_path}/it flow 1", "is a tcp flow, and no interaction", wrong=False)


def test_a_body_that_was_let_through_unkept_is_missing(tmp_path: Path) -> None:
    (one,) = read(tmp_path, dumped(flow(content=None, headers=[[b"content-length", b"5"]])))
    assert one.missing == {"request body"}


def test_files_of_old_versions_are_read(tmp_path: Path) -> None:
    old: dict[Any, Any] = {b"type": b"http", b"version": [0, 11]}
    asked = {b"method": b"POST", b"scheme": b"http", b"host": b"10.0.0.1", b"port": 8080, b"path": b"/x"}
    old[b"request"] = asked | {b"headers": [[b"A", b"1"]], b"content": b"{}", b"httpversion": [1, 1]}
    old[b"response"] = {b"code": 404, b"headers": [], b"content": b""}
    (one,) = read(tmp_path, dumped(old))
    assert (one.origin, one.interaction.request.target) == ("http://10.0.0.1:8080", "/x")
    assert one.interaction.response.status == 404
