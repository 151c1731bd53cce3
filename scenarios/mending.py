"""The setting that would change a fate: what to write into connection.toml, or who else can do something."""

from __future__ import annotations

import json
import re

PLAIN = re.compile(r"[A-Za-z0-9_-]+")
TABLES = {
    "user attribute": "data_filter.user_attributes",
    "user identity": "data_filter.user_identities",
    "event attribute": 'data_filter.event_attributes."*"',
    "screen": "data_filter.screens",
    "event": "data_filter.events",
}
"""What kind of point, by how its name begins -> the table of the data filter that decides about it."""
FILTERS = frozenset(
    {
        "sessionm.data-filter",
        "sessionm.new-data-points-off",
        "sessionm.identities-by-filter",
        "customerio.data-filter",
        "customerio.new-data-points-on",
        "madconnect.data-filter",
    }
)
LOGIN = "[forwarding_rules] logged_in_only = false; or list the identity they have in login_identities"
SETTINGS = {
    "sessionm.logged-in-only": LOGIN,
    "customerio.logged-in-only": LOGIN,
    "madconnect.logged-in-only": LOGIN,
    "sessionm.mparticle-rule": "the Rule of [rules] module took it away",
    "customerio.mparticle-rule": "the Rule of [rules] module took it away",
    "madconnect.mparticle-rule": "the Rule of [rules] module took it away",
    "sessionm.rule-failure": "the Rule of [rules] module fails; mend it",
    "customerio.rule-failure": "the Rule of [rules] module fails; mend it",
    "madconnect.rule-failure": "the Rule of [rules] module fails; mend it",
    "mparticle.max-data-age": "[configuration] max_data_age_hours",
    "customerio.include-user-attributes": "[customerio] include_user_attributes = true",
    "customerio.user-with-email": '[customerio] edition = "current": an email or a customer id is enough there',
    "customerio.user-id-type": "[customerio] user_id_type",
    "customerio.created-at-off": "[customerio] send_created_at = true",
    "madconnect.selected-parameters": "[madconnect] parameters",
    "madconnect.api-key": "[madconnect] api_key",
    "sessionm.batch-without-events": "--assume batch-without-events=…",
    "sessionm.event-attributes-max": "no setting: send fewer, or let the data filter or a Rule choose which",
    "sessionm.user-attributes-max": "no setting: send fewer, or let the data filter or a Rule choose which",
}
"""The rule that stopped a point -> what would change that. Where nothing stands here no setting would."""


def mending(rule: str, name: str) -> str:
    """What would change the fate of the points of this name that this rule stopped; empty where no setting would."""
    if rule not in FILTERS:
        return SETTINGS.get(rule, "")
    for kind, table in TABLES.items():
        if name.startswith(f"{kind} "):
            return f"[{table}] {_key(name.removeprefix(f'{kind} '))} = true"
    return "[data_filter] send_new_data_points_by_default = true, or the name of it in its table"


def _key(name: str) -> str:
    """A key as TOML writes it."""
    return name if PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
