import pytest

from scenarios.pseudonyms.fictions import country_of, fictional, reserved, unrouted


@pytest.mark.parametrize(
    "domain", ["example.com", "mail.example.org", "a.test", "x.alt", "SHOP.INVALID", "b.zz", "localhost.localhost"]
)
def test_mail_to_these_reaches_nobody(domain: str) -> None:
    assert reserved(domain)


@pytest.mark.parametrize("domain", ["gmail.com", "example.co", "example.com.ru", "myexample.com", "b.co", "test.de"])
def test_mail_to_these_may_reach_somebody(domain: str) -> None:
    assert not reserved(domain)


@pytest.mark.parametrize(
    "number", ["+1 415 555 0142", "+15551234567", "(495) 940-3950", "+440040633667", "+390082143653", "1-295-234-5678"]
)
def test_numbers_that_are_nobodys(number: str) -> None:
    assert fictional(number)


@pytest.mark.parametrize("number", ["+14155552671", "+447911123456", "(415) 555-2671", "+39 06 6982", "+81312345678"])
def test_numbers_that_may_be_somebodys(number: str) -> None:
    assert not fictional(number)


def test_the_country_of_a_number_is_one_two_or_three_digits() -> None:
    assert [country_of(one) for one in ("14155550100", "447911123456", "353851234567")] == ["1", "44", "353"]


def test_addresses_that_the_internet_carries_are_told_from_those_that_it_does_not() -> None:
    assert all(map(unrouted, ("10.1.2.3", "0.3.4.5", "241.9.9.9", "192.0.2.7", "fd12::1", "no address")))
    assert not any(map(unrouted, ("84.17.33.2", "2a00:1450:4001::200e")))
