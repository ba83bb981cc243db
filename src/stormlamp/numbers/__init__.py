"""Numbers given while the hospital's own systems are away: unique without asking anybody, safe to write, read and type."""
