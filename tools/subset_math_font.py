"""Cut STIX Two Math down to what formulas in this book use, as overrides/assets/fonts/*.woff2.

Its radicals get more sizes and one width: browsers reserve the width of the widest size and
hang whatever a size has too much below the line, so that the square root of n sank and gaped.

The result is committed, so that a build needs neither this script nor its packages. To make it
again, in a throw-away environment:

    pip install ziamath==0.13 fonttools==4.68.0 brotli==1.2.1
    python tools/subset_math_font.py

ziamath carries the font file, version 2.11, unchanged. Its licence, the SIL Open Font License,
declares no reserved font name and stands beside the result.
"""
from copy import deepcopy
from importlib.resources import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.otTables import MathGlyphVariantRecord

TARGET = Path(__file__).parents[1] / "overrides/assets/fonts/stix-two-math.woff2"

RANGES = [  # first and last code point, both included
    (0x20, 0x7E), (0xA0, 0xFF),  # Latin
    (0x302, 0x304), (0x307, 0x308), (0x30C, 0x30C), (0x20D7, 0x20D7),  # accents above a letter
    (0x2C6, 0x2C7), (0x2D8, 0x2DC),
    (0x391, 0x3A9), (0x3B1, 0x3C9), (0x3D1, 0x3D6), (0x3F0, 0x3F5),  # Greek
    (0x2070, 0x207E),  # superscripts, for powers of ten in English prose
    (0x2010, 0x2026), (0x2032, 0x2034), (0x203E, 0x203E), (0x2044, 0x2044), (0x2061, 0x2064),
    (0x2102, 0x2102), (0x210A, 0x2113), (0x2115, 0x2115), (0x2118, 0x211D), (0x2124, 0x2124),
    (0x2127, 0x2128), (0x212B, 0x2131), (0x2133, 0x2138),  # letter-like: the sets, l, the gaps
    (0x2190, 0x2199), (0x21A6, 0x21A6), (0x21AA, 0x21AA), (0x21D0, 0x21D5), (0x21C4, 0x21C6),
    (0x2200, 0x2237), (0x223C, 0x2245), (0x2248, 0x224C), (0x2254, 0x2255), (0x225C, 0x225F),
    (0x2260, 0x2265), (0x226A, 0x226B), (0x2270, 0x2271), (0x2272, 0x2273), (0x227A, 0x227B),
    (0x2282, 0x228B), (0x2291, 0x229D), (0x22A2, 0x22A5), (0x22A8, 0x22A8), (0x22B2, 0x22B5),
    (0x22BA, 0x22BB), (0x22C0, 0x22C6), (0x22EE, 0x22F1),  # operators and relations
    (0x2308, 0x230B), (0x239B, 0x23B1), (0x23B4, 0x23B5), (0x23D0, 0x23D0), (0x23DC, 0x23E1),
    (0x25A0, 0x25A1), (0x25B3, 0x25B3), (0x25CB, 0x25CB), (0x27C2, 0x27C2), (0x27E6, 0x27EF),
    (0x27F5, 0x27FA), (0x2A00, 0x2A02), (0x2A7D, 0x2A7E), (0x2AAF, 0x2AB0),
    (0x1D400, 0x1D49B),  # bold, italic, bold italic
    (0x1D49C, 0x1D4B5), (0x1D4D0, 0x1D4E9),  # script capitals, bold too
    (0x1D504, 0x1D51C), (0x1D538, 0x1D56B), (0x1D5A0, 0x1D5D3),  # Fraktur, double-struck, sans
    (0x1D670, 0x1D6A3), (0x1D6A4, 0x1D6A5),  # monospace, dotless
    (0x1D6A8, 0x1D755), (0x1D7CE, 0x1D7D7),  # Greek: bold, italic, bold italic; bold digits
]


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


def subset(font: TTFont) -> None:
    """Keep RANGES with every stretched form of theirs, and scripts' optical sizes."""
    options = Options(layout_features=["ssty"], hinting=False, notdef_outline=True,
                      glyph_names=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
                      drop_tables=["DSIG", "gasp", "GPOS"])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in RANGES
                                 for code in range(first, last + 1)])
    subsetter.subset(font)


if __name__ == "__main__":
    source = files("ziamath.fonts") / "STIXTwoMath-Regular.ttf"
    font = TTFont(source, recalcTimestamp=False)
    add_radicals(font)
    subset(font)
    font.flavor = "woff2"
    font.save(TARGET)
    print(f"{TARGET}: {len(font.getGlyphOrder())} glyphs, {TARGET.stat().st_size} bytes")
