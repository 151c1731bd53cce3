import pytest
from hypothesis import settings

from tests.mock_sessionm.asking import Asker, asker

# A loaded machine is slow now and then; that is no finding.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture
def fake() -> Asker:
    return asker()
