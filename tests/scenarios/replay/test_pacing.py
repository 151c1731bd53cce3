import pytest

from scenarios.replay.pacing import Pace, stamped


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(("factor", "gone"), [(None, 0.0), (1.0, 60.0), (10.0, 6.0), (0.5, 120.0)])
def test_a_record_is_due_as_long_after_the_first_as_it_was_divided_by_the_factor(
    factor: float | None, gone: float
) -> None:
    time = Time()
    pace = Pace(factor, clock=lambda: time.now, sleep=time.sleep)
    for recorded in (1000.0, 1030.0, None, 1060.0, 1010.0):
        pace.wait(recorded)
    assert time.now == pytest.approx(100.0 + gone)


def test_time_that_was_spent_on_the_way_is_not_waited_for() -> None:
    time = Time()
    pace = Pace(1.0, clock=lambda: time.now, sleep=time.sleep)
    pace.wait(1000.0)
    time.now += 50
    pace.wait(1060.0)
    assert time.now == pytest.approx(160.0)


def test_a_batch_is_stamped_in_milliseconds_or_not_at_all() -> None:
    assert stamped({"timestamp_unixtime_ms": 1500}) == 1.5
    assert stamped({"timestamp_unixtime_ms": "soon"}) is None
    assert stamped({}) is None
