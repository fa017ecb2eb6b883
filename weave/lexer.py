"""Pygments' lexer of Python, quicker: what code is fullest of is looked for first.

Pygments would try some thirty patterns at every space, bracket and operator. The tokens are the
same.
"""

from pygments.lexer import inherit
from pygments.lexers import PythonLexer
from pygments.token import Operator, Punctuation, Text


class Lexer(PythonLexer):
    tokens = {
        "root": [
            (r"(?<=\S)[^\S\n]+", Text),  # at the beginning of a line they can be part of more
            (r"!=|==|<<|>>|:=|[-~+/*%=<>&^|]|\.(?!\d)", Operator),
            (r"[]{}:(),;[]", Punctuation),
            inherit,
        ]
    }
