"""Customer.io's official Node client, as it is, against the fake on a real port; skipped without Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import trustme

from contracts.serving import Server
from mock_sessionm import TenantSettings
from tests.mock_sessionm.asking import Asker, asker

NODE = Path(__file__).parents[3] / "node"
NODE_PROGRAM = shutil.which("node")
AWKWARD = ["42", "a@b.co/1", "a b+c%2F?d#e&f=g", "grüße/😀", "a%40b", "../x"]
NOW = 1_781_524_800

pytestmark = [
    pytest.mark.skipif(NODE_PROGRAM is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (NODE / "node_modules" / "customerio-node").is_dir(),
        reason="the Node client is not installed; run npm install in tests/node",
    ),
]


@pytest.fixture
def fake() -> Asker:
    own = {"site_id": "site", "api_key": "geheim", "segments": [{"id": 7, "name": "gold"}], "region": "eu"}
    return asker(TenantSettings(partners={"customerio": own}))


def gave(fake: Asker, *calls: list[Any], key: str = "geheim", **how: Any) -> list[dict[str, Any]]:
    """What each call gave; `how` may hold the server's `certificate` and the `authority` that the client trusts."""
    authority = how.pop("authority", None)
    with Server(fake.app, **how) as server:
        done = subprocess.run(  # noqa: S603  our own program
            [NODE_PROGRAM or "node", str(NODE / "customerio.cjs"), server.url, "site", key, json.dumps(calls)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={"PATH": os.environ["PATH"], **({"NODE_EXTRA_CA_CERTS": str(authority)} if authority else {})},
        )
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def test_one_identifier_is_one_person_whatever_letters_it_has(fake: Asker) -> None:
    calls = [[["identify", one, {"plan": "gold"}], ["track", one, {"name": "visit"}]] for one in AWKWARD]
    assert gave(fake, *(call for pair in calls for call in pair)) == [{"answer": {}}] * 2 * len(AWKWARD)
    people = fake.tenant.track.profiles
    assert [one.id or one.email for one in people] == AWKWARD
    assert all([event["name"] for event in one.events] == ["visit"] for one in people)


def test_every_call_of_the_first_version_is_taken(fake: Asker) -> None:
    told = gave(
        fake,
        ["identify", "42", {"email": "ada@example.com"}],
        ["identify", "eve@example.com", {"size": "L"}],
        ["track", "42", {"name": "bought", "data": {"price": 3}, "timestamp": NOW}],
        ["trackPageView", "42", "/home"],
        ["trackAnonymous", "a1", {"name": "seen"}],
        ["trackAnonymous", "", {"name": "invited", "data": {"recipient": "x@example.com"}}],
        ["addDevice", "42", "t/1", "ios", {"last_used": NOW, "device_os": "26"}],
        ["addDevice", "42", "t2", "android"],
        ["deleteDevice", "42", "t2"],
        ["mergeCustomers", "id", "42", "email", "eve@example.com"],
        ["addCustomersToSegment", 7, ["42", "nobody"]],
        ["addCustomersToSegment", 7, ["ada@example.com"], "email"],
        ["identify", "gone", {}],
        ["destroy", "gone"],
        ["suppress", "blocked"],
        ["identify", "blocked", {}],
        ["suppress", "freed"],
        ["unsuppress", "freed"],
        ["identify", "freed", {}],
        ["addCustomersToSegment", 7, ["freed"]],
        ["removeCustomersFromSegment", 7, ["freed"], "id"],
        ["getAccountRegion"],
    )
    *others, region = told
    assert others == [{"answer": {}}] * len(others)
    assert region["answer"] == {"url": "https://track-eu.customer.io", "region": "eu", "environment_id": 1}
    ada, freed = fake.tenant.track.profiles
    assert (ada.id, ada.email, ada.attributes, ada.segments) == ("42", "ada@example.com", {"size": "L"}, [7])
    assert ada.devices == {"t/1": {"id": "t/1", "platform": "ios", "last_used": NOW, "attributes": {"device_os": "26"}}}
    assert [(one["name"], one["type"]) for one in ada.events] == [("bought", "event"), ("/home", "page")]
    assert [one["name"] for one in fake.tenant.track.anonymous] == ["seen", "invited"]
    assert (freed.id, freed.segments) == ("freed", [])


def test_the_second_version_is_taken_alone_and_in_batches_also_over_https(fake: Asker, tmp_path: Path) -> None:
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    issued = authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA)
    files = tmp_path / "certificate.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(files[0])
    issued.private_key_pem.write_to_path(files[1])
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    ada = {"type": "person", "action": "identify", "identifiers": {"id": "42"}, "attributes": {"plan": "gold"}}
    wrong = {"type": "person", "action": "event", "identifiers": {"id": "42"}, "name": "x" * 101}
    told = gave(
        fake,
        ["entity", ada],
        ["batch", [wrong, {**wrong, "name": "visit"}]],
        ["entity", wrong],
        certificate=files,
        authority=tmp_path / "authority.pem",
    )
    error = {"reason": "invalid", "field": "name", "message": "event name cannot be longer than 100 bytes"}
    assert told[:2] == [{"answer": {}}, {"answer": {"errors": [{"batch_index": 0, **error}]}}]
    assert (told[2]["status"], json.loads(told[2]["body"])) == (400, {"errors": [error]})
    (one,) = fake.tenant.track.profiles
    assert (one.attributes, [event["name"] for event in one.events]) == ({"plan": "gold"}, ["visit"])


def test_the_client_reads_our_401_and_our_400(fake: Asker) -> None:
    (told,) = gave(fake, ["identify", "42", {}], key="falsch")
    assert (told["status"], told["message"]) == (401, "Unauthorized request")
    (told,) = gave(fake, ["identify", "42", {"id": "43", "token": "x" * 1001}])
    assert told["status"] == 400
    assert told["message"] == (
        "2 errors:\n"
        "  - id attribute and identifier are not the same value\n"
        "  - value for attribute 'token' cannot be longer than 1000 bytes"
    )
    assert fake.tenant.track.profiles == []


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 522, 524])
def test_the_client_tries_three_times_more(fake: Asker, status: int) -> None:
    fake.tenant.faults.set([{"times": 3, "fault": {"kind": "status", "status": status}}])
    assert gave(fake, ["identify", "42", {}]) == [{"answer": {}}]
    entries = fake.world.journal.entries()
    assert [entry.status for entry in entries] == [status] * 3 + [200]
    counted = [entry.interaction().request.headers.get("x-retry-count") for entry in entries]
    assert counted == [None, "1", "2", "3"]


def test_what_is_new_in_the_client_and_not_in_the_fake_is_a_loud_404(fake: Asker) -> None:
    for told in gave(fake, ["trackPush", {"delivery_id": "d"}], ["submitForm", "7", {"id": "42"}]):
        assert told["status"] == 404
