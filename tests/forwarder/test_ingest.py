from __future__ import annotations

import gzip
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from contracts.interaction import Request, Response
from contracts.transport import WsgiTransport
from contracts.validation import operations
from forwarder import Batch
from forwarder.ingest import RULES, Bucket, create_ingest
from forwarder.tally import Tally
from tests.forwarder.vendor import Hands, batch, connection

LIMIT = rules()["mparticle.request-bytes-max"].limit or 0
MOST = rules()["mparticle.bulk-batches-max"].limit or 0
INPUT = {"key": "in", "secret": "geheim"}


@dataclass
class Desk:
    """The ingest, asked without a socket. What it accepted stands in `taken`."""

    settings: dict[str, Any] = field(default_factory=dict)
    taken: list[list[bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    hands: Hands = field(default_factory=Hands)
    tally: Tally = field(default_factory=Tally)

    def __post_init__(self) -> None:
        app = create_ingest(
            connection(**{"input": {**INPUT, "batches_per_second": 0}, **self.settings}),
            self.accept,
            clock=self.hands.clock,
            say=self.said.append,
            tally=self.tally,
        )
        self.transport = WsgiTransport(app)

    def accept(self, batches: list[bytes]) -> None:
        self.taken.append(batches)

    def post(self, path: str, body: bytes, *, method: str = "POST", **headers: str) -> Response:
        made = {"Authorization": basic(), "Content-Type": "application/json"}
        made |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.transport.send(Request(method, path, {k: v for k, v in made.items() if v}, body))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def basic(pair: str = "in:geheim") -> str:
    return "Basic " + b64encode(pair.encode()).decode()


def messages(response: Response) -> list[str]:
    body = response.json()
    assert isinstance(body, dict)
    assert {error["code"] for error in body["errors"]} == {"BAD_REQUEST"}
    return [error["message"] for error in body["errors"]]


EXAMPLES = [(name, example) for name in RULES for example in rules()[name].examples if "given" in example]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{n}-{e['expect']}" for n, e in EXAMPLES])
def test_every_example_of_the_events_apis_rules_is_answered_as_it_says(desk: Desk, name: str, example: Any) -> None:
    given_ = example["given"]
    headers = {"none": "", "wrong": basic("in:falsch"), None: basic()}
    asked = given_.get("authorization")
    answer = desk.post(given_["path"], given_["body"].encode(), Authorization=headers.get(asked, asked))
    assert answer.status == example["expect"]
    if answer.status >= 400:
        assert answer.headers["x-harness-rule"] == name


def test_every_operation_of_the_contract_is_served(desk: Desk) -> None:
    for method, path in operations("mparticle").values():
        assert desk.post(path, b"", method=method).status == 400


def test_a_batch_is_accepted_as_it_came_and_the_answer_is_empty(desk: Desk) -> None:
    raw = b' {"mpid": -9223372036854775808, "a": 1.0, "a": 2}\n'
    answer = desk.post("/v2/events", raw)
    assert (answer.status, answer.body) == (202, b"")
    assert answer.headers["x-mp-rate-limit-percentage-used"] == "0"
    assert "content-type" not in answer.headers
    assert desk.taken == [[raw]]


@given(st.integers(-(2**63), 2**63 - 1))
def test_int64_ids_stay_whole_through_both_doors(mpid: int) -> None:
    desk = Desk()
    body = orjson.dumps({"mpid": mpid})
    desk.post("/v2/events", body)
    desk.post("/v2/bulkevents", b"[" + body + b"]")
    assert [Batch.read(raw).body["mpid"] for taken in desk.taken for raw in taken] == [mpid, mpid]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"events":[{"data":{}}]}', "/events/0: missing event_type"),
        (b'{"events":[{"event_type":"x","data":7}]}', "/events/0/data: integer, must be object or null"),
        (b"[]", "array, must be object"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b'{"mpid":9223372036854775808}', "/mpid: 9223372036854775808, at most 9223372036854775807"),
        (b'{"user_attributes":{"a":"\\ud800"}}', "/user_attributes/a: holds half of a surrogate pair"),
    ],
)
def test_a_bad_batch_is_400_with_place_and_reason(desk: Desk, body: bytes, message: str) -> None:
    answer = desk.post("/v2/events", body)
    assert answer.status == 400
    assert messages(answer)[0].startswith(message)
    assert desk.taken == []


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b"[" * 5000, b"{}{}"])
def test_what_is_not_json_is_400_on_every_path(desk: Desk, body: bytes) -> None:
    for _, path in operations("mparticle").values():
        assert desk.post(path, body).status == 400


