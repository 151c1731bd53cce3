from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mock_sessionm import BEHAVIOURS
from mock_sessionm.partners.mparticle.profiles import Profiles

NAMES = st.sampled_from(["a", "A", "b", "list"])
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.text(max_size=2)))
BATCHES = st.fixed_dictionaries(
    {"mpid": st.sampled_from([1, "1", -1])},
    optional={
        "user_attributes": st.one_of(st.none(), st.dictionaries(NAMES, VALUES)),
        "deleted_user_attributes": st.one_of(st.none(), st.lists(NAMES)),
    },
)


def profiles(**chosen: str) -> Profiles:
    choices = {"mparticle-set-and-deleted": "deleted", "mparticle-without-mpid": "matched", **chosen}
    return Profiles(choices.__getitem__, BEHAVIOURS)


@given(st.lists(BATCHES))
def test_a_profile_is_what_its_batches_said_one_after_the_other(batches: list[dict[str, Any]]) -> None:
    made = profiles()
    plain: dict[str, dict[str, Any]] = {}
    for batch in batches:
        made.write(batch)
        person = plain.setdefault(str(batch["mpid"]), {})
        person.update(batch.get("user_attributes") or {})
        for name in batch.get("deleted_user_attributes") or ():
            person.pop(name, None)
    assert {one.mpid: one.attributes for one in made} == plain
    assert len(made) == len(plain)


def test_a_batch_of_nobody_makes_no_profile() -> None:
    made = profiles()
    made.write({"user_attributes": {"a": 1}})
    made.write({"mpid": None, "user_identities": {"customer_id": "c"}})
    assert len(made) == 0
    assert made.get(1) is None


def test_what_goes_out_comes_back() -> None:
    made, other = profiles(), profiles()
    made.write({"mpid": 1, "user_attributes": {"a": 1}, "user_identities": {"customerid": "c", "email": ""}})
    other.restore(made.export())
    assert (
        other.export() == made.export() == [{"mpid": "1", "attributes": {"a": 1}, "identities": {"customer_id": "c"}}]
    )
