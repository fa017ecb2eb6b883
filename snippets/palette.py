"""Colours of the book's figures: colour means operand in C = A @ B.

The loom replaces each of these values by a style-sheet variable, so that a figure follows
the reader's palette; run on its own, a snippet draws in the light palette.
"""

A = "#0b6aa8"  # left operand
B = "#a94d09"  # right operand
C = "#0d7a5f"  # product
INK = "#1d2126"  # text and the curve that matters
SOFT = "#5b636d"  # the curve it is compared with
LINE = "#e3dfd6"  # hairlines and grids
ACCENT = "#9a2f2a"  # the one mark that says: look here
PAPER = "#fcfbf8"  # background, for gaps between marks
