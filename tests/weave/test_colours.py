"""Coloured code that an earlier build kept is what colouring it again gives."""

import json

import pytest
from pygments.lexers import PythonLexer

from weave import colours
from weave.colours import Colours, coloured
from weave.lexer import Lexer

from .conftest import REPOSITORY

CODES = ["x = 1\n", "def f(a: int) -> str:\n    return f'{a}'  # why\n", "矩阵 = 'λ'\n"]


@pytest.fixture
def count(monkeypatch):
    """The codes that were coloured, one after the other."""
    asked = []
    monkeypatch.setattr(colours, "coloured", lambda code: asked.append(code) or coloured(code))
    return asked


def page(place, codes=CODES) -> list[str]:
    found = Colours(place)
    shown = [found[code] for code in codes]
    found.write()
    return shown


def test_code_is_coloured_once_for_both_languages_and_the_next_build(tmp_path, count):
    shown = page(tmp_path / "part/page.json")
    assert shown == list(map(coloured, CODES)) and 'class="k"' in shown[1]
    assert page(tmp_path / "part/page.json") == shown
    assert count == CODES


def test_only_what_the_page_shows_is_kept(tmp_path, count):
    place = tmp_path / "page.json"
    page(place)
    page(place, [CODES[0], "y = 2\n"])
    assert count == [*CODES, "y = 2\n"]
    assert json.loads(place.read_text())["value"].keys() == {CODES[0], "y = 2\n"}


def test_another_pygments_colours_anew(tmp_path, count, monkeypatch):
    page(tmp_path / "page.json")
    monkeypatch.setattr(colours.pygments, "__version__", "0")
    colours.key.cache_clear()
    page(tmp_path / "page.json")
    colours.key.cache_clear()
    assert count == CODES * 2


@pytest.mark.parametrize("damage", [b"", b"[]", b"\xff", b'{"key": 1, "value": []}'])
def test_what_is_damaged_is_coloured_anew(tmp_path, count, damage):
    place = tmp_path / "page.json"
    shown = page(place)
    place.write_bytes(damage)
    assert page(place) == shown and count == CODES * 2


def test_a_full_disk_is_no_reason_to_fail(tmp_path):
    place = tmp_path / "file"
    place.write_text("no folder")
    assert page(place / "page.json") == list(map(coloured, CODES))


HARD = """\
x = .5 + 1.e-3 - a.b[...] @ c ** -.1j if a != b else 0x_f; y: int = (z := 3) // 2 << 1 >= 0
@app.route(f"/{x!r:>{w}.3f} {a if b else c}", key=lambda *a, **k: {**k, "n": [1, 2][::-1]})
async def f(a, /, b: "str" = r'\\d', *, c=b"x" \\
            % 2) -> dict[str, int]:
    '''Doc: 1 + 1.'''
    match  x :
        case [1, *_] | {"a": 2} : pass
    from . import  a as b ; from .c.d import e
\tclass  C(D) : __slots__ = () ; print ( self . x , not x in y and z is not None )
#!/not a shebang
矩阵 = λ.__init__ ( "unclosed
"""


def test_the_quicker_lexer_gives_the_tokens_of_pygments():
    scripts = [REPOSITORY / "snippets" / name for name in ("palette.py", "mechanics/rounding.py")]
    for code in (HARD, *(script.read_text(encoding="utf-8") for script in scripts)):
        assert list(Lexer().get_tokens(code)) == list(PythonLexer().get_tokens(code))
