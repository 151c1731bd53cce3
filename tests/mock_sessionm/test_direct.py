from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from contracts.validation import operations
from mock_sessionm.direct import Directory, can_be_direct
from mock_sessionm.journal import Entry
from tests.mock_sessionm.asking import Asker, asker

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
DIRECTORY = Directory(operations("sessionm"))
WORDS = ["priv", "v1", "apps", "key", "users", "search", "external", "events", "tags", "e", "", "{user_id}", "users "]
TEMPLATES = [path.split("/")[1:] for _, path in operations("sessionm").values()]


@st.composite
def paths(draw: st.DrawFn) -> str:
    """A known path, with some of its segments exchanged for others, or with one more at its end."""
    parts = list(draw(st.sampled_from(TEMPLATES)))
    for place in draw(st.lists(st.integers(0, len(parts)), max_size=2)):
        parts[place : place + 1] = [draw(st.sampled_from(WORDS))]
    return "/" + "/".join(parts)


BODIES: list[Any] = [
    {"user": {"external_id": "e", "user_profile": {"FavoriteStore": "1"}}},
    {"user": {"city": 1}},
    {"user": {"user_profile": {"favoritestore": "1"}}},
    {"events": {"purchase": 1}},
    {"events": {"unheard of": 1}},
    {"tags": ["a"], "ttl": 5},
    {"tags": ["a"]},
    [],
    None,
]


def around_flask() -> Asker:
    return asker()


def through_flask() -> Asker:
    """The same fake with somebody hooked into it: then every request goes Flask's way."""
    made = asker()
    made.app.before_request(lambda: None)
    return made


def by_flask(app: Flask, method: str, path: str) -> tuple[str, dict[str, str]] | None:
    try:
        endpoint, arguments = MapAdapter(app.url_map, "localhost", "/", "", "http", path, method).match()
    except HTTPException:
        return None
    return (endpoint, dict(arguments)) if endpoint in operations("sessionm") else None


APP = around_flask().app


@given(st.sampled_from(METHODS), paths())
def test_what_the_directory_finds_is_what_flask_would_have_found(method: str, path: str) -> None:
    found = DIRECTORY.find(method, path)
    assert found is None or found == by_flask(APP, method, path)


def test_every_operation_is_found_under_its_own_path() -> None:
    for operation, (method, path) in operations("sessionm").items():
        found = DIRECTORY.find(method, path)
        assert found is not None
        assert found[0] == operation
        assert all(value == f"{{{name}}}" for name, value in found[1].items())


CALLS = st.lists(
    st.tuples(
        st.sampled_from(METHODS),
        st.sampled_from(
            [
                "/users",
                "/external/users/e",
                "/external/users/nobody",
                "/external/users/e/events",
                "/external/users/e/tags",
                "/users/search?external_id=e",
                "/external/users/e?user[user_profile]=true",
                "/external/users/" + quote("a/b", safe=""),
                "/nowhere",
            ]
        ),
        st.sampled_from(BODIES),
        st.booleans(),
    ),
    max_size=6,
)
DIRECT, SLOW = around_flask(), through_flask()


@given(CALLS)
def test_both_ways_give_the_same_answers_and_the_same_journal(calls: list[tuple[str, str, Any, bool]]) -> None:
    direct, slow = DIRECT.afresh(), SLOW.afresh()
    for method, path, body, allowed in calls:
        how: dict[str, Any] = {} if allowed else {"auth": ""}
        assert direct.core(method, path, body, **how) == slow.core(method, path, body, **how)
    assert [plain(entry) for entry in direct.world.journal] == [plain(entry) for entry in slow.world.journal]


def plain(entry: Entry) -> tuple[Any, ...]:
    return entry[1:]


@given(st.sampled_from([{"kind": "status", "status": status} for status in (204, 304, 429, 503, 599)]), st.booleans())
def test_both_ways_meet_the_same_faults(fault: dict[str, Any], named: bool) -> None:
    answers = []
    for fake in (DIRECT.afresh(), SLOW.afresh()):
        entry = {"fault": {**fault, **({"headers": {"Retry-After": "3"}} if named else {})}}
        assert fake.admin("PUT", "/faults", {"schedule": [entry]}).status == 200
        answers.append(fake.core("GET", "/external/users/e"))
    assert answers[0] == answers[1]


def test_what_must_be_decoded_first_goes_flasks_way() -> None:
    plain = {"PATH_INFO": "/priv/v1/apps/key/users", "CONTENT_LENGTH": "0"}
    assert can_be_direct(APP, plain)
    assert not can_be_direct(APP, {**plain, "PATH_INFO": "/priv/v1/apps/key/users/a%2Fb"})
    assert not can_be_direct(APP, {**plain, "PATH_INFO": "/priv/v1/apps/key/users/\u00c3\u00a9"})
    assert not can_be_direct(APP, {"PATH_INFO": "/priv/v1/apps/key/users"})
    assert not can_be_direct(through_flask().app, plain)
