"""In which communities something is held about a person."""
