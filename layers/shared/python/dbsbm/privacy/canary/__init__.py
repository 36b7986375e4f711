"""Somebody who does not exist: written each day, erased as everybody is, then searched for."""
