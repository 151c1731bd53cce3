"""The fake's own journal is a recording: as it is shown, exactly, and as HAR."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mock_sessionm import create_app, default_tenant
from scenarios.recordings.opening import entries
from scenarios.recordings.recorded import Bad, Recorded


@pytest.fixture
def journal() -> Any:
    """The control API of a fake that was asked three times, once with bytes that are no text."""
    client, tenant = create_app().test_client(), default_tenant()
    pair = b64encode(f"{tenant.api_key}:{tenant.api_secret}".encode()).decode()
    for body in (b'{"user": {"external_id": "\xc3\xa9", "n":9223372036854775807}}', b"\xff", b""):
        client.post(f"/priv/v1/apps/{tenant.api_key}/users", data=body, headers={"Authorization": f"Basic {pair}"})
    return client


def read(tmp_path: Path, raw: bytes) -> list[Any]:
    (tmp_path / "it").write_bytes(raw)
    return list(entries([str(tmp_path / "it")]))


def test_a_journal_says_the_same_in_every_form(journal: Any, tmp_path: Path) -> None:
    exact = read(tmp_path, journal.get("/__admin/requests?exact=true").data)
    shown = read(tmp_path, journal.get("/__admin/requests").data)
    har = read(tmp_path, journal.get("/__admin/requests.har").data)
    assert len(exact) == len(shown) == len(har) == 3
    for one, plain, other in zip(exact, shown, har, strict=True):
        assert one.interaction.request == other.interaction.request
        assert one.interaction.response == other.interaction.response
        assert one.interaction.at == pytest.approx(other.interaction.at, abs=0.001)
        assert plain.interaction.request.target == one.interaction.request.target == "/priv/v1/apps/{api_key}/users"
        assert (plain.interaction.tenant, plain.interaction.operation) == (one.interaction.tenant, "createUser")
    assert shown[0].interaction.request.json() == exact[0].interaction.request.json()
    assert exact[1].interaction.request.body == b"\xff"
    assert exact[1].interaction.violations


def test_what_a_journal_had_let_go_of_is_told(tmp_path: Path) -> None:
    one = b'{"request": {"method": "GET", "target": "/x", "headers": {}, "body": null}, "response": null}'
    found = read(tmp_path, b'{"dropped": 12, "requests": [' + one + b', {"a": "secret"}], "total": 2}')
    assert isinstance(found[0], Recorded)
    assert found[0].interaction.response is None
    assert found[1] == Bad(f"{tmp_path}/it request 2", "has no request")
    assert found[2] == Bad(f"{tmp_path}/it", "the journal had let go of 12 requests before these; ask it sooner")
