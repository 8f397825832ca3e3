"""Published data and closed forms against runs of ctc: ``python -m tools.validate``."""
