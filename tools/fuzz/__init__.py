"""Hostile input: what readers do with files that were damaged, or made to do damage."""
