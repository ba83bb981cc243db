"""Pure arithmetic of the ledger: clocks, chain, tree and checkpoint."""
