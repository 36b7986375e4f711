"""What became of an interaction on its way through the functions, put together from their log lines alone."""
