"""How fast and how small: the figures that a claim of speed must quote."""