@given(st.binary(max_size=60))
def test_no_body_at_all_makes_the_ingest_fail(body: bytes) -> None:
    desk = Desk()
    for _, path in operations("mparticle").values():
        assert desk.post(path, body).status in {202, 400}


@pytest.mark.parametrize("header", ["", "Bearer abc", "Basic", "Basic !!!", "Basic " + b64encode(b"nocolon").decode()])
def test_a_missing_or_malformed_header_is_401(desk: Desk, header: str) -> None:
    answer = desk.post("/v2/events", b"{}", Authorization=header)
    assert answer.status == 401
    assert messages(answer)[0].startswith("header:authorization: ")


@pytest.mark.parametrize("pair", ["in:falsch", "out:geheim", "in:", ":", "ün:geheim"])
def test_a_wrong_pair_is_403_and_is_not_repeated_in_the_answer(desk: Desk, pair: str) -> None:
    answer = desk.post("/v2/events", b"{}", Authorization=basic(pair))
    assert answer.status == 403
    assert b"falsch" not in answer.body
    assert b"geheim" not in answer.body


def test_a_secret_may_hold_colons_and_letters_beyond_ascii() -> None:
    desk = Desk({"input": {"key": "in", "secret": "a:b:ü"}})
    assert desk.post("/v2/events", b"{}", Authorization=basic("in:a:b:ü")).status == 202


def test_without_input_credentials_any_basic_pair_passes_and_none_does_not() -> None:
    desk = Desk({"input": {}})
    assert desk.post("/v2/events", b"{}", Authorization=basic("a:b")).status == 202
    assert desk.post("/v2/events", b"{}", Authorization="").status == 401


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT, LIMIT + 1, 10 * 1024 * 1024])
@pytest.mark.parametrize("packed", [False, True])
def test_a_request_is_at_most_so_many_bytes_packed_or_not(desk: Desk, size: int, packed: bool) -> None:
    raw = b'{"x":"%b"}' % (b"x" * (size - 8))
    assert len(raw) == size
    headers = {"Content_Encoding": "gzip"} if packed else {}
    answer = desk.post("/v2/events", gzip.compress(raw) if packed else raw, **headers)
    assert answer.status == (202 if size <= LIMIT else 400)
    if size > LIMIT:
        assert answer.headers["x-harness-rule"] == "mparticle.request-bytes-max"
        assert messages(answer)[0].startswith(f"the body is larger than {LIMIT} bytes")


def test_the_status_of_too_large_a_request_is_the_assumptions() -> None:
    desk = Desk({"assumptions": {"over-size-request": "413"}})
    assert desk.post("/v2/events", b" " * LIMIT + b"{}").status == 413


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("gzip", b"{}", "not gzip"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-6], "cut short"),
        ("br", b"{}", "Content-Encoding br is not known"),
    ],
    ids=["other", "cut", "unknown"],
)
def test_a_body_that_cannot_be_unpacked_is_400(desk: Desk, encoding: str, body: bytes, why: str) -> None:
    answer = desk.post("/v2/events", body, Content_Encoding=encoding)
    assert answer.status == 400
    assert why in messages(answer)[0]


@pytest.mark.parametrize("count", [0, 1, MOST - 1, MOST, MOST + 1, 10 * MOST])
def test_a_bulk_request_holds_one_batch_to_the_most(desk: Desk, count: int) -> None:
    answer = desk.post("/v2/bulkevents", b"[" + b",".join([b"{}"] * count) + b"]")
    assert answer.status == (202 if 1 <= count <= MOST else 400)
    assert [len(taken) for taken in desk.taken] == ([count] if answer.status == 202 else [])
    if count > MOST:
        assert answer.headers["x-harness-rule"] == "mparticle.bulk-batches-max"


