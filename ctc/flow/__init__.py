"""Pressure and flow of a vessel network; no cells."""
