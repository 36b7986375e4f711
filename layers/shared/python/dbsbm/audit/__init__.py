"""The audit log: its events, the tree over them, who signs it and who checks it."""

LOG_PATH = "/log"
"""Where everybody sees what is signed (``audit/public.py``)."""
