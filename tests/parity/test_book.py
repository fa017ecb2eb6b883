"""The book itself is whole, and the same in both languages."""

from weave.check import check_book


def test_the_book_has_no_problems(root):
    problems = check_book(root)
    assert not problems, "\n" + "\n".join(map(str, problems))
