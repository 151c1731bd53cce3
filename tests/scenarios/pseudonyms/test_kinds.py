import pytest

from scenarios.pseudonyms.kinds import Kind, kind_of, secret_name


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("mpid", "id"),
        ("user_identities/email", "email"),
        ("user_identities/other_id_7", "id"),
        ("user_identities/anything", "id"),
        ("user_identities/phone_number_2", "phone"),
        ("user_attributes/$FirstName", "name"),
        ("user_attributes/$mobile", "phone"),
        ("user_attributes/Home City", "place"),
        ("device_info/ios_advertising_id", "id"),
        ("events/data/location/latitude", "latitude"),
        ("events/data/event_name", "kept"),
        ("events/data/product_action/products/name", None),
        ("events/data/custom_attributes/size", None),
        ("user_attributes/$Age", "age"),
        ("user_attributes/type", None),
        ("user/first_name", "name"),
        ("user/phone_numbers/phone_number", "phone"),
        ("recipients/external_user_id", "id"),
        ("user_identities/timestamp_unixtime_ms", "kept"),
        ("api_key", "secret"),
    ],
)
def test_a_fields_names_say_what_it_holds(path: str, kind: Kind | None) -> None:
    assert kind_of(tuple(path.split("/"))) == kind


def test_names_of_credentials_are_known_in_every_spelling() -> None:
    assert all(map(secret_name, ("Authorization", "api-key", "API_SECRET", "Set-Cookie")))
    assert not secret_name("keyboard")
