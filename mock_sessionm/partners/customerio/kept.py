"""The rules of the Track API that the workspace keeps by how it acts."""

from __future__ import annotations

TRACK_BEHAVIOURS = frozenset(
    {
        "customerio.anonymous-merged",
        "customerio.attributes-merged",
        "customerio.cio-paths",
        "customerio.delete",
        "customerio.devices",
        "customerio.email-case",
        "customerio.event-name-trimmed",
        "customerio.event-once",
        "customerio.event-time",
        "customerio.event-type",
        "customerio.identifier-shape",
        "customerio.known-by-body",
        "customerio.merge-attributes",
        "customerio.merge-devices",
        "customerio.merge-events",
        "customerio.merge-known",
        "customerio.merge-segments",
        "customerio.region-told",
        "customerio.relationships",
        "customerio.segment-id-type",
        "customerio.shared-device",
        "customerio.suppress",
        "customerio.topic-by-name",
        "customerio.trigger-age",
        "customerio.unknown-person",
        "customerio.unsubscribed",
        "customerio.unsuppress",
        "customerio.update-only",
        "customerio.update-order",
        "customerio.v2-partial",
        "customerio.v2-phone",
    }
)
"""Ids of rules. A workspace without one of them acts as a naive one would."""
