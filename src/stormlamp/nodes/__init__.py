"""Who this node is, and where its home lies on disk."""
