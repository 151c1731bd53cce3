import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from mock_sessionm.call import query_parameters
from mock_sessionm.core.timelines import COUNT, instant
from mock_sessionm.limits import limit
from tests.mock_sessionm.asking import Asker

VIEW = "/external/users/e/timelines/ACCOUNT_AUDIT_LOG"
SINCE = query_parameters("sessionm", "getTimeline")["since"]["schema"]["pattern"]
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=zones))  # noqa: DTZ001  zones are added
def test_a_date_in_any_zone_is_the_second_that_it_means(when: datetime) -> None:
    when = when.replace(microsecond=0)
    assert instant(when.isoformat()) == when.timestamp()
    assert instant(when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")) == when.timestamp()
    assert instant(when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")) == when.timestamp()
    assert instant(str(int(when.timestamp()))) == when.timestamp()


@given(st.from_regex(SINCE, fullmatch=True))
def test_whatever_the_contract_takes_for_a_time_is_one(text: str) -> None:
    assert isinstance(instant(text), float)


def test_a_day_alone_is_its_first_second() -> None:
    assert instant("1970-01-02") == 86_400


@pytest.mark.parametrize(
    "query",
    [
        "since=yesterday",
        "since=2026-13-01",
        "since=",
        "since=2026-01-01&since=2026-01-02",
        "count=0",
        "count=-1",
        "count=1.5",
        "count=ten",
        "count=9999999999",
        "count=1&count=2",
        "event_types=",
    ],
)
def test_what_is_no_parameter_of_a_timeline_is_refused(fake: Asker, query: str) -> None:
    fake.create(external_id="e")
    assert fake.core("GET", f"{VIEW}?{query}").rules == ["sessionm.contract"]


def test_the_number_of_the_register_is_the_one_that_counts(fake: Asker) -> None:
    assert limit(COUNT) == rules()["sessionm.timeline-count-max"].limit
    fake.create(external_id="e")
    assert fake.core("GET", f"{VIEW}?count={limit(COUNT)}").rules == []
    assert fake.core("GET", f"{VIEW}?count={limit(COUNT) + 1}").rules == ["sessionm.timeline-count-max"]


def test_a_thousand_entries_come_at_once_and_without_a_count_all(fake: Asker) -> None:
    id_ = fake.create(external_id="e")
    for _ in range(limit(COUNT) + 5):
        fake.tenant.books.deposit(id_, 1)
    assert fake.core("GET", f"{VIEW}?count={limit(COUNT)}").body["count"] == limit(COUNT)
    assert fake.core("GET", VIEW).body["count"] == limit(COUNT) + 5


def test_the_pattern_of_a_time_is_one_that_any_tool_reads() -> None:
    assert re.compile(SINCE).groups == 11
