import re
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forwarder import STEPS, plan
from scenarios.fingerprint import fingerprint, taken_apart
from scenarios.generated import generated
from scenarios.runner import Runner
from scenarios.verdict import Finding
from scenarios.world import Embedded

RULE = "sessionm.event-attributes-max"


def printed(place: str, *, drawn: bool = False, told: str = "") -> str:
    return fingerprint(RULE, place, told, drawn=drawn)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/events/0/data/custom_attributes/size", "/events/17/data/custom_attributes/size"),
        ("/user_attributes/attribute_0010", "/user_attributes/attribute_0199"),
        ("PUT updateUser /user/user_profile/a/3", "PUT updateUser /user/user_profile/a/4"),
        ("step 2, postTags", "step 9, postTags"),
        ("request 1/user_attributes", "request 4/user_attributes"),
        ("/profile/1000000000000000014", "/profile/1000000000000000015"),
        ("/a/11111111-1111-4111-8111-111111111111", "/a/22222222-2222-4222-8222-222222222222"),
        ("/a/01H8XGJWBWBAQ4Z4Z4Z4Z4Z4Z4", "/a/01H8XGJWBWBAQ5Z5Z5Z5Z5Z5Z5"),
    ],
)
def test_what_position_or_chance_decides_makes_no_difference(one: str, other: str) -> None:
    assert printed(one) == printed(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/profile/size", "/profile/colour"),
        ("/profile/size", "/fields/size"),
        ("PUT updateUser /user/email", "POST createUser /user/email"),
        ("GET getTags 200", "GET getTags 404"),
        ("GET getTags 200 /tags/gold/ttl", "GET getTags 200 /status"),
        ("step 2, postTags", "step 2, createUser"),
        ("data_filter.user_attributes.tier1", "data_filter.user_attributes.tier2"),
        ("event_mappings.Add To Cart/1", "event_mappings.Add To Cart/2"),
        ("header:content-type", "path"),
    ],
)
def test_another_place_is_another_mistake(one: str, other: str) -> None:
    assert printed(one) != printed(other)


def test_the_rule_the_meant_rule_and_the_place_in_an_answer_count_and_values_do_not() -> None:
    assert fingerprint("a.b", "/x") != fingerprint("a.c", "/x")
    assert fingerprint("a.b", "/x", about="a.d") != fingerprint("a.b", "/x", about="a.e")
    assert printed("step 1, x", told="another value at /tags/gold") != printed("step 1, x", told="nothing at /user")
    assert Finding(RULE, "11 names", "/x", "11", "10").fingerprint == Finding(RULE, "12", "/x", "12", "9").fingerprint
    assert Finding(RULE, "m", "/x", batch="7").fingerprint == Finding(RULE, "m", "/x", batch="8").fingerprint


def test_names_that_invented_people_gave_make_no_difference_and_vendors_names_do() -> None:
    for one, other in (
        ("/profile/ShoeSize", "/profile/LoyaltyTier"),
        ("/events/purchase/context/sku", "/events/visit/context/size"),
        ("/user_identities/google", "/user_identities/facebook"),
        ("PUT identify /Lifetime Spend", "PUT identify /has app"),
    ):
        assert printed(one, drawn=True) == printed(other, drawn=True)
        assert printed(one) != printed(other)
    assert printed("/fields/email", drawn=True) != printed("/fields/zip", drawn=True)


@given(st.text(), st.booleans())
def test_any_place_has_a_fingerprint_of_sixteen_digits(place: str, drawn: bool) -> None:
    assert re.fullmatch("[0-9a-f]{16}", printed(place, drawn=drawn))
    assert "".join(taken_apart("/" + place)) == "/" + place


@given(st.lists(st.sampled_from(["events", "profile", "size", "a b"]), min_size=1), st.integers(0, 10**20))
def test_an_index_anywhere_in_a_pointer_makes_no_difference(parts: list[str], index: int) -> None:
    for place in range(len(parts) + 1):
        there, other = ["/" + "/".join([*parts[:place], str(n), *parts[place:]]) for n in (index, index + 1)]
        assert printed(there) == printed(other)


@pytest.mark.parametrize("missing", ["normalise_names", "cap_event_attributes", "take_kinds"])
def test_the_same_mistake_has_the_same_fingerprint_under_another_seed(missing: str) -> None:
    def found(seed: int) -> set[str]:
        steps = [step for step in STEPS if step.__name__ != missing]
        runner = Runner(Embedded(planning=partial(plan, steps=steps), seed=seed))
        results = [runner.judge(scenario) for scenario in generated(seed, 60)]
        return {finding.fingerprint for result in results for finding in result.findings}

    one = found(11)
    assert one
    assert one == found(12)
