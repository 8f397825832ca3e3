"""Fit of organ affinities to autopsies, and their judgement on primaries held out."""
