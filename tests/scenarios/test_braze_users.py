from __future__ import annotations

from pathlib import Path

import pytest

from mock_sessionm.partners.braze import Person
from scenarios.braze_users import UsersError, person_of, read_users

ROOT = Path(__file__).parents[2]


def written(folder: Path, text: str) -> Path:
    path = folder / "users"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_of_the_docs_has_three_people() -> None:
    made = read_users(ROOT / "docs/examples/braze_users.json")
    assert [person.fields["first_name"] for person in made] == ["Ada", "Grace", "Jean"]
    assert made[0].custom_attributes == {"favourite_drink": "flat white"}


def test_a_list_lines_and_an_export_say_the_same(tmp_path: Path) -> None:
    wanted = [Person({"user_id": "a", "first_name": "Ada"}, {"tier": "gold"}), Person({"user_id": "b"}, {})]
    as_list = '[{"external_id":"a","first_name":"Ada","custom_attributes":{"tier":"gold"}},{"user_id":"b"}]'
    as_lines = '\ufeff{"external_id":"a","attributes":{"first_name":"Ada"},"tier":"gold"}\n\n{"external_id":"b"}\n'
    as_csv = "user_id,first_name,tier\na,Ada,gold\nb,,\n"
    for text in (as_list, as_lines, as_csv):
        assert read_users(written(tmp_path, text)) == wanted


def test_names_of_an_export_become_those_of_a_template() -> None:
    made = person_of({"external_id": "a", "email": "e", "home_city": "c", "dob": "d", "phone": "p", "timezone": "t"})
    assert made.fields == {
        "user_id": "a",
        "email_address": "e",
        "city": "c",
        "date_of_birth": "d",
        "phone_number": "p",
        "time_zone": "t",
    }


def test_the_csv_of_a_segment_is_read_with_its_mark_and_quotes(tmp_path: Path) -> None:
    text = '\ufeffAppboy ID,user_id,Favourite Drink\r\n5f0,a,"flat\r\nwhite"\r\n'
    assert read_users(written(tmp_path, text)) == [
        Person({"braze_id": "5f0", "user_id": "a"}, {"Favourite Drink": "flat\r\nwhite"})
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{]", "line 1: is not JSON"),
        ('{"external_id": "a"}\n{', "line 2: is not JSON"),
        ("[5]", "entry 0: a user is an object with external_id"),
        ('[{"email": "a"}]', "entry 0: a user is an object with external_id"),
        ('{"external_id": "a", "attributes": 5}', "attributes must be an object"),
        ('{"external_id": "a", "attributes": []}', "attributes must be an object"),
        ("a,b\n1,2\n", "no column user_id"),
        ("", "no column user_id"),
        ("user_id,b\n1\n", "line 2: 1 columns, the header has 2"),
        ('user_id,b\n"1,2\n', "is not CSV"),
    ],
)
def test_a_file_that_holds_no_users_is_one_line_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsersError) as found:
        read_users(written(tmp_path, text))
    assert says in str(found.value)
    assert "\n" not in str(found.value)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsersError, match="cannot be read"):
        read_users(tmp_path / "none")
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(UsersError, match="not UTF-8"):
        read_users(tmp_path / "latin")
