from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scenarios.replay.tally import PLACES, Tally
from scenarios.verdict import Case, Finding, ScenarioResult

RULES = ("sessionm.event-attributes-max", "sessionm.key-strip")
FINDINGS = st.builds(Finding, st.sampled_from(RULES), st.sampled_from("ab"), st.sampled_from(["/a", "/b"]))
CASES = st.builds(Case, st.sampled_from(RULES), st.sampled_from(["at", "above"]), st.booleans(), st.booleans())
RESULTS = st.builds(
    ScenarioResult,
    st.text("xyz", min_size=1, max_size=3),
    st.just("a person"),
    st.just("recorded"),
    st.lists(FINDINGS, max_size=3).map(tuple),
    st.lists(CASES, max_size=3).map(tuple),
    untried=st.sampled_from(["", "", "a reason"]),
    batches=st.integers(0, 3),
)


def tally(results: Sequence[ScenarioResult], first: int) -> Tally:
    made = Tally()
    for number, result in enumerate(results, start=first):
        made.add(number, result)
        made.fates["rule", "name", "sent"] += 1
    return made


@given(st.lists(RESULTS, max_size=12), st.lists(st.integers(0, 12), max_size=3))
def test_the_tallies_of_parts_add_up_to_that_of_the_whole_wherever_it_is_cut(
    results: list[ScenarioResult], cuts: list[int]
) -> None:
    whole, edges = tally(results, 1), sorted({0, *(min(cut, len(results)) for cut in cuts), len(results)})
    summed = Tally()
    for start, end in pairwise(edges):
        summed.merge(tally(results[start:end], start + 1))
    assert summed == whole


def test_the_same_mistake_is_counted_by_people_and_its_first_places_are_named() -> None:
    mistake = Finding(RULES[0], "eleven", "/events/0")
    made = tally([ScenarioResult(f"p{n}", "", "recorded", (mistake, mistake)) for n in range(9)], 1)
    (found,) = made.mistakes.values()
    assert (found.people, [number for number, _, _ in found.places]) == (9, list(range(1, PLACES + 1)))
