"""Our own rules over the source: SQL is literal, no secret and no path of somebody's machine is committed."""
