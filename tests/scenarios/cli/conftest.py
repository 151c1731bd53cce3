"""A vendor on a real port, for commands that deliver."""

from collections.abc import Iterator

import pytest

from contracts.serving import Server
from tests.forwarder.vendor import Vendor


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def url(vendor: Vendor) -> Iterator[str]:
    with Server(vendor) as server:
        yield server.url
