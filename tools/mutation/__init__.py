"""Changes small things in the code, one at a time, and asks whether a test notices."""
