"""Going through what is sealed, and through what is not yet."""
