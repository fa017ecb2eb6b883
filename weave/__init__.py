"""The loom: snippets run once, and both languages' pages are woven from the record of the run."""
