"""Which fields hold what of a person: names of fields, by the vendors' documents and by habit. Data, and one lookup."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Kind = Literal[
    "id",
    "name",
    "email",
    "phone",
    "ip",
    "born",
    "age",
    "zip",
    "place",
    "region",
    "latitude",
    "longitude",
    "secret",
    "kept",
]
"""What a value is to a person. `kept` is no value of a person's, whatever stands in it: names, kinds, settings."""

IDENTIFIES: frozenset[Kind] = frozenset({"id", "name", "email", "phone", "ip", "zip", "place"})
"""Kinds whose values are sought in all other texts too. A state, an age or a coordinate alone says nobody's name."""

_KINDS: dict[Kind, str] = {
    "id": """
        mpid origin_mpid previous_mpid current_mpid customer_id customerid customer_number external_id
        external_user_id external_user_ids user_id user_ids userid member_id member_number membership_number
        loyalty_id loyalty_number loyalty_card_number card_number profile_id crm_id braze_id cio_id anonymous_id
        recipient_id subject_id proxy_id username user_name login login_name screen_handle nickname_id
        facebook facebook_id facebook_custom_audience_id twitter twitter_id google google_id microsoft yahoo instagram
        linkedin tiktok apple_id whatsapp alias alias_name user_alias other other_id
        mp_deviceid device_id deviceid device_token device_application_stamp das android_uuid android_id
        android_advertising_id google_advertising_id ios_advertising_id ios_idfv ios_vendor_id idfa idfv aaid gaid
        advertising_id vendor_id push_token registration_token push_message_token google_cloud_messaging_token
        apple_push_notification_token fcm_token apns_token amp_id roku_advertising_id roku_publisher_id
        microsoft_advertising_id microsoft_publisher_id fire_advertising_id hardware_id imei meid serial_number
        mac_address ssn social_security_number passport_number passport driver_license drivers_license tax_id
        national_id iban account_number license_plate
    """,
    "name": """
        first_name firstname given_name forename last_name lastname surname family_name middle_name full_name fullname
        display_name nickname maiden_name customer_name user_full_name contact_name cardholder_name recipient_name
    """,
    "email": "email email_address e_mail mail user_email customer_email contact_email work_email home_email recipient",
    "phone": """
        mobile mobile_number mobile_phone phone phone_number phone_number_2 phone_number_3 phone_numbers telephone
        telephone_number tel cell cell_phone home_phone work_phone fax contact_phone sms_number msisdn
    """,
    "ip": """
        ip ip_address ipaddress client_ip remote_ip remote_addr x_forwarded_for forwarded x_real_ip true_client_ip
        cf_connecting_ip x_client_ip server_ip_address
    """,
    "born": "dob date_of_birth birthday birthdate birth_date",
    "age": "age",
    "zip": "zip zipcode zip_code postal_code postcode home_zip",
    "place": """
        address street street_address address_1 address_2 address1 address2 address_line_1 address_line_2 line1 line2
        home_address city home_city city_name town billing_address shipping_address
    """,
    "region": "state region region_code province",
    "latitude": "latitude lat",
    "longitude": "longitude lng lon long",
    "secret": """
        authorization proxy_authorization cookie set_cookie api_key apikey x_api_key api_secret apikey_core appkey_core
        secret client_secret password passwd token access_token refresh_token id_token auth_token session_token
        x_auth_token private_key
    """,
    "kept": """
        event_type event_name custom_event_type screen_name canonical_name environment platform os type action
        identity_type external_id_type profile_event_type user_attribute_name deleted_user_attributes status code
        application_name application_version package currency currency_code culture locale language country
        device_country country_code locale_country locale_language network_country location_source data_plan plan_id
        schema_version
        user_agent http_header_user_agent device_manufacturer brand product device_model os_version channel content_type
        accept host api_keys
    """,
}

_PARENTS: dict[str, dict[str, Kind]] = {
    "user": {"id": "id", "name": "name", "handle": "id"},
    "users": {"id": "id", "name": "name"},
    "customer": {"id": "id", "name": "name"},
    "identifiers": {"id": "id"},
    "recipients": {"id": "id"},
    "userattributes": {"name": "name", "handle": "id", "gender": "kept"},
    "userprofile": {"name": "name", "handle": "id"},
    "attributes": {"name": "name"},
    "partneridentities": {"*": "id"},
    "integrationattributes": {"*": "id"},
    "useridentities": {"*": "id"},
    "useraliases": {"*": "id"},
}
"""What holds only inside these; `*` is everything that is not named otherwise."""

_NOT_IN = {"products": {"name", "id"}, "customattributes": {"name", "id"}}


def plain(name: str) -> str:
    """A field's name without casing and signs: `$FirstName`, `first_name` and `First-Name` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_OF_NAME: dict[str, Kind] = {plain(name): kind for kind, names in _KINDS.items() for name in names.split()}
_OTHER = re.compile(r"other(id)?\d{1,2}")


@lru_cache(maxsize=16_384)
def kind_of(path: tuple[str, ...]) -> Kind | None:
    """What stands in a field, by its names from the outside in; None for a text in which anything may stand."""
    name = plain(path[-1]) if path else ""
    kind: Kind | None = _OF_NAME.get(name) or ("id" if _OTHER.fullmatch(name) else None)
    parents = [plain(one) for one in path[:-1]]
    if "timestamp" in name or "unixtime" in name or name == "createdthisbatch":
        return "kept"
    if parents and not any(name in _NOT_IN.get(one, ()) for one in parents):
        for parent in reversed(parents):
            inside = _PARENTS.get(parent)
            if inside is not None and parents[-1] == parent:
                own = inside.get(name)
                kind = own or kind or inside.get("*")
    if kind == "kept" and parents and parents[-1] in {"userattributes", "userprofile", "customattributes"}:
        # A customer's own attribute may be called anything.
        return "kept" if name in {"gender", "country", "language", "locale"} else None
    return kind


def secret_name(name: str) -> bool:
    """Whether a field, a header or a parameter of this name holds a credential."""
    return _OF_NAME.get(plain(name)) == "secret"
