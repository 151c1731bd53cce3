from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.limits import limit
from mock_sessionm.partners.braze.webhook_health import FAILURES, HALT, WINDOW, WebhookHealth

MOST = limit(FAILURES)


def failing(times: int, status: int = 503, now: float = 0.0) -> WebhookHealth:
    health = WebhookHealth()
    for _ in range(times):
        health.failed("a", status, now)
    return health


def test_a_host_is_left_alone_after_one_failure_too_many_and_not_before() -> None:
    assert not failing(MOST).halted("a", 0.0)
    assert failing(MOST + 1).halted("a", 0.0)


def test_another_host_is_not_touched() -> None:
    assert not failing(MOST + 1).halted("b", 0.0)


def test_a_host_is_called_again_when_its_time_is_over() -> None:
    health = failing(MOST + 1, now=100.0)
    assert health.halted("a", 100.0 + limit(HALT) - 0.001)
    assert not health.halted("a", 100.0 + limit(HALT))


def test_the_window_moves_with_the_clock() -> None:
    health = failing(MOST, now=0.0)
    health.failed("a", 503, limit(WINDOW))
    assert not health.halted("a", limit(WINDOW))
    health = failing(MOST, now=0.0)
    health.failed("a", 503, limit(WINDOW) - 0.001)
    assert health.halted("a", limit(WINDOW) - 0.001)


@given(st.sampled_from([400, 401, 404, 500, 501, 598, 599]))
def test_most_errors_say_nothing_about_the_health_of_a_host(status: int) -> None:
    assert not failing(MOST + 2, status).halted("a", 0.0)
