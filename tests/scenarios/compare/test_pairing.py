import random

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.compare.pairing import paired
from scenarios.compare.written import Form
from tests.scenarios.compare.sending import OLD, event, user

FORMS = [Form.of(sent) for sent in OLD]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), size=st.integers(0, 15))
def test_requests_in_another_order_are_the_same_ones_and_those_that_moved_are_as_few_as_can_be(
    seed: int, size: int
) -> None:
    old = FORMS[:size]
    order = list(range(size))
    random.Random(seed).shuffle(order)
    made = paired(old, [old[index] for index in order])
    assert (len(made.same), made.near, made.lost, made.again, made.come) == (size, [], [], [], [])
    kept = [index for index in order if index not in made.moved]
    assert kept == sorted(kept)
    assert made.moved or order == sorted(order)


def test_an_event_is_not_taken_for_another_one() -> None:
    made = paired([Form.of(event(0, "purchase", {"size": "m"}))], [Form.of(event(0, "Home", {"sku": "x"}))])
    assert (made.near, made.lost, made.come) == ([], [0], [0])


def test_a_user_of_whom_little_is_left_is_the_same_user() -> None:
    many = user(0)._replace(body=orjson.dumps({f"a{index}": index for index in range(20)}))
    assert paired([Form.of(many)], [Form.of(many._replace(body=b'{"id":1}'))]).near == [(0, 0)]


def test_so_many_requests_that_weighing_them_would_take_long_are_paired_in_their_order() -> None:
    old = [Form.of(event(0, f"e{index}", {"n": str(index)})) for index in range(80)]
    new = [Form.of(event(0, f"e{index}", {"n": f"{index}!"})) for index in range(80)]
    assert paired(old, new).near == [(index, index) for index in range(80)]
