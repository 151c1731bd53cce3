"""A tool that knows nothing of us makes up requests from the contract, good and bad, and judges the answers.

Everything is in process and the same in every run. All of schemathesis' checks are on, with one exception:
where refusals have the HTTP status of a success (assumption `validation-status: 200`), a check that asks for
a 4xx cannot hold, and one of our own takes its place: a refusal's body says `error`.
"""

import copy
from dataclasses import replace
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.mock_sessionm.asking import SETTINGS, Asker, asker

ENUMERATED = {"undefined-event": "refused", "undefined-attribute": "refused", "miscased-attribute": "refused"}
"""The tenant's contract lists its names, so names that are not in the list must be refused."""
CONTRACT = "/__admin/openapi/sessionm.json?tenant=key"


def tool(
    fake: Asker, examples: int, auth: dict[str, Any] | None = None, *, contract: str = CONTRACT, **generation: Any
) -> Any:
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {"basic": {"username": "key", "password": "secret"}, **(auth or {})}},
            "generation": {"deterministic": True, "database": "none", "max-examples": examples, **generation},
        }
    )
    return schemathesis.openapi.from_wsgi(contract, fake.app, config=config)


def says_error(context: Any, response: Any, case: Any) -> bool | None:
    """The standard check for bad input, with an error in the body taken for what a 400 is elsewhere."""
    told = copy.copy(response)
    if response.status_code == 200 and response.json()["status"].lower() == "error":
        told.status_code = 400
    verdict: bool | None = negative_data_rejection(context, told, case)
    return verdict


fake_400 = asker(assume={**ENUMERATED, "validation-status": "400"})
fake_200 = asker(assume={**ENUMERATED, "validation-status": "200"})
EXAMPLES = 30
CONNECT = {"connect": {"username": "local-connect-key", "password": "local-connect-secret"}}
"""The way into Connect and the points of sale, whose refusals have the HTTP status of a success."""
BOUNDED = settings(
    deadline=None, derandomize=True, database=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck)
)


@tool(fake_400, EXAMPLES).parametrize()  # type: ignore[untyped-decorator]  # the tool is untyped here
@BOUNDED
def test_with_400_for_bad_input_every_standard_check_holds(case: Any) -> None:
    fake_400.tenant.reset_state()
    case.call_and_validate()


@tool(fake_200, EXAMPLES, CONNECT).parametrize()  # type: ignore[untyped-decorator]  # as above
@BOUNDED
def test_with_200_for_bad_input_the_body_says_error(case: Any) -> None:
    fake_200.tenant.reset_state()
    case.call_and_validate(additional_checks=[says_error], excluded_checks=[negative_data_rejection])


def refused_in_part(context: Any, response: Any, case: Any) -> bool | None:
    """The standard check for bad input, with a batch that is wrong in part taken for a refusal."""
    told = copy.copy(response)
    if response.status_code == 207:
        told.status_code = 400
    verdict: bool | None = negative_data_rejection(context, told, case)
    return verdict


TRACK_API = "/__admin/openapi/customerio.json"
workspace = asker(
    replace(
        SETTINGS, partners={"customerio": {"site_id": "key", "api_key": "secret", "segments": [{"id": 1, "name": "a"}]}}
    )
)


@tool(workspace, EXAMPLES, contract=TRACK_API).parametrize()  # type: ignore[untyped-decorator]  # as above
@BOUNDED
def test_customer_ios_answers_hold_to_its_contract(case: Any) -> None:
    """Good input may be refused: which segments there are, and that two ids are one, no contract can say."""
    workspace.tenant.reset_state()
    case.call_and_validate(
        additional_checks=[refused_in_part], excluded_checks=[positive_data_acceptance, negative_data_rejection]
    )


def test_sequences_of_linked_calls_hold_too() -> None:
    fake = asker(assume={**ENUMERATED, "validation-status": "400"})
    assert {"createUser", "getUser", "updateUser", "deleteUser", "postEvents", "postTags"} <= followed(
        fake, tool(fake, EXAMPLES)
    )


def test_sequences_that_lead_into_connect_hold_too() -> None:
    offers = {"offers": [{"id": "1a2b3324-1da6-4e49-b921-afc386dabb60", "title": "Coffee", "per_user": 2}]}
    fake = asker(replace(SETTINGS, tables=offers), assume={**ENUMERATED, "validation-status": "400"})
    checks = {"additional_checks": [says_error], "excluded_checks": [negative_data_rejection]}
    wanted = ["createUser", "issueOffer", "getUserOffers"]
    assert set(wanted) <= followed(fake, tool(fake, EXAMPLES, CONNECT).include(operation_id=wanted), checks)


def followed(fake: Asker, made: Any, checks: dict[str, Any] | None = None) -> set[str | None]:
    """The operations that succeeded somewhere in sequences of linked calls."""

    class Fresh(made.as_state_machine()):  # type: ignore[misc]  # the class is made at run time
        def setup(self) -> None:
            fake.tenant.reset_state()

        def validate_response(self, response: Any, case: Any, **_how: Any) -> None:
            case.validate_response(response, recorder=getattr(self, "recorder", None), **(checks or {}))

    Fresh.run(settings=settings(BOUNDED, stateful_step_count=6))
    return {entry.operation for entry in fake.world.journal.entries() if entry.status == 200 and not entry.violations}
