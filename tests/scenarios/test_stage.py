from typing import Any

import pytest

from contracts.transport import WsgiTransport
from mock_sessionm import create_app, world
from scenarios.stage import Stage


@pytest.fixture
def stage() -> Stage:
    app = create_app()
    made = Stage.of(next(iter(world(app).tenants.values())), WsgiTransport(app), app)
    made.people["ada"] = "id-1"
    made.kept["offer"] = {"id": 7}
    return made


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("{ada}", "id-1"),
        ("{offer}", {"id": 7}),
        ("users/{ada}/tags", "users/id-1/tags"),
        ("{nobody}", "{nobody}"),
        ("{{${user_id}}}", "{{${user_id}}}"),
        ({"a": ["{ada}", 5]}, {"a": ["id-1", 5]}),
    ],
)
def test_names_in_braces_stand_for_what_was_remembered_and_others_stay(stage: Stage, value: Any, wanted: Any) -> None:
    assert stage.filled(value) == wanted
