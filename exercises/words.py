"""What the program says to the reader, in both languages."""

import locale
import os

WORDS = {
    "zh": {
        "help": "列出各章的题（不写名字），取一道或一章的题，检查写好的答案。",
        "lang": "用哪种语言；不写就看系统",
        "without": "不许用：{0}",
        "chapter": "章节：{0}",
        "to_check": "检查：python -m exercises check {0}",
        "here": "在这里作答",
        "handed_out": "已放好：{0}",
        "kept": "已有，没有动它：{0}",
        "next": "写完后运行：python -m exercises check {0}",
        "one_of": "取一道题：python -m exercises {0}",
        "all_of": "取一章的题：python -m exercises {0}",
        "solved_of": "已解 {0} 题，共 {1} 题",
        "unknown": "没有叫 {0} 的题或章{1}",
        "perhaps": "；是不是 {0}？",
        "not_handed_out": "还没有 {0}，先运行：python -m exercises {1}",
        "none_open": "没有待检查的题。取一道：python -m exercises <题名> --lang zh",
        "passed": "{0}：通过",
        "compare": "书里的解答：{0}",
        "printed": "程序打印了：",
        "call": "最后一次调用：{0}",
        "result": "得到：{0}",
        "hole": "还没有作答：在函数里写下你的做法",
        "missing": "找不到函数 {0}，它的名字不能改",
        "syntax": "语法错误：{0}",
        "raised": "出错：{0}",
        "forbidden": "这道题不许用 `{0}`",
        "nothing": "函数没有返回值（None）。忘了 return，还是只用了 print？",
        "type": "返回了 {0}，要的是 {1}",
        "length": "返回了 {0} 项，要的是 {1} 项",
        "shape": "返回的形状是 {0}，要的是 {1}",
        "nan": "结果里有 nan 或 inf",
        "unusable": "返回了 {0}，没法拿它接着算：{1}",
        "late": "{0} 秒还没有算完，停在这一行。循环结束得了吗？",
        "died": "还没有检查完，程序就结束了（退出码 {0}）",
    },
    "en": {
        "help": "List the puzzles, hand out one or those of a chapter, or check answers.",
        "lang": "in which language; otherwise that of the system",
        "without": "Not allowed: {0}",
        "chapter": "Chapter: {0}",
        "to_check": "Check: python -m exercises check {0}",
        "here": "your answer",
        "handed_out": "ready: {0}",
        "kept": "left as it is: {0}",
        "next": "when it is done: python -m exercises check {0}",
        "one_of": "for one of them: python -m exercises {0}",
        "all_of": "for those of a chapter: python -m exercises {0}",
        "solved_of": "{0} of {1} solved",
        "unknown": "no puzzle or chapter is named {0}{1}",
        "perhaps": "; did you mean {0}?",
        "not_handed_out": "there is no {0} yet; first: python -m exercises {1}",
        "none_open": "nothing to check; for a puzzle: python -m exercises <name> --lang en",
        "passed": "{0}: passed",
        "compare": "the book's solution: {0}",
        "printed": "the program printed:",
        "call": "last call: {0}",
        "result": "result: {0}",
        "hole": "no answer yet: write yours into the function",
        "missing": "there is no function {0}; its name must stay",
        "syntax": "syntax error: {0}",
        "raised": "raised {0}",
        "forbidden": "this puzzle does not allow `{0}`",
        "nothing": "it returns nothing (None): is there a `print` where `return` should be?",
        "type": "it returns {0}, not {1}",
        "length": "it returns {0} items, not {1}",
        "shape": "it returns the shape {0}, not {1}",
        "nan": "the result has nan or inf in it",
        "unusable": "it returns {0}, of no use for the next step: {1}",
        "late": "not done after {0} seconds, and this is the line. Can the loop end?",
        "died": "the program ended before the check did (exit code {0})",
    },
}


def language_of_reader() -> str:
    """That of the environment, English where it is neither of the book's."""
    named = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    named.append(locale.getlocale()[0] or "")  # Windows: "Chinese (Simplified)_China"
    first = next(filter(None, named), "")
    return "zh" if first.lower().startswith(("zh", "chinese")) else "en"
