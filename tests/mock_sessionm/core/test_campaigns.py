import pytest

from tests.mock_sessionm.campaigning import campaigning, visit

MANY = [{"id": f"c-{number:02}", "trigger": {"event": "visit"}} for number in range(45)]


def test_every_campaign_is_on_one_page_and_the_pages_are_counted() -> None:
    fake = campaigning(campaigns=MANY)
    pages = [fake.core("GET", f"/campaigns?page={page}").body for page in (1, 2, 3, 4)]
    assert {(page["page_size"], page["number_of_pages"]) for page in pages} == {(20, 3)}
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert [len(page["campaigns"]) for page in pages] == [20, 20, 5, 0]
    shown = [one["campaign_id"] for page in pages for one in page["campaigns"]]
    assert shown == [one["id"] for one in MANY]


def test_without_campaigns_there_is_one_empty_page() -> None:
    body = campaigning().core("GET", "/campaigns").body
    assert (body["number_of_pages"], body["campaigns"]) == (1, [])


def test_just_a_full_page_is_one() -> None:
    assert campaigning(campaigns=MANY[:20]).core("GET", "/campaigns").body["number_of_pages"] == 1
    assert campaigning(campaigns=MANY[:21]).core("GET", "/campaigns").body["number_of_pages"] == 2


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=two", "page=1&page=2", "page=", "sections="])
def test_a_page_of_another_form_is_refused(query: str) -> None:
    assert campaigning().core("GET", f"/campaigns?{query}").rules == ["sessionm.contract"]


def test_campaigns_are_listed_whether_they_run_or_not_and_tiles_only_while_they_do() -> None:
    ended = {"id": "ended", "trigger": {"event": "visit"}, "ends": "2026-06-15T12:00:00Z"}
    fake = campaigning(campaigns=[ended, MANY[0]])
    assert len(fake.core("GET", "/campaigns").body["campaigns"]) == 2
    tiles = fake.core("GET", "/external/users/ada/campaigns").body["campaigns"]["tiles"]
    assert [one["campaign_id"] for one in tiles] == ["c-00"]


def test_both_ways_to_a_customer_show_the_same() -> None:
    fake = campaigning(campaigns=MANY[:2])
    visit(fake)
    ada = fake.tenant.customers.by_external("ada")
    assert ada is not None
    one, other = fake.core("GET", f"/users/{ada.id}/campaigns"), fake.core("GET", "/external/users/ada/campaigns")
    assert one.body == other.body
    assert [tile["progress"]["state"] for tile in one.body["campaigns"]["tiles"]] == ["completed", "completed"]


def test_a_customer_who_is_not_there_has_no_campaigns() -> None:
    assert campaigning().core("GET", "/external/users/nobody/campaigns").rules == ["sessionm.user-exists"]
