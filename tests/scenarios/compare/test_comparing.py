"""One planted change gives one cause, which names that field and no other."""

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.compare.comparing import Outcome
from scenarios.compare.explaining import Destiny
from scenarios.compare.sent import UNKNOWN, Sent
from scenarios.compare.written import shown
from tests.scenarios.compare.sending import JSON, OLD, OWNER, Change, body, changed, event, request, user

Compare = Callable[..., Outcome]


def profile(change: Callable[[dict[str, Any]], Any]) -> Change:
    return body(lambda said: change(said["user"]["user_profile"]) if "user" in said else None)


def events(change: Callable[[dict[str, Any]], Any]) -> Change:
    def every(said: dict[str, Any]) -> None:
        for one in said.get("events", {}).values():
            change(one)

    return body(every)


def put_back(table: dict[str, Any], old: str, new: str) -> None:
    if old in table:
        table[new] = table.pop(old)


def with_header(name: str, text: str) -> Change:
    return lambda sent: [sent._replace(headers=(*(one for one in sent.headers if one[0] != name), (name, text)))]


def at(method: str, change: Change) -> Change:
    return lambda sent: change(sent) if sent.method == method else [sent]


def of_event(name: str, change: Change) -> Change:
    return lambda sent: change(sent) if f'"{name}"'.encode() in sent.body else [sent]


FIELDS = {
    "renamed": (profile(lambda table: put_back(table, "ShoeSize", "shoe_size")), "/user/user_profile/ShoeSize", 5),
    "dropped": (profile(lambda table: table.pop("LoyaltyTier")), "/user/user_profile/LoyaltyTier", 5),
    "added": (profile(lambda table: table.update(x="1")), "/user/user_profile/x", 5),
    "another value": (events(lambda one: one.update(qty=2)), "/events/*/qty", 10),
    "capitals": (
        events(lambda one: one["context"].update(size=one["context"]["size"].upper())),
        "/events/*/context/size",
        10,
    ),
    "another kind": (events(lambda one: one.update(transaction_id=1)), "/events/*/transaction_id", 10),
    "event renamed": (
        body(lambda said: put_back(said.get("events", {}), "purchase", "buy")),
        "/events/purchase",
        5,
    ),
    "header changed": (with_header("Content-Type", "text/plain"), "header:content-type", 15),
    "header added": (with_header("X-Source", "mparticle"), "header:x-source", 15),
    "method": (at("PUT", lambda sent: [sent._replace(method="PATCH")]), "method", 5),
    "path": (at("POST", lambda sent: [sent._replace(target=sent.target[:-1])]), "path", 10),
    "query": (at("PUT", lambda sent: [sent._replace(target=f"{sent.target}?x=1")]), "query:x", 5),
}


@pytest.mark.parametrize("name", FIELDS)
def test_one_changed_field_is_one_cause_that_names_it(name: str, outcome: Compare) -> None:
    change, field, requests = FIELDS[name]
    made = outcome(OLD, changed(change))
    (cause,) = made.causes
    assert (cause.kind, shown(cause.place), cause.requests, cause.first) == ("changed", field, requests, 0)
    assert made.classes == {"changed": requests, "identical": 15 - requests} or requests == 15


def test_a_renamed_field_is_told_with_its_new_name(outcome: Compare) -> None:
    (cause,) = outcome(OLD, changed(FIELDS["renamed"][0])).causes
    assert (cause.change, cause.to) == ("renamed", "shoe_size")


def test_a_field_that_is_renamed_and_changed_in_all_requests_is_one_cause(outcome: Compare) -> None:
    def both(table: dict[str, Any]) -> None:
        put_back(table, "LoyaltyTier", "tier")
        table["tier"] = table["tier"].upper()

    (cause,) = outcome(OLD, changed(profile(both))).causes
    assert (cause.change, cause.to, cause.requests) == ("renamed", "tier", 5)


