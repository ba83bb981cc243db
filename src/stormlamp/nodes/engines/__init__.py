"""Where a node's home is kept."""
