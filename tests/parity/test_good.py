"""A book without a fault has none; reading, re-wording and translating it plants none."""


def test_a_good_book_has_no_problems(book):
    assert book.problems() == []
