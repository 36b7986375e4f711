"""A person's copy of what is held about them."""
