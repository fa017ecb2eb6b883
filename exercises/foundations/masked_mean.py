"""The mean over the words that are there."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/elementwise-reduce-dot"
EXERCISE = "exercise-padding"
TITLE = {"zh": "补齐的不算", "en": "Padding does not count"}
TASK = {
    "zh": """
`words` 的形状是 (n, t, d)：n 个句子，每句补齐到 t 个词，每个词 d 个数。`lengths[i]` 是第 i 句
真正的词数，至少为 1；其后的位置里是什么都有可能。返回各句真正的词的平均，形状 (n, d)。
""",
    "en": """
`words` has the shape (n, t, d): n sentences, each filled up to t words, each word d numbers.
Sentence i really has `lengths[i]` words, at least one; behind them anything may stand. Return the
mean of the real words of each sentence, of shape (n, d).
""",
}
WITHOUT = ("for",)


def masked_mean(words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    real = np.arange(words.shape[1]) < lengths[:, None]
    kept = np.where(real[:, :, None], words, 0)
    return kept.sum(axis=1) / lengths[:, None]


def one_by_one(words, lengths):
    return np.array([w[:length].mean(axis=0) for w, length in zip(words, lengths)])


@hint(
    zh="句子都是满的，就是对词求平均，词的各个分量不要混在一起",
    en="where all sentences are full it is the mean over words; the entries of a word stay apart",
)
def full_sentences(answer, rng):
    words = rng.integers(0, 9, (2, 3, 2))
    expect(answer(words, np.array([3, 3])), words.mean(axis=1))


@hint(
    zh="补了零的句子，应当除以真正的词数",
    en="a sentence that is filled up with zeros should be divided by the number of real words",
)
def divided_by_what_is_there(answer, rng):
    words, lengths = rng.integers(1, 9, (2, 3, 2)), np.array([1, 2])
    words[0, 1:] = words[1, 2:] = 0
    expect(answer(words, lengths), one_by_one(words, lengths))


@hint(
    zh="补的不一定是零，也可能是别的数",
    en="the padding need not be zeros; it may be other numbers",
)
def padding_of_any_number(answer, rng):
    words, lengths = rng.normal(size=(4, 6, 3)), rng.integers(1, 7, 4)
    expect(answer(words, lengths), one_by_one(words, lengths))


@hint(
    zh="补的还可能是 NaN：乘以 0 还是 NaN",
    en="the padding may even be NaN, and 0 times NaN is NaN",
)
def padding_of_nan(answer, rng):
    words, lengths = rng.normal(size=(3, 4, 2)), np.array([1, 4, 2])
    words[0, 1:] = words[2, 2:] = np.nan
    expect(answer(words, lengths), one_by_one(words, lengths))


@wrong(full_sentences)
def over_the_wrong_axis(words, lengths):
    return words.mean(axis=2)


@wrong(divided_by_what_is_there)
def plain_mean(words, lengths):
    return words.mean(axis=1)


@wrong(padding_of_any_number)
def sum_of_all(words, lengths):
    return words.sum(axis=1) / lengths[:, None]


@wrong(padding_of_nan)
def times_a_mask(words, lengths):
    mask = np.arange(words.shape[1]) < lengths[:, None]
    return (words * mask[:, :, None]).sum(axis=1) / lengths[:, None]
