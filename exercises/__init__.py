"""Puzzles: the book's exercises to be done. `python -m exercises` lists them."""
