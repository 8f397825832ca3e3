"""Questions that are put to finished runs, one a module; reads runs only."""
