import pytest

from tests.mock_sessionm.asking import Asker, asker


@pytest.fixture
def fake() -> Asker:
    return asker()
