import orjson
import pytest

from contracts.register import openapi
from mock_sessionm.core import CORE
from mock_sessionm.core.envelope import OTHERWISE, REFUSALS, failure, success
from mock_sessionm.envelopes import CODES, CONTRACT_CODES


def test_every_code_is_a_documented_one() -> None:
    known = openapi("sessionm")["components"]["schemas"]["Failure"]["properties"]["errors"]["properties"]["code"][
        "enum"
    ]
    codes = {code for code, _ in [*REFUSALS.values(), OTHERWISE]} | set(CONTRACT_CODES.values())
    assert codes | set(CODES.values()) <= set(known)


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "internal_server_error"), (503, "internal_server_error"), (404, "not_found"), (418, "validation")],
)
def test_a_status_has_a_fitting_code(status: int, code: str) -> None:
    assert CORE.code_for(status) == code


def test_success_and_failure_have_the_shapes_of_core() -> None:
    assert orjson.loads(success({"user": {}}, "").body) == {"status": "ok", "user": {}}
    assert orjson.loads(success({"user": {}}, "not kept: x").body)["message"] == "not kept: x"
    assert orjson.loads(failure(404, "not_found", "m").body) == {
        "status": "error",
        "errors": {"code": "not_found", "message": "m"},
    }
