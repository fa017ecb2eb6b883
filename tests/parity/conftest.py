"""A small bilingual book without a fault, into which the tests plant one at a time."""

from pathlib import Path

import pytest

from weave.check import check_book

INDEX = """\
---
title: {title}
description: {description}
---

# {title} {{ #home }}

{lead}
{{ .lead }}

- [{link}](mechanics/rounding.md#gap)
- <a href="mechanics/rounding/#gap">{link}</a>
"""

CHINESE = r"""---
title: 舍入
description: 括号放在哪里，结果就差在哪里。
---

# 舍入 { #rounding }

浮点乘法不满足结合律。
{ .lead }

## 差多少？ { #gap }

取 {{ mechanics.rounding.count:,}} 个随机矩阵，差别是 {{ mechanics.rounding.gap[aligned]:.1e }}，
共 {{ mechanics.rounding.flops:big }} 次运算，见 $\kappa(W)$ 与 $\mathrm{fl}(x)$。

```snippet
mechanics/rounding.py:gap
```

```snippet
mechanics/rounding.py:picture
code: fold
figures:
  - alt: 两条曲线，上面一条随 $n$ 增长
    caption: 差别 {{ mechanics.rounding.gap[random]:.1e }}，见[文献](https://example.org/a_(b))[^higham2002]
    labels: {aligned: 首尾相克}
```

$$
\| (AB)x - A(Bx) \| \le \gamma_n \|A\| \|B\| \|x\| \quad\text{对一切 $x$}
$$

| 精度 | 误差 |
| --- | ---: |
| `float16|half` | 大 |
| float32 | 小 |

!!! imprecise "不精确"
    “差别只有最后一位。”差 {{ mechanics.rounding.worst:.1e }}，见[形状](shapes.md#vectors)。

    ```snippet
    mechanics/rounding.py:worst
    raises: ValueError
    ```

## 怎么写值 { #values }

示例不算数：

````
```snippet
nowhere.py:nothing
```
## 没有编号的标题 {{ x }} [死链](dead.md) ![](dead.svg) $x$
````

行内 `{{ x }}`、`$y$` 与 `[a](dead.md)` 也不算。<!-- {{ 也不算 [a](dead.md) -->

![两个圆](circle.svg)
[![小图](circle.svg)](shapes.md)

见[本节](#values)与[手册][manual]。

??? success "解答"
    - 第一步

        ```snippet
        mechanics/rounding_solutions.py:first
        ```

    | a | b | c |
    | - | - | - |
    | 1 | 2 | 3 |

!!! wrong "错误"
    “结合律成立。”

[manual]: https://example.org/manual
[^higham2002]: N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, SIAM, 2002.
"""

ENGLISH = r"""---
title: Rounding
description: Where the parentheses stand decides the result.
---

# Rounding { #rounding }

Floating-point multiplication is not associative.
{ .lead }

## How large is the gap? { #gap }

Of {{ mechanics.rounding.count:,}} random matrices, $\mathrm{fl}(x)$ and $\kappa(W)$ tell all:
after {{ mechanics.rounding.flops:big2 }} operations the gap is
{{ mechanics.rounding.gap[aligned]:.1e }}.

```snippet
mechanics/rounding.py:gap
```

```snippet
mechanics/rounding.py:picture
code: fold
figures:
  - alt: Two curves, the upper one grows with $n$
    caption: A gap of {{ mechanics.rounding.gap[random]:.1e }}; see [a paper](https://example.org/a_(b))[^higham2002]
```

$$
\| (AB)x - A(Bx) \| \le \gamma_n \|A\| \|B\| \|x\| \quad\text{for all $x$}
$$

| precision | error |
| --- | ---: |
| `float16|half` | large |
| float32 | small |

!!! imprecise "Imprecise"
    “Only the last digit differs.” By {{ mechanics.rounding.worst:.1e }},
    see [shapes](shapes.md#vectors).

    ```snippet
    mechanics/rounding.py:worst
    raises: ValueError
    ```

## How to write a value { #values }

Examples do not count:

````
```snippet
nowhere.py:nothing
```
## A heading without an id {{ x }} [dead](dead.md) ![](dead.svg) $x$
````

Nor do `{{ x }}`, `$y$` and `[a](dead.md)` in a line. <!-- {{ nor this [a](dead.md) -->

![Two circles](circle.svg)
[![Small](circle.svg)](shapes.md)

See [this section](#values) and the [manual].

??? success "Solution"
    - First step

        ```snippet
        mechanics/rounding_solutions.py:first
        ```

    | a | b | c |
    | - | - | - |
    | 1 | 2 | 3 |

!!! wrong "Wrong"
    “It is associative.”

[manual]: https://example.org/manual
[^higham2002]: N. J. Higham, *Accuracy and Stability of Numerical Algorithms*, SIAM, 2002.
"""

SHAPES = """\
---
title: {title}
description: {description}
---

# {title} {{ #shapes }}

## {section} {{ #vectors }}

<span id="scalars">$x \\in \\mathbb{{R}}^n$</span>
"""

NAV = """\
site_name: {name}
theme:
  custom_dir: !ENV [THEME, overrides]
nav:
  - index.md
  - {part}:
      - {rounding}: mechanics/rounding.md
      - mechanics/shapes.md
"""

HOME_ZH = {"title": "书", "description": "一本书。", "lead": "开头。", "link": "差多少"}
HOME_EN = {"title": "Book", "description": "A book.", "lead": "Hello.", "link": "The gap"}
SHAPES_ZH = {"title": "形状", "description": "什么形状。", "section": "向量"}
SHAPES_EN = {"title": "Shapes", "description": "What shape.", "section": "Vectors"}

FILES = {
    "docs/zh/index.md": INDEX.format(**HOME_ZH),
    "docs/en/index.md": INDEX.format(**HOME_EN),
    "docs/zh/mechanics/rounding.md": CHINESE,
    "docs/en/mechanics/rounding.md": ENGLISH,
    "docs/zh/mechanics/shapes.md": SHAPES.format(**SHAPES_ZH),
    "docs/en/mechanics/shapes.md": SHAPES.format(**SHAPES_EN),
    "docs/zh/mechanics/circle.svg": "<svg/>",
    "docs/en/mechanics/circle.svg": "<svg/>",
    "mkdocs.yml": NAV.format(name="书", part="机制", rounding="舍入"),
    "mkdocs.en.yml": NAV.format(name="Book", part="Mechanics", rounding="Rounding"),
}


class Book:
    """A book on disk, and the means to spoil it."""

    def __init__(self, root: Path):
        self.root = root
        for path, text in FILES.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the one place where ``old`` stands."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def line(self, path: str, text: str) -> int:
        """The number of the first line in which ``text`` stands."""
        before, found, _ = self.read(path).partition(text)
        assert found, f"{text!r} is not in {path}"
        return before.count("\n") + 1

    def problems(self) -> list[str]:
        return [str(problem) for problem in check_book(self.root)]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)
