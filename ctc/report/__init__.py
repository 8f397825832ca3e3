"""Report: a run as a page that people read, and the figures and tables behind it."""
