"""What is held about people: the inventory of it, their copy of it, and its erasure."""
