"""Scenarios: what a run may ask for, the files that say it, and the parameters behind it."""
