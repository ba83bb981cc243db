"""Code systems: one standard's codes to another's, after the guide's concept maps."""
