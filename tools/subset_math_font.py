"""Cut STIX Two Math down to what formulas in this book use, as overrides/assets/fonts/*.woff2.

Every reader downloads it, so it holds what the book's formulas use, and every letter. Its
radicals get more sizes and one width: browsers reserve the width of the widest size and hang
whatever a size has too much below the line, so that the square root of n sank and gaped.

The result is committed, so that a build needs neither this script nor its packages. To make it
again, because a formula has a character that it lacks (a test says so), build the site and run,
in a throw-away environment:

    pip install ziamath==0.13 fonttools==4.68.0 brotli==1.2.1
    python tools/subset_math_font.py

ziamath carries the font file, version 2.11, unchanged. Its licence, the SIL Open Font License,
declares no reserved font name and stands beside the result.
"""
import re
from copy import deepcopy
from html import unescape
from importlib.resources import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.otTables import MathGlyphVariantRecord

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "overrides/assets/fonts/stix-two-math.woff2"

RANGES = [  # first and last code point, both included, whether the book uses them yet or not
    (0x20, 0x7E), (0xA0, 0xA0), (0xB1, 0xB3), (0xB7, 0xB7), (0xB9, 0xB9), (0xD7, 0xD7),
    (0x2032, 0x2033), (0x2061, 0x2064), (0x2070, 0x207E), (0x2212, 0x2212), (0x221A, 0x221A),
    (0x210E, 0x210E), (0x1D434, 0x1D467), (0x1D6FC, 0x1D71B),  # <mi> shows plain letters italic
]
FORMULA = re.compile(r"<math\b.*?</math>", re.S)
MARKUP = re.compile(r"<annotation.*?</annotation>|<[^>]*>", re.S)


RADICAL, RADICAL_WIDTH = "uni221A", 740  # per mille of the font's size
RADICAL_SIZES = [0.85, 1, 1.25]  # of the smallest one, in place of that one


def scale(font: TTFont, glyph: str, width: float, height: float) -> None:
    """Scale a glyph's outline, and its advance with it."""
    outline = font["glyf"][glyph]
    outline.coordinates.scale((width, height))
    outline.recalcBounds(font["glyf"])
    advance, bearing = font["hmtx"][glyph]
    font["hmtx"][glyph] = round(advance * width), round(bearing * width)


def add_radicals(font: TTFont) -> None:
    """Put RADICAL_SIZES before the taller radicals, and make all equally wide."""
    variants = font["MATH"].table.MathVariants
    place = variants.VertGlyphCoverage.glyphs.index(RADICAL)
    construction = variants.VertGlyphConstruction[place]
    smallest, *taller = construction.MathGlyphVariantRecord
    names = [RADICAL] + [f"{RADICAL}.more{i}" for i in range(1, len(RADICAL_SIZES))]
    font.setGlyphOrder(font.getGlyphOrder() + names[1:])
    for name in names[1:]:
        font["glyf"].glyphs[name] = deepcopy(font["glyf"][RADICAL])
        font["hmtx"][name] = font["hmtx"][RADICAL]
    records = []
    for name, size in zip(names, RADICAL_SIZES, strict=True):
        scale(font, name, size, size)
        record = MathGlyphVariantRecord()
        record.VariantGlyph = name
        record.AdvanceMeasurement = round(smallest.AdvanceMeasurement * size)
        records.append(record)
    construction.MathGlyphVariantRecord = [*records, *taller]
    construction.VariantCount = len(construction.MathGlyphVariantRecord)
    every = [record.VariantGlyph for record in construction.MathGlyphVariantRecord]
    every += [part.glyph for part in construction.GlyphAssembly.PartRecords]
    for name in dict.fromkeys(every):
        scale(font, name, RADICAL_WIDTH / font["hmtx"][name][0], 1)


def only_primes(font: TTFont) -> None:
    """Leave optical sizes to primes, which need them: those of all others double the font."""
    primes = {font.getBestCmap()[code] for code in (0x2032, 0x2033, 0x2034)}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            for forms in (getattr(table, "alternates", {}), getattr(table, "mapping", {})):
                for glyph in forms.keys() - primes:
                    del forms[glyph]


def used(site: Path) -> set[int]:
    """Every character of the formulas of a built site."""
    pages = [file.read_text(encoding="utf-8") for file in site.rglob("*.html")]
    formulas = (formula for page in pages for formula in FORMULA.findall(page))
    return {ord(char) for formula in formulas for char in unescape(MARKUP.sub("", formula))}


def subset(font: TTFont, characters: set[int]) -> None:
    """Keep the characters with every stretched form of theirs."""
    options = Options(layout_features=["ssty"], hinting=False, notdef_outline=True,
                      glyph_names=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
                      drop_tables=["DSIG", "gasp", "GPOS"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


if __name__ == "__main__":
    source = files("ziamath.fonts") / "STIXTwoMath-Regular.ttf"
    font = TTFont(source, recalcTimestamp=False)
    add_radicals(font)
    only_primes(font)
    ranges = {code for first, last in RANGES for code in range(first, last + 1)}
    subset(font, ranges | used(ROOT / "site"))
    font.flavor = "woff2"
    font.save(TARGET)
    print(f"{TARGET}: {len(font.getGlyphOrder())} glyphs, {TARGET.stat().st_size} bytes")
