"""Chance out of a seed."""

from __future__ import annotations

import random

import pytest

from mock_sessionm.chance import Chance


@pytest.mark.parametrize("seed", [0, 7, "7 offers"])
def test_it_draws_what_random_draws_from_the_same_seed(seed: int | str) -> None:
    drawn, wanted = Chance(seed), random.Random(seed)
    assert [drawn.getrandbits(bits) for bits in (128, 48, 1)] == [wanted.getrandbits(bits) for bits in (128, 48, 1)]
