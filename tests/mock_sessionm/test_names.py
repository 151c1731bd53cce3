from mock_sessionm.names import LONGEST, Names, names


def test_a_name_in_another_casing_is_recognised() -> None:
    defined = Names(("FavoriteStore",))
    assert defined.in_other_casing("favoritestore") == "FavoriteStore"
    assert defined.in_other_casing("FavoriteStore") is None
    assert defined.in_other_casing("Other") is None


def test_of_two_names_that_differ_in_casing_the_first_is_meant() -> None:
    assert Names(("Size", "SIZE")).in_other_casing("size") == "Size"
    assert Names(("Size", "SIZE")).in_other_casing("SIZE") is None


def test_a_misspelt_name_has_a_nearest_one_and_a_strange_one_has_none() -> None:
    defined = Names(("FavoriteStore", "LoyaltyTier"))
    assert defined.nearest("FavoritStore") == "FavoriteStore"
    assert defined.nearest("zzz") is None


def test_an_endless_name_is_not_compared() -> None:
    defined = Names(("a" * LONGEST,))
    assert defined.nearest("a" * (LONGEST + 1)) is None


def test_the_same_names_are_made_once() -> None:
    assert names(("a", "b")) is names(("a", "b"))
