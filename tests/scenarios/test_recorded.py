from pathlib import Path

import orjson

from contracts import Choices, Interaction, Request, Response
from scenarios.in_contract import ANSWERS, REQUESTS
from scenarios.recorded import held, spoilt, stories, traffic
from scenarios.runner import Runner
from scenarios.world import Embedded

JSON = {"content-type": "application/json"}


def batch(mpid: int | None, **more: object) -> dict[str, object]:
    return {"mpid": mpid, "user_identities": {"customer_id": f"c-{mpid}"}, "events": [], **more}


def interaction(body: object, answer: Response | None = None) -> Interaction:
    request = Request("POST", "/priv/v1/apps/{api_key}/users", JSON, orjson.dumps(body))
    return Interaction(1, 0.0, "", "sessionm", "createUser", request, answer)


def test_the_batches_of_a_person_are_one_story_in_their_order_wherever_they_stand() -> None:
    made = list(stories([("a:1", batch(1, user_attributes={"n": 1})), ("a:2", batch(2)), ("b:1", batch(1))]))
    assert [(one.id, len(one.batches)) for one in made] == [("recorded/sessionm/a:1", 2), ("recorded/sessionm/a:2", 1)]
    assert made[0].batches[0]["user_attributes"] == {"n": 1}


def test_whoever_has_no_mpid_is_known_by_the_customer_id_and_nobody_is_mixed_with_nobody() -> None:
    known = {"user_identities": {"customer_id": "c"}}
    made = list(stories([("a:1", {**known}), ("a:2", {**known}), ("a:3", {}), ("a:4", {})]))
    assert [len(one.batches) for one in made] == [2, 1, 1]


def test_a_story_begins_when_its_first_batch_was_made_and_no_age_is_too_great_for_it() -> None:
    (story,) = stories([("a:1", batch(1, timestamp_unixtime_ms=1577836800000))])
    assert story.at == "2020-01-01T00:00:00+00:00"
    assert story.settings["max_data_age_hours"] > 10**8
    (other,) = stories([("a:1", batch(1, timestamp_unixtime_ms="soon"))])
    assert other.at.startswith("2026")


def test_recorded_batches_are_judged_as_any_others() -> None:
    visit = {"event_type": "custom_event", "data": {"event_name": "visit", "custom_event_type": "other"}}
    (story,) = stories([("a:1", batch(1, events=[visit])), ("a:2", batch(1, user_attributes={"x y": "1"}))])
    result = Runner(Embedded()).judge(story)
    assert result.verdict == "kept"
    assert result.batches == 2


def test_a_recorded_request_and_its_answer_are_held_against_the_contract() -> None:
    good = Response(200, JSON, b'{"status": "error", "errors": {"code": "validation", "message": "x"}}')
    assert held("a entry 1", interaction({"user": {"external_id": "1"}}, good), Choices()).verdict == "kept"
    wrong = held("a entry 2", interaction({"user": []}, Response(418, JSON, b"{}")), Choices())
    assert [finding.rule for finding in wrong.findings] == ["sessionm.contract", ANSWERS]
    assert held("a entry 3", interaction({"user": []}), Choices(), answered=False).cases[-1].rule == REQUESTS


def test_a_record_that_cannot_be_read_is_red() -> None:
    assert spoilt("a:7", "not JSON").verdict == "broken"


def har(tmp_path: Path, *entries: tuple[str, str, object, int, object]) -> Path:
    made = [
        {
            "startedDateTime": "2026-01-01T00:00:00Z",
            "request": {
                "method": method,
                "url": url,
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "postData": {"mimeType": "application/json", "text": orjson.dumps(body).decode()},
            },
            "response": {
                "status": status,
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "content": {"size": 9, "mimeType": "application/json", "text": orjson.dumps(answer).decode()},
            },
        }
        for method, url, body, status, answer in entries
    ]
    path = tmp_path / "traffic.har"
    path.write_bytes(orjson.dumps({"log": {"version": "1.2", "entries": made}}))
    return path


def test_recorded_interactions_are_judged_entry_by_entry_and_those_of_nobody_we_know_passed_over(
    tmp_path: Path,
) -> None:
    refused = {"status": "error", "errors": {"code": "validation", "message": "x"}}
    users = "https://vendor.example/priv/v1/apps/key/users"
    path = har(
        tmp_path,
        ("POST", users, {"user": {"external_id": "1"}}, 200, refused),
        ("POST", users, {"user": []}, 200, {"status": 7}),
        ("POST", "https://elsewhere.example/collect", {}, 200, {}),
    )
    found = traffic(path, Choices(), ["sessionm"])
    assert found.stories == ()
    assert [result.verdict for result in found.results] == ["kept", "broken", "untried"]
    assert [finding.rule for finding in found.results[1].findings] == ["sessionm.contract", ANSWERS]


def test_a_recording_of_batches_has_a_story_of_each_person_for_each_destination(tmp_path: Path) -> None:
    path = tmp_path / "batches.ndjson"
    path.write_bytes(b'{"mpid": 1}\nhello\n{"mpid": 1}\n{"mpid": 2}\n')
    found = traffic(path, Choices(), ["sessionm", "braze", "customerio"])
    assert [(one.destination, len(one.batches)) for one in found.stories] == [
        ("sessionm", 2),
        ("sessionm", 1),
        ("customerio", 2),
        ("customerio", 1),
    ]
    assert [result.verdict for result in found.results] == ["broken"]
