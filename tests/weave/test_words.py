"""Chinese is cut as jieba cuts it, and what has been cut once is not cut again."""

import json

import jieba
import pytest

from weave import segmenter
from weave.words import Words

RUNS = ["矩阵乘法", "梯度消失与梯度爆炸", "噜噜阵之后"]


@pytest.fixture
def words(tmp_path):
    return lambda *terms: Words(tmp_path / "words.json", terms)


@pytest.fixture
def asked(monkeypatch):
    """The runs for which jieba has been asked."""
    runs, segment = [], Words.segment
    monkeypatch.setattr(Words, "segment", lambda self, run: runs.append(run) or segment(self, run))
    return runs


def cut(words: Words) -> list[list[str]]:
    return [words.cut(run.encode()) for run in RUNS]


def test_words_are_those_of_jieba_and_kept(words, asked):
    first = words("矩阵")
    assert cut(first) == [jieba.lcut(run) for run in RUNS] and asked == RUNS
    first.write()
    assert cut(words("矩阵")) == [jieba.lcut(run) for run in RUNS] and asked == RUNS


def test_what_the_dictionary_adds_up_to_is_counted_once(words, monkeypatch):
    first, second = words("矩阵"), words("矩阵")
    cut(first)
    first.write()
    monkeypatch.setattr(segmenter, "TIMES", None)
    assert second.cut("噜噜矩阵".encode()) == jieba.lcut("噜噜矩阵")
    assert second.total == first.segmenter.total > 0


def test_another_engine_cuts_anew(words, asked, monkeypatch):
    first = words()
    cut(first)
    first.write()
    monkeypatch.setattr("weave.kept.engine", lambda: b"another")
    assert cut(words()) and asked == RUNS * 2


def test_another_term_or_a_damaged_file_cuts_anew(words, asked, tmp_path):
    first = words("梯度")
    cut(first)
    first.write()
    assert "噜噜阵" in words("噜噜阵").cut(RUNS[2].encode()) and asked == [*RUNS, RUNS[2]]
    told = json.loads((tmp_path / "words.json").read_text())
    untold = json.dumps(told | {"value": told["value"] | {"total": None}})
    for damage in ("[1]", '{"key": 1}', "no JSON", untold):
        (tmp_path / "words.json").write_text(damage)
        words("梯度").cut(RUNS[0].encode())
    assert asked[len(RUNS) + 1 :] == [RUNS[0]] * 4


def test_what_one_build_does_not_use_stays_for_the_next(words, asked):
    for run in RUNS:
        one = words()
        one.cut(run.encode())
        one.write()
    assert [words().cut(run.encode()) for run in RUNS] and asked == RUNS


def test_words_end_where_jieba_ends_them(words):
    text = "满秩矩阵的 rank-one 更新，秩序\x02wzxhzdk:12\x03与矩阵乘法 2.5 倍。"
    edges = {edge for _, *edges in jieba.tokenize(text) for edge in edges}
    one = words()
    assert {place for place in range(len(text) + 1) if one.is_edge(text, place)} == edges


def test_the_end_of_a_word_is_kept_as_well(words, asked):
    for _ in range(2):
        one = words()
        assert one.is_edge("满秩，秩序井然", 2) and not one.is_edge("满秩，秩序井然", 4)
        one.write()
    assert asked == ["秩序井然"]
