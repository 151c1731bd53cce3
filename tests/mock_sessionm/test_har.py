import base64

from mock_sessionm.har import har
from mock_sessionm.journal import Journal

NEEDED_OF_ENTRY = {"startedDateTime", "time", "request", "response", "cache", "timings"}
NEEDED_OF_REQUEST = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
NEEDED_OF_RESPONSE = {
    "status",
    "statusText",
    "httpVersion",
    "cookies",
    "headers",
    "content",
    "redirectURL",
    "headersSize",
    "bodySize",
}


def test_every_entry_has_all_that_har_asks_for() -> None:
    journal = Journal()
    journal.add(
        {}, "GET", "/a?x=1&y=%20", b"", at=0.0, status=200, answer=b"{}", answer_headers=[("Content-Type", "t")]
    )
    made = har(journal.interactions(), "http://host/", "1")["log"]
    assert made["version"] == "1.2"
    (entry,) = made["entries"]
    assert entry.keys() >= NEEDED_OF_ENTRY
    assert entry["request"].keys() >= NEEDED_OF_REQUEST
    assert entry["response"].keys() >= NEEDED_OF_RESPONSE
    assert entry["request"]["url"] == "http://host/a?x=1&y=%20"
    assert entry["request"]["queryString"] == [{"name": "x", "value": "1"}, {"name": "y", "value": " "}]
    assert entry["response"]["content"] == {"size": 2, "mimeType": "t", "text": "{}"}


def test_bytes_that_are_no_text_survive() -> None:
    journal = Journal()
    journal.add({}, "PUT", "/a", b"\xff\x00", at=0.0, status=200, answer=b"\xfe")
    (entry,) = har(journal.interactions(), "http://host", "1")["log"]["entries"]
    assert base64.b64decode(entry["request"]["postData"]["text"]) == b"\xff\x00"
    assert base64.b64decode(entry["response"]["content"]["text"]) == b"\xfe"
    assert entry["response"]["content"]["encoding"] == "base64"


def test_a_large_number_in_a_body_survives() -> None:
    journal = Journal()
    journal.add({}, "PUT", "/a", b'{"mpid":9223372036854775807}', at=0.0, status=200)
    (entry,) = har(journal.interactions(), "http://host", "1")["log"]["entries"]
    assert entry["request"]["postData"]["text"] == '{"mpid":9223372036854775807}'


def test_a_lost_answer_has_status_zero() -> None:
    journal = Journal()
    journal.add({}, "PUT", "/a", b"", at=0.0, status=None)
    (entry,) = har(journal.interactions(), "http://host", "1")["log"]["entries"]
    assert entry["response"]["status"] == 0
