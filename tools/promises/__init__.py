"""Pages of what is promised: every field of every file, every public name."""
