"""Runs on many machines through Dask."""
