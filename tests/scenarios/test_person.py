"""One person, as it should be and as it is."""

from __future__ import annotations

from scenarios.person import Happened, Person


def test_a_copy_of_a_person_is_the_same_and_goes_its_own_way() -> None:
    person = Person({"email": "a"}, ["1"], {"other": "o"}, {"tier": "gold"}, [Happened("seen")], "1", {"o": "other"})
    copied = person.copy()
    assert copied == person
    assert copied.types == person.types
    for part in (copied.fields, copied.identifiers, copied.profile, copied.types):
        part["more"] = "x"
    copied.phones.append("2")
    copied.events.append(Happened("bought"))
    assert person == Person({"email": "a"}, ["1"], {"other": "o"}, {"tier": "gold"}, [Happened("seen")], "1")
    assert person.types == {"o": "other"}
