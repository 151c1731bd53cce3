from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.cli import main
from scenarios.cli.tags import LONGEST
from tests.commands import Serving

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
SEGMENT = str(EXAMPLES / "segment.csv")
TENANT = str(EXAMPLES / "loyalty.toml")


def written(folder: Path, text: str) -> str:
    path = folder / "s.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_example_of_the_docs_tags_both_customers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tags", "import", SEGMENT, "--tenant", TENANT, "--seed", "3"]) == 0
    out, err = capsys.readouterr()
    assert "2 rows by user_id (seed 3)" in out
    assert "tagged           2" in out
    assert "columns that were not read: 16, 32 cells" in out
    assert err == ""
    assert "ada@example.com" not in out


def test_what_each_row_did_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    text = "external_id,ttl\n1001,60\n1001,90\n9,60\n1002,soon\n"
    how = ["--tenant", TENANT, "--lookup-key", "external_id", "--tag", "gold", "--rows", str(path)]
    code = main(["tags", "import", written(tmp_path, text), *how])
    assert code == 1
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert sorted(told, key=lambda row: row["line"]) == [
        {"line": 2, "id": "1001", "outcome": "tagged", "rule": None},
        {"line": 3, "id": "1001", "outcome": "tagged", "rule": "sessionm.sync-unsettled", "other_line": 2},
        {"line": 4, "id": "9", "outcome": "unknown", "rule": "sessionm.sync-unknown-not-failed"},
        {"line": 5, "id": "", "outcome": "refused", "rule": "sessionm.segment-ttl"},
    ]


def test_the_same_for_other_tools_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tags", "import", SEGMENT, "--tenant", TENANT, "--seed", "3", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["rows"], told["counts"]["tagged"]) == ("sessionm-harness.tags-import/1", 2, 2)
    assert told["sync"]["state"] == "split"
    assert told["dropped_columns"] == 16


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("user_id,tag\n", 3),
        ("user_id,tag\nnobody,gold\n", 1),
        ("user_id,tag\nnobody,gold\n11111111-1111-1111-8111-111111111111,gold\n", 0),
        ("user_id,tag\n,gold\n11111111-1111-1111-8111-111111111111,gold\n", 1),
        ("user_id,tag,ttl\n11111111-1111-1111-8111-111111111111,gold,-1\n", 1),
    ],
)
def test_the_exit_code_says_how_it_went(text: str, code: int, tmp_path: Path) -> None:
    assert main(["tags", "import", written(tmp_path, text), "--tenant", TENANT]) == code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("Braze ID,tag\n", "no column user_id"),
        ("user_id\na\n", "no column tag"),
        ('user_id,tag\n"a,b\n', "line 2"),
        ("\x00\x01\x02", "no column user_id"),
    ],
)
def test_a_file_that_is_no_segment_is_one_line(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tags", "import", written(tmp_path, text)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert says in err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--ttl", "0"],
        ["--ttl", "30d"],
        ["--ttl", "99999999999999999999"],
        ["--lookup-key", "phone"],
        ["--url", "nowhere"],
        ["--url", "http://127.0.0.1:1"],
        ["--rows", "/nowhere/rows.ndjson"],
        ["--tenant", "none.toml"],
    ],
)
def test_a_wrong_call_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    file = [SEGMENT] if arguments else ["none.csv"]
    assert main(["tags", "import", *file, *arguments]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "a bug of ours" not in err


def test_a_file_takes_the_times_to_live_that_its_rows_may_say(tmp_path: Path) -> None:
    row = written(tmp_path, f"user_id,tag,ttl\n11111111-1111-1111-8111-111111111111,gold,{LONGEST}\n")
    assert main(["tags", "import", row, "--tenant", TENANT]) == 0
    file = written(tmp_path, "user_id,tag\n11111111-1111-1111-8111-111111111111,gold\n")
    assert main(["tags", "import", file, "--tenant", TENANT, "--ttl", str(LONGEST)]) == 0
    assert main(["tags", "import", file, "--tenant", TENANT, "--ttl", str(LONGEST + 1)]) == 2


def test_what_is_at_an_address_and_no_fake_takes_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    with Serving() as fake:
        assert main(["tags", "import", SEGMENT, "--url", fake.url, "--tenant", TENANT]) == 1
        assert "unknown          2" in capsys.readouterr().out
        other = EXAMPLES / "connection.toml"
        assert main(["tags", "import", str(other), "--url", fake.url]) == 2


def test_a_running_fake_takes_the_file_over_http(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.scenarios.cli.test_webhook import _create

    with Serving() as fake:
        fake._transport.send(_create(fake))
        path = written(tmp_path, "external_id,tag,ttl\ne,gold,60\n" + "nobody,gold,60\n" * 25_000)
        assert main(["tags", "import", path, "--lookup-key", "external_id", "--url", fake.url]) == 0
        customer = fake.customer("e")
    assert 0 < customer["tags"]["gold"]["ttl"] <= 60
    assert "split into 3, 25,001 records, 0 failed" in capsys.readouterr().out
