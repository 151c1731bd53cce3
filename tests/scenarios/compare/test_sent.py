from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.compare.sent import Sent, Spill, unpacked
from tests.scenarios.compare.sending import OLD

BATCHES = st.lists(st.integers(-1, 4), max_size=12)


@given(body=st.binary(), target=st.text(st.characters(codec="latin-1")))
def test_what_was_packed_is_unpacked_as_it_was(body: bytes, target: str) -> None:
    sent = OLD[0]._replace(body=body, target=target)
    assert unpacked(sent.packed()) == sent


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=BATCHES, new=BATCHES)
def test_each_group_has_what_both_runs_sent_in_its_order(old: list[int], new: list[int], spill: Spill) -> None:
    runs = {"old": old, "new": new}
    for run, batches in runs.items():
        spill.begin(run)
        for index, batch in enumerate(batches):
            spill.add(run, _numbered(batch, index))
    groups = list(spill.groups("old", "new", "batch"))
    assert [number for number, _, _ in groups] == sorted({*old, *new})
    for number, ours, yours in groups:
        for rows, batches in ((ours, old), (yours, new)):
            wanted = [_numbered(batch, index) for index, batch in enumerate(batches) if batch == number]
            assert [unpacked(row) for row in rows] == wanted
    assert [sent.batch for sent in spill.every("old")] == old


def _numbered(batch: int, index: int) -> Sent:
    return OLD[0]._replace(batch=batch, target=f"/{index}")


def test_batches_are_found_by_number_and_by_person(spill: Spill) -> None:
    assert [spill.add_batch(person, f"f:{person}", b"{}") for person in (0, 1, 0)] == [0, 1, 2]
    assert spill.batch(1) == ("f:1", b"{}")
    assert [number for number, _ in spill.batches_of(0)] == [0, 2]
    assert [number for number, _, _ in spill.bodies()] == [0, 1, 2]
