"""Whether a run file tells the truth: its books, its origin, and cells that are followed again."""
