"""The window of ``ctc view``: everything that needs Qt."""
