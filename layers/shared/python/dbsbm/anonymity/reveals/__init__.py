"""Leading a pseudonym back: one person asks with a case, another approves, and a day later it is hidden again."""
