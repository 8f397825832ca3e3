"""Cells of a run followed again from their births, and set beside what the run recorded."""
