"""How old every key is, and whether a newer one is due."""
