"""What SessionM's feed tells mParticle, sent back to SessionM by the forwarder: the loop that nobody ordered."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from forwarder import Batch, Connection, Credentials, default_settings

from .examples import of_person
from .stage import Stage


def forwarded(step: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """One mParticle batch through our forwarder into the story's tenant."""
    _forward(of_person(step["forward"], 0), step.get("settings", {}), stage)
    yield from ()


def fed_back(step: Mapping[str, Any], stage: Stage) -> Iterator[str]:
    """Round after round, what the feed said goes back; a message for each round with another number of batches.

    mParticle adds what it knows of the person before it forwards: here, the customer id with which somebody is
    logged in.
    """
    for number, wanted in enumerate(step["gives"]["batches"], start=1):
        told = [one for one in stage.look().outgoing if one.to == "mparticle"]
        fresh, stage.read["feed"] = told[stage.read.get("feed", 0) :], len(told)
        if len(fresh) != wanted:
            yield f"round {number}: {len(fresh)} batches from the feed, wanted {wanted}"
        for one in fresh:
            _forward(of_person(one.body, 0), step.get("settings", {}), stage)
        stage.tenant.settle()


def _forward(batch: Mapping[str, Any], settings: Mapping[str, Any], stage: Stage) -> None:
    tenant = stage.tenant
    connection = replace(
        Connection.from_settings({**default_settings(), **settings}, dict(tenant.choices)),
        platforms={"default": Credentials(tenant.api_key, tenant.settings.api_secret)},
    )
    delivery = stage.delivery(
        stage.transport, connection, clock=tenant.clock.now, sleep=tenant.clock.advance, chance=random.Random(0)
    )
    delivery.deliver(stage.planning(Batch.read(orjson.dumps(batch)), connection, now=tenant.clock.now()))
