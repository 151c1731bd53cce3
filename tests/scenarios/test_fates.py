from __future__ import annotations

import pytest

from scenarios.fates import name_of


@pytest.mark.parametrize(
    ("point", "name"),
    [
        ("/mpid", "mpid"),
        ("/events/0", "event"),
        ("/events/12/data/custom_attributes/a~1b", "event attribute a/b"),
        ("/user_attributes/a~0b", "user attribute a~b"),
        ("/user_identities/email", "user identity email"),
        ("/user_identities/0", "user identity"),
        ("/deleted_user_attributes/3", "deleted attribute"),
        ("/user_attributes/", "user attribute "),
        ("/user_attributes/7", "user attribute 7"),
    ],
)
def test_a_point_is_counted_under_its_name_and_not_its_place(point: str, name: str) -> None:
    assert name_of(point) == name
