import pytest

from mock_sessionm.partners.braze import TEMPLATE_BEHAVIOURS
from mock_sessionm.partners.braze.addresses import Address, Unusable, address


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://example.com", "https://example.com", "/"),
        ("  http://example.com:80/a/b?c=d&e=%20#f\n", "http://example.com:80", "/a/b?c=d&e=%20"),
        ('https://me:secret@Example.com/a b/é"<>?q=\n', "https://example.com", "/a%20b/%C3%A9%22%3C%3E?q="),
        ("http://[::1]/a", "http://[::1]", "/a"),
        ("https://example.com?q=1", "https://example.com", "/?q=1"),
    ],
)
def test_an_address_is_taken_apart(url: str, origin: str, target: str) -> None:
    made = address(url, (), TEMPLATE_BEHAVIOURS)
    assert (made.origin, made.target, made.shown) == (origin, target, origin + target)


@pytest.mark.parametrize(
    ("url", "shown", "why"),
    [
        ("", "", "no http or https address"),
        ("/offers", "/offers", "no http or https address"),
        ("ftp://me:secret@example.com/a", "ftp://example.com/a", "no http or https address"),
        ("https://", "https://", "no http or https address"),
        ("https://[::1", "https://[::1", "no address"),
        ("https://me:secret@example.com:x/", "https://example.com:x/", "no address"),
        ("https://example.com:8443/a", "https://example.com:8443/a", "port 8443 is not called, only 80 and 443"),
        ("https://example.com:0/a", "https://example.com:0/a", "port"),
    ],
)
def test_what_cannot_be_called_says_why_and_shows_no_credential(url: str, shown: str, why: str) -> None:
    with pytest.raises(Unusable, match=why) as caught:
        address(url, (), TEMPLATE_BEHAVIOURS)
    assert caught.value.shown == shown


def test_a_host_that_was_named_is_called_on_its_port_and_on_no_other() -> None:
    allowed = {"127.0.0.1:8600", "[::1]:8600"}
    assert address("http://127.0.0.1:8600/a", allowed, TEMPLATE_BEHAVIOURS) == Address(
        "http://127.0.0.1:8600", "127.0.0.1", "/a"
    )
    assert address("http://[::1]:8600/a", allowed, TEMPLATE_BEHAVIOURS).host == "::1"
    with pytest.raises(Unusable):
        address("http://127.0.0.1:8601/a", allowed, TEMPLATE_BEHAVIOURS)