WHOLE = {
    "lost": (of_event("purchase", lambda _sent: []), "lost", 5),
    "twice": (of_event("purchase", lambda sent: [sent, sent]), "duplicated", 5),
    "more": (lambda sent: [sent, event(sent.batch, "Menu", {})] if sent.method == "PUT" else [sent], "changed", 5),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_requests_are_one_cause_that_names_their_event(name: str, outcome: Compare) -> None:
    change, kind, requests = WHOLE[name]
    made = outcome(OLD, changed(change))
    (cause,) = made.causes
    assert (cause.kind, cause.place, cause.requests) == (kind, (), requests)
    assert list(cause.names) == ["Menu" if name == "more" else "purchase"]
    assert made.classes[kind] == requests


def test_batches_that_are_lost_as_a_whole_are_one_cause(outcome: Compare) -> None:
    made = outcome(OLD, [sent for sent in OLD if sent.batch % 2])
    (cause,) = made.causes
    assert (cause.kind, cause.batches, cause.requests) == ("lost", True, 9)
    users = [sent for sent in OLD if sent.method == "PUT" and sent.batch]
    (cause,) = outcome([*users, *OLD[:3]], [OLD[1], OLD[2]]).causes
    assert (cause.kind, cause.batches, cause.requests) == ("lost", False, 5)


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_another_order_within_a_user_is_one_cause(order: tuple[int, ...], outcome: Compare) -> None:
    new = [OLD[batch * 3 + index] for batch in range(5) for index in order]
    made = outcome(OLD, new)
    (cause,) = made.causes
    assert cause.kind == "reordered"
    assert made.classes["reordered"] == cause.requests == (10 if order == (2, 1, 0) else 5)


WRITINGS: dict[str, Change] = {
    "order of keys": lambda sent: [sent._replace(body=orjson.dumps(_turned(orjson.loads(sent.body))))],
    "number form": lambda sent: [sent._replace(body=sent.body.replace(b'"qty":1', b'"qty":1.0'))],
    "JSON text": lambda sent: [sent._replace(body=json.dumps(orjson.loads(sent.body)).encode())],
    "header case": lambda sent: [sent._replace(headers=tuple((name.lower(), text) for name, text in sent.headers))],
    "order of headers": lambda sent: [sent._replace(headers=sent.headers[::-1])],
    "percent-encoding": lambda sent: [sent._replace(target=sent.target.replace("users/7", "users/%37"))],
    "header passed over": with_header("Connection", "close"),
}


def _turned(value: Any) -> Any:
    return {name: _turned(inner) for name, inner in reversed(value.items())} if isinstance(value, dict) else value


@pytest.mark.parametrize("name", WRITINGS)
def test_another_way_of_writing_is_equivalent(name: str, outcome: Compare) -> None:
    made = outcome(OLD, changed(WRITINGS[name]))
    assert not made.causes
    assert set(made.writings) == {name}
    assert made.classes["equivalent"] == made.writings[name].requests > 0


def test_requests_of_the_same_events_are_equivalent_however_many_go_together(outcome: Compare) -> None:
    together = []
    for batch in range(5):
        both = [orjson.loads(one.body)["events"] for one in OLD[batch * 3 + 1 : batch * 3 + 3]]
        together += [
            user(batch),
            request(batch, "POST", f"{OWNER}/{7000 + batch}/events", {"events": both[0] | both[1]}),
        ]
    for old, new in ((OLD, together), (together, OLD)):
        made = outcome(old, new)
        assert not made.causes
        assert set(made.writings) == {"grouping"}


def test_what_only_follows_from_another_answer_is_no_cause_of_its_own(outcome: Compare) -> None:
    put, target = user(0), "/priv/v1/apps/{api_key}/users"
    unknown = put._replace(code="user_not_found")
    create = put._replace(method="POST", target=target)
    wrong = put._replace(target=put.target.replace("external", "extern"), status=404)
    made = outcome([unknown, create, OLD[1]], [wrong, OLD[1]])
    (cause,) = made.causes
    assert (shown(cause.place), cause.requests, dict(cause.follows)) == ("path", 1, {"lost": 1})
    made = outcome([unknown, create, OLD[1]], [unknown, OLD[1]])
    assert [cause.kind for cause in made.causes] == ["lost"]


def limited(cap: int) -> list[Sent]:
    """Events of twelve attributes each, in an order of their own, of which `cap` are kept."""
    names = [f"a{index}" for index in range(12)]
    return [event(batch, "purchase", dict.fromkeys((names[batch:] + names[:batch])[:cap], "v")) for batch in range(3)]


@pytest.mark.parametrize("cap", [9, 11])
@pytest.mark.parametrize("told", [False, True])
def test_one_more_or_less_at_a_limit_is_one_cause(cap: int, told: bool, outcome: Compare) -> None:
    def explain(_batch: int) -> Any:
        dropped = Destiny("dropped", "sessionm.event-attributes-max", "")
        sent = {f"/p/a{index}": Destiny("sent", "x", f"a{index}") for index in range(12)}
        nothing = dict.fromkeys(sent, dropped)
        return (sent, nothing) if cap < 10 else (nothing, sent)

    (cause,) = outcome(limited(10), limited(cap), explain=explain if told else lambda _batch: None).causes
    assert (cause.requests, len(cause.fields), shown(cause.place)) == (3, 3, "/events/*/context/*")
    assert cause.rule == ("sessionm.event-attributes-max" if told else "")


def test_a_field_that_made_room_at_a_limit_is_the_only_cause(outcome: Compare) -> None:
    old = [event(0, "purchase", {"size": "m", "sku": "1"})]
    new = [event(0, "purchase", {"sku": "1", "late": "x"})]
    limit = Destiny("dropped", "sessionm.event-attributes-max", "")
    filtered, sent = Destiny("filtered", "sessionm.data-filter", ""), Destiny("sent", "x", "size")
    fates = ({"/a": sent, "/b": limit}, {"/a": filtered, "/b": Destiny("sent", "x", "late")})
    (cause,) = outcome(old, new, explain=lambda _batch: fates).causes
    assert (shown(cause.place), cause.rule, cause.fate) == (
        "/events/*/context/size",
        "sessionm.data-filter",
        "filtered",
    )
    assert dict(cause.room) == {"new": 1}


def test_many_fields_of_one_object_that_go_alike_are_one_cause(outcome: Compare) -> None:
    many = {f"a{index}": str(index) for index in range(6)}
    old = [request(batch, "PUT", f"/api/v1/customers/{batch}", {"email": "e", **many}) for batch in range(3)]
    new = [request(batch, "PUT", f"/api/v1/customers/{batch}", {"email": "e"}) for batch in range(3)]
    (cause,) = outcome(old, new).causes
    assert (shown(cause.place), cause.change, cause.requests) == ("/*", "gone", 3)
    assert cause.fields == dict.fromkeys(many, 3)


def test_noise_counts_for_nothing(outcome: Compare) -> None:
    noisy = changed(events(lambda one: one.update(transaction_id="other")))
    place = ("body", "events", "*", "transaction_id")
    made = outcome(OLD, noisy, noise=frozenset({place}))
    assert not made.causes
    assert made.classes == {"identical": 5, "equivalent": 10}
    both = changed(events(lambda one: one.update(transaction_id="other", qty=2)))
    (cause,) = outcome(OLD, both, noise=frozenset({place})).causes
    assert shown(cause.place) == "/events/*/qty"


def test_what_is_about_one_person_is_compared_where_batches_are_not_known(outcome: Compare) -> None:
    unknown = [sent._replace(batch=UNKNOWN) for sent in OLD]
    jumbled = sorted(unknown, key=lambda sent: sent.person)
    assert outcome(unknown, jumbled, by="person").classes == {"identical": 15}
    made = outcome(unknown, [sent for sent in jumbled if b"purchase" not in sent.body], by="person")
    assert [(cause.kind, cause.requests) for cause in made.causes] == [("lost", 5)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=st.lists(st.booleans(), min_size=15, max_size=15), twice=st.sets(st.integers(0, 14)))
def test_every_request_is_in_one_class(kept: list[bool], twice: set[int], outcome: Compare) -> None:
    new = [
        one
        for index, (sent, keep) in enumerate(zip(OLD, kept, strict=True))
        if keep
        for one in ([sent, sent] if index in twice else [sent])
    ]
    made = outcome(OLD, new)
    classes = made.classes
    assert classes["identical"] + classes["equivalent"] + classes["changed"] + classes["lost"] >= 15 - len(twice)
    assert classes["lost"] == kept.count(False)
    assert classes["duplicated"] == len([index for index in twice if kept[index]])
    assert (made.old, made.new) == (15, len(new))


def test_headers_are_those_of_every_request() -> None:
    assert all(sent.headers == JSON for sent in OLD)
