"""A page says when what it shows was last changed: by the history, and never a stale day."""

import os
import shutil
import subprocess
from datetime import date
from types import SimpleNamespace

import pytest

from weave.citation import citation
from weave.dates import Dates, commit_of, in_words, read_dates

from .conftest import FRONT

SNIPPET = "# --8<-- [start:a]\nx = 41 + 1\nprint('answer', x)\n# --8<-- [end:a]\n"
PAGE = FRONT + "# Small { #small }\n\nText.\n\n```snippet\npart/topic.py:a\n```\n"
WHO = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER")
       for what in ("NAME", "EMAIL")}  # fmt: skip


class History:
    """The git history of a small book; `commit("2020-02-01")` commits all on that day."""

    def __init__(self, book):
        self.book = book
        self.git("init", "--quiet", "--initial-branch=main")
        book.write(".gitignore", ".weave/\n/site/\n.site.*\n")

    def git(self, *command: str, day: str = "", **options) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        when = f"{day or '2020-01-01'}T23:30:00-0700"
        own |= WHO | {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        root = options.get("cwd", self.book.root)
        subprocess.run(["git", *command], cwd=root, env=own, check=True, capture_output=True)

    def commit(self, day: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Because", day=day)

    def days(self) -> dict[str, str]:
        return read_dates(self.book.root, commit_of(self.book.root)).days


@pytest.fixture
def history(book) -> History:
    book.snippet(SNIPPET)
    book.page(PAGE)
    return History(book)


def shown(book, **environment: str) -> list[str]:
    """The day that each language's page gives; empty where it gives none."""
    done = book.build(**environment)
    assert done.returncode == 0, done.stdout
    pages = [book.site()[name].decode() for name in ("index.html", "en/index.html")]
    return [page.partition('<time datetime="')[2][:10] for page in pages]


def test_a_kept_page_gives_the_day_of_whatever_commit_came_after_it(history):
    book = history.book
    assert shown(book) == ["", ""]
    history.commit("2020-02-01")  # not a byte of the book has changed
    assert shown(book, TZ="Pacific/Kiritimati") == ["2020-02-01"] * 2
    (book.root / "docs/en/index.md").write_text(PAGE.replace("Text", "Words"))
    assert shown(book) == ["2020-02-01"] * 2  # said of no date: it is not committed
    history.commit("2020-03-01")
    assert shown(book) == ["2020-02-01", "2020-03-01"]
    book.snippet(SNIPPET.replace("41", "40"))
    history.commit("2020-04-01")
    assert shown(book) == ["2020-04-01"] * 2
    book.write("docs/zh/data.csv", "1\n")
    history.commit("2020-05-01")
    assert shown(book) == ["2020-04-01"] * 2
    assert "Nothing has changed" in book.build().stdout
    after = book.site()
    shutil.rmtree(book.root / ".weave/pages")
    (book.root / ".weave/stamp.json").unlink()
    (book.root / ".weave/dates.json").unlink()
    assert shown(book) == ["2020-04-01"] * 2 and book.site() == after


def test_names_merges_and_renames(history):
    book = history.book
    book.write("docs/zh/一页 b.md", "1\n")
    history.commit("2020-02-01")
    history.git("switch", "--quiet", "--create", "side")
    book.write("docs/zh/一页 b.md", "2\n")
    history.commit("2020-03-01")
    history.git("switch", "--quiet", "main")
    book.write("docs/en/c.md", "1\n")
    history.commit("2020-02-02")
    history.git("merge", "--quiet", "--no-ff", "--message", "Both", "side", day="2020-06-01")
    (book.root / "docs/en/c.md").rename(book.root / "docs/en/d.md")
    history.commit("2020-04-01")
    days = history.days()
    assert days["docs/zh/一页 b.md"] == "2020-03-01"
    assert days["docs/en/d.md"] == "2020-04-01"
    assert days["snippets/part/topic.py"] == "2020-02-01"
    assert not [name for name in days if name.startswith("mkdocs")]


def test_half_a_history_gives_no_date(history, tmp_path):
    history.commit("2020-02-01")
    history.book.write("docs/zh/other.md", "1\n")
    history.commit("2020-03-01")
    clone = tmp_path / "clone"
    source = history.book.root.as_uri()
    history.git("clone", "--quiet", "--depth", "1", source, str(clone), cwd=tmp_path)
    assert commit_of(clone) == "" and read_dates(clone, "") == Dates()
    history.git("fetch", "--quiet", "--unshallow", cwd=clone)
    assert read_dates(clone, commit_of(clone)).days == history.days() != {}


def test_a_book_in_a_folder_of_another_repository_has_its_own_names(history):
    inside = history.book.root / "docs"
    history.book.write("docs/docs/zh/x.md", "1\n")
    history.commit("2020-02-01")
    assert list(read_dates(inside, commit_of(inside)).days) == ["docs/zh/x.md"]


def test_without_git_there_is_no_date(history, monkeypatch):
    history.commit("2020-02-01")
    monkeypatch.setenv("PATH", "")
    assert commit_of(history.book.root) == ""


def test_a_list_changes_with_what_it_is_made_of():
    dates = Dates({"docs/zh/a.md": "2020-01-02", "ledger/claims/004.yml": "2020-03-04"})
    assert dates.newest(["docs/zh/a.md", "docs/zh/b.md"]) == date(2020, 1, 2)
    assert dates.newest(["docs/zh/a.md"], ["ledger"]) == date(2020, 3, 4)
    assert dates.newest(["docs/zh/b.md"], ["glossary"]) is None


def page(**given) -> SimpleNamespace:
    return SimpleNamespace(**{
        "is_homepage": False, "meta": {"title": "Sums & _products_"}, "title": "",
        "changed": date(2026, 11, 2), "url": "part/sums/",
        "canonical_url": "https://example.org/part/sums/",
    } | given)  # fmt: skip


def config(language: str) -> SimpleNamespace:
    names = {"zh": ("书", "著者"), "en": ("The Book", "The authors")}[language]
    return SimpleNamespace(theme={"language": language}, site_name=names[0], site_author=names[1])


def test_a_page_is_cited_in_words_and_for_bibtex():
    text, bibtex = citation(page(), config("en"))
    assert text == ("The authors. “Sums & _products_.” In The Book. 2 November 2026. "
                    "https://example.org/part/sums/")  # fmt: skip
    assert bibtex == r"""@misc{matmul-book-part-sums,
  author = {{The authors}},
  title = {{Sums \& \_products\_}},
  howpublished = {The Book},
  year = {2026},
  month = {11},
  url = {https://example.org/part/sums/},
}"""
    text, _ = citation(page(meta={"title": "和"}), config("zh"))
    assert text == "著者. 和[EB/OL]//书. (2026-11-02). https://example.org/part/sums/."


def test_what_is_not_known_is_not_cited():
    front = page(is_homepage=True, changed=None, url="./", canonical_url=None)
    text, bibtex = citation(front, config("en"))
    assert text == "The authors. The Book."
    assert bibtex == "@misc{matmul-book,\n  author = {{The authors}},\n  title = {{The Book}},\n}"
    assert citation(front, config("zh")).text == "著者. 书[EB/OL]."


@pytest.mark.parametrize("language, words", [("zh", "2026 年 1 月 2 日"), ("en", "2 January 2026")])
def test_a_day_in_words(language, words):
    assert in_words(date(2026, 1, 2), language) == words
