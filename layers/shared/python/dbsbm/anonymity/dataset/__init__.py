"""The data set that may be released: how people bet in a month, one row each."""
