from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from scenarios.shrink.ddmin import smallest

Wanted = list[frozenset[int]]


def happens_with(wanted: Wanted) -> tuple[list[int], object]:
    """It happens with all of one of these sets; how often that was asked is kept."""
    asked = [0]

    def happens(candidates: Sequence[tuple[int, ...]]) -> list[bool]:
        asked[0] += len(candidates)
        return [any(one <= set(candidate) for one in wanted) for candidate in candidates]

    return asked, happens


@given(
    size=st.integers(1, 60),
    wanted=st.lists(st.frozensets(st.integers(0, 59), max_size=6), min_size=1, max_size=3),
)
def test_no_item_can_be_left_out_of_what_remains_and_it_still_happens(size: int, wanted: Wanted) -> None:
    wanted = [frozenset(item % size for item in one) for one in wanted]
    _, happens = happens_with(wanted)
    kept = smallest(range(size), happens)  # type: ignore[arg-type]
    assert list(kept) == sorted(set(kept))
    assert any(one <= set(kept) for one in wanted)
    for gone in kept:
        assert not any(one <= set(kept) - {gone} for one in wanted)


def test_one_item_of_ten_thousand_is_found_in_few_tries() -> None:
    asked, happens = happens_with([frozenset({7_777})])
    assert smallest(range(10_000), happens) == (7_777,)  # type: ignore[arg-type]
    assert asked[0] < 60


def test_nothing_is_asked_of_nothing() -> None:
    assert smallest([], lambda _candidates: [True]) == ()
