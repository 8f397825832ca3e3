"""Programs for those who work on ctc, run from a checkout as ``python -m tools.<name>``."""
