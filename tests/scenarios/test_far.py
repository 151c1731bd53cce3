"""A tenant elsewhere, mirrored: nothing is lost on the way, and its time is ours."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import Choices, Interaction, Request, Response, Violation
from contracts.transport import WsgiTransport
from mock_sessionm import TenantSettings, create_app, world
from mock_sessionm.journal import shown
from scenarios.far import Control, FarClock, Mirror, Refused, TargetError, interaction

AT = "2026-01-01T00:00:00Z"
TEXTS = st.dictionaries(st.text(), st.text(), max_size=3)
RESPONSES = st.builds(Response, st.integers(100, 599), TEXTS, st.binary())
INTERACTIONS = st.builds(
    Interaction,
    st.integers(0, 10_000),
    st.floats(0, 253_402_300_799),
    st.text(),
    st.text(),
    st.text(),
    st.builds(Request, st.sampled_from(["GET", "POST"]), st.text(), TEXTS, st.binary()),
    st.none() | RESPONSES,
    st.lists(st.builds(Violation, *[st.text()] * 5, st.none() | st.text()), max_size=2).map(tuple),
)


@settings(max_examples=60)
@given(INTERACTIONS)
def test_an_exact_row_of_the_journal_is_the_interaction_again(heard: Interaction) -> None:
    assert interaction(orjson.loads(orjson.dumps(shown(heard, exact=True)))) == heard


def mirrored(**tables: Any) -> tuple[Any, Mirror]:
    app = create_app(TenantSettings(api_key="own", api_secret="own"))
    control = Control("http://x", WsgiTransport(app))
    told = control.ask(
        "POST", "/tenants", {"core": {"api_key": "k"}, "alone": True, "clock": {"now": AT, "frozen": True}, **tables}
    )
    del told["on_violation"]
    return app, Mirror(control, TenantSettings.of(told), at=AT, choices=Choices())


def test_time_that_passes_here_passes_there_before_anything_else_is_asked() -> None:
    app, mirror = mirrored()
    there = world(app).tenants["k"].clock
    mirror.clock.advance("1h")
    mirror.clock.advance(0.25)
    assert there.now() == mirror.clock.now() - 3600.25
    mirror.keep_time()
    assert there.now() == mirror.clock.now()
    mirror.keep_time()
    assert there.now() == mirror.clock.now()


def test_time_that_passed_there_alone_is_noticed() -> None:
    app, mirror = mirrored()
    world(app).tenants["k"].clock.advance(5)
    mirror.catch_up()
    assert mirror.clock.now() == world(app).tenants["k"].clock.now()


def test_what_became_of_the_tenant_is_seen_when_it_is_looked_at_and_not_before() -> None:
    app, mirror = mirrored()
    mirror.catch_up()
    world(app).tenants["k"].customers.create({"external_id": "e"})
    mirror.catch_up()
    assert not len(mirror.customers)
    mirror.stale = True
    mirror.catch_up()
    assert mirror.customers.by_external("e") is not None


def test_to_look_leans_on_no_assumption_and_to_leave_tells_on_which_it_leaned() -> None:
    app, mirror = mirrored(users=[{"user": {"external_id": "e"}}])
    there = world(app).tenants["k"]
    there.choice("tag-answer")
    mirror.catch_up()
    assert not mirror.used
    mirror.choice("tag-answer")
    mirror.leave()
    assert mirror.used["tag-answer"] == 2
    assert "k" not in world(app).tenants


def test_what_is_read_is_counted_where_it_was_written_and_not_again() -> None:
    _, mirror = mirrored()

    class Leaning:
        def export(self) -> Any: ...

        def restore(self, _kept: Any) -> None:
            mirror.choice("tag-answer")

    mirror.stores["feed"] = Leaning()
    mirror.catch_up()
    assert not mirror.used


def test_a_clock_elsewhere_owes_what_it_was_advanced_by() -> None:
    clock = FarClock(0.0)
    clock.advance("30d")
    clock.advance(1)
    assert clock.owed == 30 * 86_400 + 1


def test_a_no_of_the_control_api_is_told_apart_from_its_silence() -> None:
    app, mirror = mirrored()
    control = Control("http://x", WsgiTransport(app))
    with pytest.raises(Refused, match="no tenant") as no:
        control.ask("DELETE", "/tenants/nobody")
    assert no.value.status == 404
    world(app).delete("k")
    with pytest.raises(TargetError, match="HTTP 404 about the tenant of a scenario"):
        mirror.leave()
