import pytest

from mock_sessionm import GATE
from mock_sessionm.call import Call
from mock_sessionm.core.subject import tenant_of
from tests.mock_sessionm.asking import asker


def test_under_a_gate_that_lets_nobody_through_anybody_is_made_up() -> None:
    fake = asker(gate=tuple(check for check in GATE if check.rule != "sessionm.user-exists"))
    assert fake.core("PUT", "/external/users/new", {"user": {"city": "Boston"}}).body["user"]["external_id"] == "new"
    assert fake.core("GET", "/users/search?email=a@b.c").body["status"] == "ok"


def test_a_call_without_a_tenant_is_a_mistake_of_the_gate() -> None:
    with pytest.raises(LookupError, match="gate"):
        tenant_of(Call("createUser", {}, "", b"", in_path=None, holder=None))
