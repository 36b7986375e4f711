"""What the functions may do in the cache: our own keys, and the commands that our code gives. No CDK import."""

from __future__ import annotations

COMMANDS = (
    *("get", "set", "append", "del", "ping"),
    *("eval", "evalsha", "zadd", "zscore", "zrem", "zrangebyscore", "zremrangebyscore", "pexpire"),
    *("command", "cluster|slots", "cluster|shards"),
)
ACCESS = " ".join(("on", "~dbsbm:*", "resetchannels", "-@all", *(f"+{command}" for command in COMMANDS)))
"""As Redis' ACL SETUSER takes it; ``tests/integration/test_cache_cluster.py`` lives with no more."""
