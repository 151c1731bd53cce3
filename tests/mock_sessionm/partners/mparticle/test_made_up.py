"""A tool that knows nothing of us makes up requests from mParticle's contract, good and bad, and judges the answers.

Of several batches each is judged for itself and the answer is 202 as long as one is good, so what the tool takes for
good or bad of the whole says nothing there; every other check is on.
"""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.mock_sessionm.posting import PAIR, posting

CONTRACT = "/__admin/openapi/mparticle.json"
EXAMPLES = 40
BOUNDED = settings(
    deadline=None, derandomize=True, database=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck)
)
fake = posting()


def tool() -> Any:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {"basic": {"username": PAIR[0], "password": PAIR[1]}}},
            "generation": {"deterministic": True, "database": "none", "max-examples": EXAMPLES},
        }
    )
    return schemathesis.openapi.from_wsgi(CONTRACT, fake.app, config=config)


@tool().include(operation_id="postBatch").parametrize()  # type: ignore[untyped-decorator]  # the tool is untyped here
@BOUNDED
def test_for_one_batch_every_standard_check_holds(case: Any) -> None:
    fake.tenant.reset_state()
    case.call_and_validate()


@tool().exclude(operation_id="postBatch").parametrize()  # type: ignore[untyped-decorator]  # as above
@BOUNDED
def test_for_several_batches_every_answer_is_one_of_the_contracts(case: Any) -> None:
    fake.tenant.reset_state()
    case.call_and_validate(excluded_checks=[negative_data_rejection, positive_data_acceptance])
