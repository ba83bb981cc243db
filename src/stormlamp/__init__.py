"""Stormlamp keeps a hospital caring for its patients while its IT is dark, and proves when it is back to normal."""

__version__ = "0.1.0"
