"""Reading little of the dictionary changes nothing: texts are cut as jieba itself cuts them."""

import logging
from copy import copy

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weave.glossary import read_glossary
from weave.segmenter import Segmenter, by_character

from .conftest import REPOSITORY

TERMS = tuple(term.zh for term in read_glossary(REPOSITORY)[0])
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
LATIN = st.text("aZ09+#&._%- \n，é阵𠮷", max_size=4)


@pytest.fixture(scope="module")
def plain():
    """A tokenizer that has read its whole dictionary, and knows no other word."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


@pytest.fixture(scope="module")
def taught(plain):
    """Another that knows the book's terms as well."""
    tokenizer = copy(plain)
    tokenizer.FREQ = plain.FREQ.copy()
    for term in TERMS:
        tokenizer.add_word(term)
    return tokenizer


@pytest.fixture(scope="module")
def segmenter(plain):
    return Segmenter(TERMS, plain.total)


@st.composite
def texts(draw, words):
    pieces = st.sampled_from(words) | st.text(HAN, max_size=6) | LATIN
    return "".join(draw(st.lists(pieces, max_size=12)))


def test_the_dictionary_read_piece_by_piece_is_the_dictionary(plain):
    one = Segmenter(())
    for character in by_character():
        one.learn(character)
    assert (one.tokenizer.FREQ, one.total) == (plain.FREQ, plain.total)


@given(data=st.data())
def test_any_text_is_cut_as_jieba_cuts_it(plain, data):
    text = data.draw(texts(list(plain.FREQ)[::199]))
    assert Segmenter((), plain.total).cut(text) == plain.lcut(text)


@given(data=st.data())
def test_so_it_is_once_the_terms_are_known(plain, taught, segmenter, data):
    text = data.draw(texts([*TERMS * 10, *list(plain.FREQ)[::199]]))
    assert segmenter.cut(text) == taught.lcut(text)
    assert segmenter.tokenizer.total == taught.total
    assert all(taught.FREQ[word] == times for word, times in segmenter.tokenizer.FREQ.items())


def test_terms_are_learnt_and_stay_with_the_one_who_learnt_them(plain):
    text, made_up = "换成哒哒阵之后", "哒哒阵"
    assert made_up in Segmenter([made_up], plain.total).cut(text)
    assert made_up not in Segmenter((), plain.total).cut(text)


def test_a_text_reads_only_what_begins_as_it_does(plain):
    one = Segmenter((), plain.total)
    one.cut("矩阵乘法")
    assert {word[0] for word in one.tokenizer.FREQ} == set("矩阵乘法")
