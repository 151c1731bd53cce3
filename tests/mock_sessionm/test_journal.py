import orjson
import pytest

from contracts import Violation
from mock_sessionm.journal import Filter, Journal, shown, without_key

TARGET = "/priv/v1/apps/secret-key/users/1/events?a=b"


def journal(count: int = 3, limit: int = 10) -> Journal:
    made = Journal(limit)
    for number in range(count):
        made.add(
            {
                "HTTP_AUTHORIZATION": "Basic abc",
                "HTTP_PROXY_AUTHORIZATION": "Basic abc",
                "HTTP_COOKIE": "a=b",
                "HTTP_X_ID": str(number),
                "CONTENT_TYPE": "application/json",
                "REMOTE_ADDR": "127.0.0.1",
            },
            "POST" if number % 2 else "GET",
            TARGET if number else "/other",
            orjson.dumps({"n": number}),
            at=float(number),
            tenant=f"t{number % 2}",
            vendor="sessionm",
            status=200 + number,
            answer_headers=[("X-Harness-Rule", "r")],
            answer=b'{"status":"ok"}',
            violations=(Violation("rule.a", "/x", "m"),) if number == 1 else (),
        )
    return made


def test_the_latest_entries_are_kept_and_the_others_counted() -> None:
    made = journal(count=5, limit=2)
    assert [entry.number for entry in made] == [4, 5]
    assert made.dropped == 3


def test_credentials_never_get_in() -> None:
    for interaction in journal().interactions():
        text = repr(interaction)
        assert "Basic" not in text
        assert "cookie" not in text.lower()
        assert "secret-key" not in text
        assert interaction.request.headers["x-id"]


@pytest.mark.parametrize(
    ("target", "masked"),
    [
        ("/priv/v1/apps/k", "/priv/v1/apps/{api_key}"),
        ("/priv/v1/apps/k?x=/y", "/priv/v1/apps/{api_key}?x=/y"),
        ("/priv/v1/apps/k/users/k", "/priv/v1/apps/{api_key}/users/k"),
        ("/__admin/requests", "/__admin/requests"),
    ],
)
def test_the_key_in_the_path_is_written_as_its_place(target: str, masked: str) -> None:
    assert without_key(target) == masked


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [1, 2, 3]),
        (Filter(tenant="t1"), [2]),
        (Filter(vendor="braze"), []),
        (Filter(method="POST"), [2]),
        (Filter(path="/events"), [2, 3]),
        (Filter(path="*/events"), [2, 3]),
        (Filter(path="/eve*"), []),
        (Filter(status=202), [3]),
        (Filter(rule="rule.a"), [2]),
        (Filter(broken=True), [2]),
        (Filter(limit=2), [2, 3]),
        (Filter(limit=0), []),
    ],
)
def test_a_filter_takes_what_fits(wanted: Filter, numbers: list[int]) -> None:
    assert [entry.number for entry in journal().entries(wanted)] == numbers


def test_forgetting_one_tenant_leaves_the_others() -> None:
    made = journal()
    made.clear("t0")
    assert [entry.tenant for entry in made] == ["t1"]
    made.clear()
    assert len(made) == 0


def test_an_entry_shows_json_as_json_and_the_rest_as_text() -> None:
    made = Journal()
    made.add({}, "PUT", "/x", b"\xff{", at=0.0, status=None)
    row = shown(next(made.interactions()))
    assert row["request"]["body"] == "\ufffd{"
    assert row["response"] is None
    assert shown(next(journal().interactions()))["request"]["body"] == {"n": 0}
