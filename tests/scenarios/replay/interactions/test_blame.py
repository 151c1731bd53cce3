"""The cause of a mismatch is told once; what follows from it is not."""

from typing import Any

from scenarios.replay.interactions.blame import About, Blame
from scenarios.replay.interactions.equivalence import Difference

ADA, BOB = About(0, "ada"), About(0, "bob")


def difference(name: str, there: Any, here: Any) -> Difference:
    return Difference(f"/{name}", name, "got", "wanted", there, here)


def test_the_same_wrong_value_is_told_once_for_each_person() -> None:
    blame = Blame()
    one = difference("user.email", "old", "new")
    assert blame.causes(ADA, [one]) == [one]
    assert blame.causes(ADA, [one]) == []
    assert blame.causes(BOB, [one]) == [one]


def test_another_wrong_value_is_another_mistake() -> None:
    blame = Blame()
    blame.causes(ADA, [difference("user.email", "old", "new")])
    other = difference("user.email", "third", "new")
    assert blame.causes(ADA, [other]) == [other]


def test_points_that_are_as_far_apart_elsewhere_are_so_for_the_same_reason() -> None:
    blame = Blame()
    first, second = difference("details.available_balance", 200, 100), difference("available_points", 150, 50)
    assert blame.causes(ADA, [first, second]) == [first]
    third = difference("available_points", 250, 50)
    assert blame.causes(ADA, [third]) == []


def test_of_whom_nothing_is_sure_only_a_change_is_told() -> None:
    blame = Blame()
    blame.doubt(ADA)
    assert blame.causes(ADA, [difference("user.email", "a", "b")]) == []
    other = difference("user.email", "c", "b")
    assert blame.causes(ADA, [other]) == [other]
