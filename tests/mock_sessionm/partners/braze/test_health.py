import pytest

from contracts import Choices, rules
from mock_sessionm.partners.braze import TEMPLATE_BEHAVIOURS
from mock_sessionm.partners.braze.health import DETECTED, Health

MOST = rules()[DETECTED].limit or 0


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(clock: Clock, probes: str = "1") -> Health:
    return Health(clock, Choices({"content-probes": probes}), TEMPLATE_BEHAVIOURS)


def failing(health: Health, times: int) -> None:
    for _ in range(times):
        health.saw("a", failed=True)


def test_a_host_of_which_nothing_is_known_is_well() -> None:
    assert not made(Clock()).halted("a")


def test_hosts_are_unwell_each_for_itself() -> None:
    health = made(Clock())
    failing(health, MOST + 1)
    assert health.halted("a")
    assert not health.halted("b")


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        (408, True),
        (429, True),
        (500, False),
        (502, True),
        (503, True),
        (504, True),
        (529, True),
        (404, False),
        (200, False),
    ],
)
def test_only_the_statuses_of_the_rule_count(status: int, counts: bool) -> None:
    assert made(Clock()).counts(status) is counts


def test_after_a_pause_the_count_begins_anew() -> None:
    clock = Clock()
    health = made(clock)
    failing(health, MOST + 1)
    clock.now += 60
    assert not health.halted("a")
    health.saw("a", failed=False)
    failing(health, MOST)
    assert not health.halted("a")
    failing(health, 1)
    assert health.halted("a")


def test_one_failure_among_the_probes_is_another_pause() -> None:
    clock = Clock()
    health = made(clock, "5")
    failing(health, MOST + 1)
    clock.now += 60
    assert not health.halted("a")
    for _ in range(4):
        health.saw("a", failed=False)
    health.saw("a", failed=True)
    assert health.halted("a")
    clock.now += 59
    assert health.halted("a")
    clock.now += 1
    assert not health.halted("a")
