"""What a tenant must have: as a file that a fake takes, and found in the file of a real tenant."""

import tomllib

from contracts.probing import needed, pieces, questions
from contracts.settings import parse
from mock_sessionm import TenantSettings, load_tenant
from scenarios.probing.setting_up import bound, tables, toml


def test_what_is_printed_is_a_tenant_file_with_just_what_is_needed() -> None:
    every = list(questions().values())
    text = "\n".join(toml(every))
    assert tomllib.loads(text) == tables(every)
    settings = TenantSettings.of(parse(text, "tenant.schema.yaml", "needs"))
    assert {"probe_visit", "probe_twice"} <= set(settings.events)


def test_one_question_needs_only_its_own_pieces_and_those_that_they_use() -> None:
    made = tables([questions()["outcome-order"]], "http://receiver.example")
    assert set(made) == {"events", "point_accounts", "campaigns", "message_variants"}
    assert made["events"] == {"defined": ["probe_told"]}
    assert [row["name"] for row in made["campaigns"]] == ["probe_order"]
    assert made["message_variants"][0]["endpoint"] == "http://receiver.example"


def test_a_question_without_needs_needs_nothing() -> None:
    assert tables([questions()["tag-answer"]]) == {}


def test_names_stand_for_the_ids_of_the_tenants_own_file(tmp_path: object) -> None:
    path = f"{tmp_path}/tenant.toml"
    with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123  one line of a test
        file.write(
            '[[offer_groups]]\nname = "probe_drinks"\nid = "AAAAAAAA-0000-4000-8000-000000000001"\n'
            '[[offers]]\nname = "probe_coffee"\nid = "BBBBBBBB-0000-4000-8000-000000000001"\n'
        )
    names, lacks = bound(load_tenant(path), needed(("probe_coffee",)))
    assert lacks == []
    assert names == {
        "probe_drinks": "AAAAAAAA-0000-4000-8000-000000000001",
        "probe_coffee": "BBBBBBBB-0000-4000-8000-000000000001",
    }


def test_what_a_file_lacks_is_told_with_its_table() -> None:
    _, lacks = bound(TenantSettings(), needed(("probe_visit", "ProbeStore", "probe_coffee", "probe_feed")))
    assert lacks == [
        "probe_visit in [events]",
        "ProbeStore in [profile_attributes]",
        "probe_drinks in [[offer_groups]]",
        "probe_coffee in [[offers]]",
        "[feed]",
    ]


def test_a_piece_whose_id_is_not_told_is_lacking() -> None:
    settings = TenantSettings(tables={"point_accounts": [{"name": "probe_points"}]})
    assert bound(settings, needed(("probe_points",)))[1] == ["an id of probe_points in [[point_accounts]]"]


def test_every_piece_says_what_a_person_sets_up() -> None:
    assert [piece.name for piece in pieces().values() if not piece.says.endswith(".")] == []
