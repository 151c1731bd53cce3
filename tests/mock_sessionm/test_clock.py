import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm.clock import LAST, Clock, ClockError, duration, iso, moment


class Ticking:
    """A source of real seconds that the test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_a_frozen_clock_stands_still() -> None:
    source = Ticking()
    clock = Clock(5.0, frozen=True, source=source)
    source.seconds += 60
    assert clock.now() == 5.0


def test_a_running_clock_follows_its_source() -> None:
    source = Ticking()
    clock = Clock(5.0, source=source)
    source.seconds += 60
    assert clock.now() == 65.0


def test_freezing_keeps_what_is_shown_and_running_goes_on_from_it() -> None:
    source = Ticking()
    clock = Clock(0.0, source=source)
    source.seconds += 10
    clock.freeze()
    source.seconds += 10
    assert clock.now() == 10.0
    clock.freeze(frozen=False)
    source.seconds += 10
    assert clock.now() == 20.0


@pytest.mark.parametrize(
    ("by", "seconds"),
    [
        (90, 90.0),
        (0.5, 0.5),
        ("90", 90.0),
        ("30d", 2_592_000.0),
        ("1h30m", 5_400.0),
        ("2w", 1_209_600.0),
        ("1.5h", 5_400.0),
        (" 10s ", 10.0),
        (0, 0.0),
    ],
)
def test_a_duration_is_seconds_or_a_text_with_units(by: float | str, seconds: float) -> None:
    assert duration(by) == seconds


@pytest.mark.parametrize("by", ["", "d", "30 days", "-1d", -1, "1h-30m", "nan", "inf", True, None, [], "1e400", 1e300])
def test_a_bad_duration_is_said_in_one_line(by: object) -> None:
    with pytest.raises(ClockError) as caught:
        duration(by)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert "30d" in str(caught.value)


@given(st.floats(0, 1e9), st.integers(0, 10_000), st.integers(0, 10_000))
def test_advancing_twice_is_advancing_once_by_the_sum(start: float, one: int, other: int) -> None:
    clock, whole = Clock(start, frozen=True), Clock(start, frozen=True)
    clock.advance(one)
    clock.advance(other)
    whole.advance(one + other)
    assert clock.now() == pytest.approx(whole.now())


def test_a_clock_can_be_set_with_and_without_a_zone() -> None:
    clock = Clock(0.0, frozen=True)
    clock.set("2026-06-15T12:00:00+02:00")
    assert clock.iso() == "2026-06-15T10:00:00.000Z"
    clock.set("2026-06-15T12:00:00")
    assert clock.iso() == "2026-06-15T12:00:00.000Z"


@pytest.mark.parametrize(
    "now", ["", "yesterday", "0001-01-01T00:00:00", -1, 1e300, float("nan"), "9999-12-31T23:59:59-10:00"]
)
def test_a_time_that_no_calendar_here_can_say_is_refused_and_changes_nothing(now: float | str) -> None:
    clock = Clock(7.0, frozen=True)
    with pytest.raises(ClockError):
        clock.set(now)
    assert clock.now() == 7.0


def test_a_clock_cannot_be_advanced_beyond_the_last_day() -> None:
    clock = Clock(LAST - 10.0, frozen=True)
    with pytest.raises(ClockError):
        clock.advance("1d")


def test_a_copy_goes_its_own_way_and_reset_leads_back_to_where_it_began() -> None:
    clock = Clock(5.0, frozen=True)
    copy = clock.copy()
    copy.advance(10)
    copy.freeze(frozen=False)
    assert clock.now() == 5.0
    copy.reset()
    assert (copy.now(), copy.frozen) == (5.0, True)


def test_times_are_written_as_each_side_writes_them() -> None:
    assert iso(0.25) == "1970-01-01T00:00:00.250Z"
    assert moment(1_781_524_800.9) == "2026-06-15 12:00:00"
