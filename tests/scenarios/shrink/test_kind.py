import pytest

from scenarios.shrink.kind import kind_of, kinds
from scenarios.verdict import Finding

RULE = "sessionm.event-attributes-max"


@pytest.mark.parametrize(
    ("got", "wanted", "way"),
    [
        ("nothing", "text of 3 characters", "missing"),
        ("one purchase fewer", "purchase", "missing"),
        ("text of 3 characters", "nothing", "more"),
        ("one purchase more", "not", "more"),
        ("another text of 3 characters", "text of 3 characters", "other"),
        ("a number", "text of 3 characters", "different"),
        ("sent", "dropped", "sent, not dropped"),
    ],
)
def test_findings_in_the_same_place_that_are_wrong_otherwise_are_of_another_kind(
    got: str, wanted: str, way: str
) -> None:
    assert kind_of(Finding(RULE, "", "/profile/size", got, wanted)).way == way


def test_values_sizes_and_names_of_people_make_no_other_kind() -> None:
    one = Finding(RULE, "", "/profile/size", "text of 3 characters", "nothing", drawn=True)
    other = Finding(RULE, "told otherwise", "/profile/colour", "text of 9 characters", "nothing", drawn=True)
    assert kind_of(one) == kind_of(other)
    assert kinds([one, other]) == {kind_of(one): one}