def test_the_good_batches_of_a_bulk_request_are_taken_and_the_bad_ones_counted_and_said(desk: Desk) -> None:
    good = [batch(1, "a"), batch(2, "b")]
    answer = desk.post("/v2/bulkevents", b'[%b, 7, %b, {"events":[{}]}]' % (good[0], good[1]))
    assert answer.status == 202
    assert desk.taken == [good]
    assert desk.tally.bad == 2
    assert desk.said == [
        "POST /v2/bulkevents: not taken: /1: integer, must be object",
        "POST /v2/bulkevents: not taken: /3/events/0: missing event_type",
    ]


def test_a_bulk_request_without_a_good_batch_is_400(desk: Desk) -> None:
    assert messages(desk.post("/v2/bulkevents", b"[7,{}]"[:2] + b"]")) == ["/0: integer, must be object"]
    assert desk.taken == []


def test_historical_batches_are_counted_and_never_handed_on(desk: Desk) -> None:
    assert desk.post("/v2/bulkevents/historical", b"[{},{}]").status == 202
    assert desk.taken == []
    assert desk.tally.historical == 2


def test_more_batches_than_the_rate_are_429_until_the_time_has_passed() -> None:
    desk = Desk({"input": {**INPUT, "batches_per_second": 2}})
    used = [desk.post("/v2/events", b"{}").headers["x-mp-rate-limit-percentage-used"] for _ in range(2)]
    assert used == ["50", "100"]
    answer = desk.post("/v2/events", b"{}")
    assert answer.status == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-mp-rate-limit-exceeded"] == "account"
    desk.hands.now += 1
    assert desk.post("/v2/events", b"{}").status == 202
    assert len(desk.taken) == 3


def test_a_bulk_request_larger_than_the_rate_is_taken_once_and_paid_for_later() -> None:
    desk = Desk({"input": {**INPUT, "batches_per_second": 10}})
    body = b"[" + b",".join([b"{}"] * 50) + b"]"
    assert desk.post("/v2/bulkevents", body).status == 202
    answer = desk.post("/v2/bulkevents", body)
    assert (answer.status, answer.headers["retry-after"]) == (429, "5")


@given(st.floats(0.1, 1000), st.lists(st.tuples(st.floats(0, 3), st.integers(1, 100)), max_size=40))
def test_no_more_than_the_rate_passes_beside_one_seconds_worth_and_one_request(
    rate: float, steps: list[tuple[float, int]]
) -> None:
    hands = Hands()
    bucket = Bucket(rate, hands.clock)
    passed = 0
    for wait, batches in steps:
        hands.now += wait
        asked = bucket.take(batches)
        passed += batches if not asked else 0
        assert 0 <= bucket.used <= 100
    assert passed <= rate * hands.now + max(rate, 1) + 100


def test_coming_back_when_told_to_is_early_enough() -> None:
    hands = Hands()
    bucket = Bucket(3.0, hands.clock)
    while not (wait := bucket.take(7)):
        pass
    hands.now += wait + 1e-9
    assert bucket.take(1) == 0


def test_an_unknown_path_is_404_and_names_the_nearest(desk: Desk) -> None:
    answer = desk.post("/v2/event", b"{}")
    assert answer.status == 404
    assert messages(answer) == ["/v2/event is not a path of this API; did you mean /v2/events?"]
    assert desk.post("/v2/events/", b"{}").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "DELETE", "HEAD"])
def test_another_method_is_405_and_names_the_right_one(desk: Desk, method: str) -> None:
    answer = desk.post("/v2/events", b"", method=method)
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


class Full(Desk):
    def accept(self, batches: list[bytes]) -> None:  # noqa: ARG002  as in Desk
        raise OSError(28, "No space left on device")


def test_no_batch_is_accepted_before_it_is_safe() -> None:
    desk = Full()
    assert desk.post("/v2/events", b"{}").status == 503
    assert desk.said == ["POST /v2/events: the spool takes nothing: No space left on device; answered 503"]


def test_every_refusal_names_the_rule_it_kept(desk: Desk) -> None:
    answers = [
        desk.post("/v2/events", b"{}", Authorization=""),
        desk.post("/v2/events", b"{}", Authorization=basic("x:y")),
        desk.post("/v2/events", b"x" * (LIMIT + 1)),
        desk.post("/v2/events", b"x"),
        desk.post("/v2/bulkevents", b"[" + b"0," * MOST + b"0]"),
    ]
    assert [answer.headers["x-harness-rule"] for answer in answers] == list(RULES[:5])
