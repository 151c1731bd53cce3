from __future__ import annotations

import orjson
import pytest

from contracts import rules
from contracts.validation import check
from forwarder import Batch, Connection, plan
from scenarios.generated import generated
from scenarios.population import EVENT_NAMES, Names, Population
from scenarios.reading import platform_of

STRICT = "#/components/schemas/Batch"


def people(seed: int, count: int = 300) -> list[dict[str, object]]:
    population = Population(seed)
    return [population.batch() for _ in range(count)]


def test_the_same_seed_gives_the_same_people_and_another_gives_others() -> None:
    assert people(1, 50) == people(1, 50)
    assert people(1, 50) != people(2, 50)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_batch_holds_the_strict_schema(seed: int) -> None:
    for batch in people(seed):
        assert check("mparticle", STRICT, batch) == []
        assert Batch.read(orjson.dumps(batch)).body == batch


def test_people_come_from_all_ten_platforms_and_now_and_then_from_none_of_them() -> None:
    platforms = {platform_of(batch) for batch in people(1)}
    assert platforms - {None} == set(rules()["sessionm.platforms"].table["spellings"])
    assert None in platforms


def test_no_two_people_share_an_mpid_or_an_identity() -> None:
    batches = people(1)
    assert len({batch["mpid"] for batch in batches}) == len(batches)
    values = [value for batch in batches for value in dict(batch["user_identities"]).values()]  # type: ignore[call-overload]
    assert len(set(values)) == len(values)


def test_nobody_who_is_invented_can_be_reached() -> None:
    for batch in people(1):
        email = dict(batch["user_identities"]).get("email")  # type: ignore[call-overload]
        assert email is None or email.endswith("@example.com")


def test_enough_happens_to_people_for_most_fates() -> None:
    fates = {fate.fate for batch in people(1) for fate in plan(Batch.from_json(batch), Connection.default()).fates}
    assert {"sent", "filtered", "dropped", "unsupported"} <= fates


def test_people_use_the_names_that_are_given() -> None:
    population = Population(1, Names(events=["only"], screens=["this"], attributes=["Mine"]))
    for _ in range(100):
        batch = population.batch()
        named = {
            name for name in batch["user_attributes"] if not name.startswith("$") and not name.startswith("extra ")
        }
        assert named <= {"Mine"}
        for event in batch["events"]:
            if event["event_type"] in {"custom_event", "screen_view"}:
                assert (event["data"].get("event_name") or event["data"]["screen_name"]) in {"only", "this"}


def test_generated_scenarios_are_the_same_for_the_same_seed_and_one_more_changes_none_before() -> None:
    assert list(generated(5, 20)) == list(generated(5, 20))
    assert list(generated(5, 21))[:20] == list(generated(5, 20))
    assert [one.id for one in generated(5, 2)] == ["generated/5-1", "generated/5-2"]


def test_some_people_come_twice_and_stay_themselves() -> None:
    twice = [one.batches for one in generated(1, 100) if len(one.batches) == 2]
    assert twice
    for first, second in twice:
        assert (first["mpid"], first["user_identities"]) == (second["mpid"], second["user_identities"])


def test_the_names_that_are_built_in_are_distinct() -> None:
    assert len(set(EVENT_NAMES)) == len(EVENT_NAMES)
