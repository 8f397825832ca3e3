"""Are the random numbers random, and the logarithm that they go through right."""
