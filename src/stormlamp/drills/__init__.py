"""Rehearse an outage and score it; the simulated hospital."""
