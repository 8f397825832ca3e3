"""Soak: one run for an hour, watched all the time: memory, rate, handles, files."""
