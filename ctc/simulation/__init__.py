"""The cells of a run and the loop over its epochs."""
