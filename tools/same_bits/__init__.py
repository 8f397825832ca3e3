"""One digest on every way: see `tools.same_bits.__main__`."""
