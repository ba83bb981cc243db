"""Engines under the ledger."""
