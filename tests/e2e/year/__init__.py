"""A year of the demo guild: who lives in it, what keeps it, and what must hold at its end."""
