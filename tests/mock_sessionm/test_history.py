from mock_sessionm.history import of_events, of_points
from tests.mock_sessionm.asking import Asker


def test_every_line_of_the_books_is_an_entry_unless_it_was_booked_unpublished(fake: Asker) -> None:
    id_ = fake.create(external_id="e")
    books = fake.tenant.books
    books.deposit(id_, 10, reference_id="r", reference_type="Order")
    books.deposit(id_, 5, published=False)
    (note,) = of_points(books, everything=False)(id_)
    assert note.kind == "points_deposited"
    assert {"amount": 10, "account_name": "Points", "reference_id": "r", "reference_type": "Order"}.items() <= (
        note.payload.items()
    )
    assert len(list(of_points(books, everything=True)(id_))) == 2


def test_every_event_is_an_entry_at_the_time_of_its_arrival(fake: Asker) -> None:
    id_ = fake.create(external_id="e")
    fake.core("POST", "/external/users/e/events", {"events": {"visit": {"date": "2020-01-01T00:00:00Z"}}})
    (note,) = of_events(fake.tenant.customers)(id_)
    assert (note.kind, note.at) == ("event_received", fake.tenant.clock.now())
    assert note.payload["date"] == "2020-01-01T00:00:00Z"
    assert "received" not in note.payload
    assert list(of_events(fake.tenant.customers)("nobody")) == []
