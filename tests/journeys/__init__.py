"""Journeys: the product as people meet it, in a real browser on a running demonstration."""
