"""What may be said without saying of whom: operations on values, the gate of a released data set, and pseudonyms."""
