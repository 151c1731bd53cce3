from hypothesis import given
from hypothesis import strategies as st

from scenarios.replay.people import People, names_of

NAMES = st.dictionaries(st.sampled_from(["customer_id", "email", "other"]), st.sampled_from("abcdeABCDE"), max_size=2)
BATCHES = st.lists(st.tuples(st.integers(0, 6), NAMES).map(lambda one: {"mpid": one[0], "user_identities": one[1]}))


def test_whoever_shares_an_mpid_or_an_identity_in_whatever_casing_is_one_person() -> None:
    people = People()
    first = people.number({"mpid": 1, "user_identities": {"email": "Jo@example.com"}})
    second = people.number({"mpid": 2, "user_identities": {"customer_id": "c"}})
    assert people.first(first) != people.first(second)
    people.number({"user_identities": {"email": "jo@example.com", "customer_id": "c"}})
    assert people.first(first) == people.first(second) == 0
    assert list(people.linked()) == [(1, 0)]


def test_whoever_is_not_named_is_a_person_each_time() -> None:
    people = People()
    assert people.number({}) != people.number({"mpid": 0, "user_identities": {"email": ""}})
    assert len(people) == 2


@given(BATCHES)
def test_two_batches_are_of_one_person_exactly_where_a_chain_of_shared_names_leads_from_one_to_the_other(
    batches: list[dict[str, object]],
) -> None:
    people = People()
    numbers = [people.number(batch) for batch in batches]
    groups: list[tuple[set[tuple[str, str]], set[int]]] = []
    for index, batch in enumerate(batches):
        own = set(names_of(batch))
        touched = [group for group in groups if group[0] & own]
        groups = [group for group in groups if group not in touched]
        names = own.union(*(group[0] for group in touched))
        groups.append((names, {index}.union(*(group[1] for group in touched))))
    found: dict[int, set[int]] = {}
    for index, number in enumerate(numbers):
        found.setdefault(people.first(number), set()).add(index)
    assert sorted(map(sorted, found.values())) == sorted(sorted(group[1]) for group in groups)
    assert len(people) == len(groups)
