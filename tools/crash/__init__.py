"""Runs and sweeps that are killed, starved and told to end, over and over: nothing may be lost."""
