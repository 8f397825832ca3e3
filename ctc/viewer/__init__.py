"""Pictures of a run: what to show, how it looks, and the still image; no physics."""
