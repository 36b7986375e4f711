"""Logical backups: made from one moment, sealed, compared row by row with what comes back."""
