import random
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import Choices
from mock_sessionm.catalogue import Catalogue
from mock_sessionm.clock import Clock
from mock_sessionm.wallets import BEHAVIOURS, Unavailable, UserOffer, Wallets

COFFEE = "1a2b3324-1da6-4e49-b921-afc386dabb60"
TEA = "2b3c4435-2eb7-4f5a-8a32-b0d497ebcc71"
ADA, GRACE = "ada", "grace"


class Held:
    """Wallets over two offers, a clock that stands still, and what they told."""

    def __init__(self, *, assume: dict[str, str] | None = None, behaviours: frozenset[str] = BEHAVIOURS, **coffee: Any):
        self.clock = Clock(1_000_000.0, frozen=True)
        self.told: list[tuple[str, str]] = []
        chosen = Choices(assume or {})
        self.asked: list[str] = []

        def choice(name: str) -> str:
            self.asked.append(name)
            return chosen[name]

        self.catalogue = Catalogue.of({"offers": [{"id": COFFEE, **coffee}, {"id": TEA}]})
        self.wallets = Wallets(
            self.catalogue,
            self.clock,
            random.Random(1),
            choice=choice,
            behaviours=behaviours,
            note=lambda customer, kind, _said: self.told.append((customer, kind)),
        )

    def one(self, customer: str = ADA) -> UserOffer:
        return self.wallets.issue(customer, COFFEE)[0]


def test_what_is_issued_is_found_by_its_id_and_in_its_wallet_alone() -> None:
    held = Held()
    one, two = held.wallets.issue(ADA, COFFEE.upper(), quantity=2, source="test")
    assert held.wallets.find(one.id.upper()) is one
    assert held.wallets.active(ADA) == held.wallets.held(ADA) == [one, two]
    assert held.wallets.active(GRACE) == held.wallets.held(GRACE) == []
    assert (one.source, one.quantity, one.offer_id, one.customer_id) == ("test", 1, COFFEE, ADA)
    assert one.id != two.id
    assert len(held.wallets) == 2


@pytest.mark.parametrize(
    ("coffee", "quantity", "reason"),
    [
        ({"active": False}, 1, "inactive"),
        ({"acquisition_start_date": "2026-01-01"}, 1, "acquisition-dates"),
        ({"acquisition_end_date": "1970-01-02"}, 1, "acquisition-dates"),
        ({"total_inventory": 1}, 2, "inventory"),
        ({"per_user": 1}, 2, "per-user"),
    ],
)
def test_what_cannot_be_issued_says_why_and_leaves_nothing_behind(
    coffee: dict[str, Any], quantity: int, reason: str
) -> None:
    held = Held(**coffee)
    with pytest.raises(Unavailable) as raised:
        held.wallets.issue(ADA, COFFEE, quantity=quantity)
    assert raised.value.reason == reason
    assert held.wallets.held(ADA) == []
    assert held.told == []


def test_an_unknown_offer_is_unavailable() -> None:
    held = Held()
    with pytest.raises(Unavailable, match="unknown"):
        held.wallets.issue(ADA, "11111111-2222-4333-8444-555555555555")


def test_each_change_is_told_once_and_an_expiry_is_drawn_from_the_clock() -> None:
    held = Held(expires_after="1d")
    one = held.one()
    for change in (
        held.wallets.lock,
        held.wallets.unlock,
        held.wallets.redeem,
        held.wallets.reinstate,
        held.wallets.revoke,
    ):
        change(one)
    held.wallets.update(one, custom_data="{}", completes=True, from_now=False)
    kinds = ["issued", "locked", "unlocked", "redeemed", "reinstated", "revoked", "updated"]
    assert held.told == [(ADA, f"offer_{kind}") for kind in kinds]
    other = held.one()
    assert list(held.wallets.expiries(ADA)) == []
    held.clock.advance("1d")
    (note,) = held.wallets.expiries(ADA)
    assert (note.kind, note.at) == ("offer_expired", other.expires)
    held.clock.set(0.0)
    assert list(held.wallets.expiries(ADA)) == []


