"""Implementations of the printer."""
