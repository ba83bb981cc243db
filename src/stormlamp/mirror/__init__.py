"""The last known picture of every patient, and the wires that feed it."""