def test_a_choice_is_asked_for_only_where_it_makes_a_difference() -> None:
    held = Held(total_inventory=5)
    held.one(GRACE)
    assert held.asked == []
    held.wallets.issue(ADA, COFFEE, quantity=2)
    assert held.asked == ["issue-quantity"]
    held.wallets.revoke(held.wallets.held(ADA)[0])
    held.wallets.acquisitions(held.catalogue.offers[COFFEE])
    assert held.asked == ["issue-quantity", "revoked-offers"]


def test_a_locked_one_remembers_its_transaction_until_it_is_unlocked() -> None:
    held = Held()
    one = held.one()
    held.wallets.lock(one, "T1")
    assert (one.state, one.transaction, held.wallets.active(ADA)) == ("locked", "T1", [])
    held.wallets.unlock(one)
    assert (one.state, one.transaction, held.wallets.active(ADA)) == ("issued", "", [one])


def test_people_can_read_what_somebody_has_states_included() -> None:
    held = Held(expires_after="1d")
    one, two, three = (held.one() for _ in range(3))
    held.wallets.redeem(two)
    held.wallets.revoke(three, "by mistake")
    held.clock.advance("1d")
    shown = held.wallets.shown(ADA)
    assert [(row["id"], row["state"]) for row in shown] == [
        (one.id, "expired"),
        (two.id, "redeemed"),
        (three.id, "revoked"),
    ]
    assert [row["redeemed"] for row in shown] == [None, "1970-01-12T13:46:40.000Z", None]
    assert (shown[0]["acquired"], shown[0]["expires"]) == ("1970-01-12T13:46:40.000Z", "1970-01-13T13:46:40.000Z")
    assert shown[2]["reason"] == "by mistake"
    assert held.wallets.shown(GRACE) == []


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["issue", "redeem", "revoke", "lock", "unlock", "reinstate", "advance", "again"]),
        st.sampled_from([ADA, GRACE]),
        st.integers(0, 20),
    ),
    max_size=40,
)


@given(CHANGES, st.sampled_from(["counted", "returned"]))
def test_whatever_happens_the_counts_hold_and_a_wallet_has_only_what_can_be_used(
    changes: list[tuple[str, str, int]], revoked: str
) -> None:
    held = Held(assume={"revoked-offers": revoked}, total_inventory=12, per_user=8, expires_after="10d")
    wallets, offer = held.wallets, held.catalogue.offers[COFFEE]
    for kind, customer, number in changes:
        everything = wallets.held(customer)
        if kind == "issue":
            quantity, before = number % 4 + 1, wallets.inventory(offer)
            reason = wallets.unavailable(customer, offer, quantity)
            if reason is None:
                assert len(wallets.issue(customer, COFFEE, quantity=quantity)) == quantity
                assert before is not None
                assert wallets.inventory(offer) == before - quantity
        elif kind == "advance":
            held.clock.advance(f"{number}d")
        elif kind == "again":
            kept = orjson.loads(orjson.dumps(wallets.export()))
            wallets.restore(kept)
            assert wallets.export() == kept
        elif everything:
            one = everything[number % len(everything)]
            # As the gate lets it through, and no further.
            wanted = {"unlock": "locked", "reinstate": "redeemed"}.get(kind, "issued")
            if wallets.state(one) == wanted:
                getattr(wallets, kind)(one)
        now = held.clock.now()
        for name in (ADA, GRACE):
            own = wallets.held(name)
            usable = [one for one in own if one.state == "issued" and (one.expires is None or now < one.expires)]
            assert wallets.active(name) == usable
            assert all(wallets.redeemable(one, now) for one in usable)
            assert sum(one.state != "revoked" for one in own) <= 8
        every = [*wallets.held(ADA), *wallets.held(GRACE)]
        gone = sum(one.state == "revoked" for one in every)
        assert len(wallets) == len(every)
        assert wallets.acquisitions(offer) == len(every) - (gone if revoked == "returned" else 0) <= 12
        assert wallets.redemptions(offer) == sum(one.state == "redeemed" for one in every)
