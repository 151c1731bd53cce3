from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from mock_sessionm.partners.braze.webhook_waits import Waits, again, asked, received

EPOCH = Choices()
WAITS = Waits.load(EPOCH)


@given(st.sampled_from(["2", "3"]), st.booleans())
def test_the_waits_grow_by_their_factor_and_fill_the_window(factor: str, unreachable: bool) -> None:
    waits = Waits.load(Choices({"webhook-backoff-factor": factor}))
    moments = [waits.after(retry, unreachable=unreachable) for retry in range(6)]
    steps = [later - earlier for earlier, later in pairwise(moments)]
    assert moments[-1] == (86_400 if unreachable else 1_800)
    assert moments[0] == 0
    for shorter, longer in pairwise(steps):
        assert longer / shorter == pytest.approx(float(factor))


def test_a_retry_too_many_would_not_lie_beyond_the_window() -> None:
    assert WAITS.after(6, unreachable=False) == 1_800


def test_of_the_statuses_twenty_and_its_nine_neighbours_are_received() -> None:
    assert [status for status in range(100, 700) if received(status)] == list(range(200, 210))


def test_of_the_statuses_two_of_the_client_and_all_of_the_server_are_tried_again() -> None:
    assert [status for status in range(100, 700) if again(status)] == [408, 429, *range(500, 600)]


@pytest.mark.parametrize(
    ("headers", "until"),
    [
        ({}, 0),
        ({"retry-after": "30"}, 1_030),
        ({"retry-after": " 30 "}, 1_030),
        ({"retry-after": "-30"}, 0),
        ({"retry-after": "3.5"}, 0),
        ({"retry-after": "Thu, 01 Jan 1970 01:00:00 GMT"}, 3_600),
        ({"retry-after": "Thu, 99 Jan 1970 01:00:00 GMT"}, 0),
        ({"retry-after": "²"}, 0),
        ({"x-rate-limit-reset": "2000"}, 2_000),
        ({"x-rate-limit-reset": "2000", "x-rate-limit-remaining": "0"}, 2_000),
        ({"x-rate-limit-reset": "2000", "x-rate-limit-remaining": "3"}, 0),
        ({"x-rate-limit-reset": "soon", "x-rate-limit-remaining": "0"}, 0),
        ({"x-rate-limit-reset": "2000", "retry-after": "5000"}, 6_000),
        ({"x-ratelimit-reset": "2000"}, 0),
    ],
)
def test_what_the_headers_ask_for_is_a_moment(headers: dict[str, str], until: float) -> None:
    assert asked(headers, 1_000.0, EPOCH) == until


def test_a_reset_may_be_a_number_of_seconds() -> None:
    assert asked({"x-rate-limit-reset": "20"}, 1_000.0, Choices({"webhook-rate-limit-reset": "seconds"})) == 1_020
