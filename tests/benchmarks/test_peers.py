from __future__ import annotations

from pathlib import Path

import jsonschema
import orjson
import pytest

from benchmarks import peers
from benchmarks.throughput import USER
from contracts.interaction import Request


def test_the_schema_given_to_peers_takes_the_load_and_refuses_what_the_contract_refuses() -> None:
    schema = jsonschema.Draft202012Validator(peers.body_schema())
    assert schema.is_valid({"user": USER})
    assert not schema.is_valid({"user": {**USER, "user_profile": 1}})
    assert not schema.is_valid({"user": {**USER, "user_profile": {f"a{number}": "1" for number in range(201)}}})


def test_a_peer_that_cannot_be_installed_is_said_to_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "CACHE", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _name: None)
    request = Request("PUT", "/x", {"Authorization": "Basic x"}, orjson.dumps({"user": USER}))
    with pytest.raises(peers.Missing, match="npm is not installed"), peers.wiremock(tmp_path, request, {}, {}):
        pass
