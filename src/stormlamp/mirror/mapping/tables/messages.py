"""Which messages are understood, by type and trigger event (table 0003). ADT has a table of its own, for it moves patients."""

from __future__ import annotations

MESSAGES: dict[str, frozenset[str]] = {
    "ORU": frozenset(("R01", "R30", "R31", "R32", "R40", "W01")),
    "OUL": frozenset(("R21", "R22", "R23", "R24")),
    "ORM": frozenset(("O01",)),
    "OMG": frozenset(("O19",)),
    "OML": frozenset(("O21", "O33", "O35", "O39")),
    "OMI": frozenset(("O23",)),
    "OMP": frozenset(("O09",)),
    "OMD": frozenset(("O03",)),
    # Answers: what became of an order.
    "ORR": frozenset(("O02",)),
    "ORG": frozenset(("O20",)),
    "ORL": frozenset(("O22", "O34", "O36", "O40")),
    "ORI": frozenset(("O24",)),
    "ORP": frozenset(("O10",)),
    # Medication: verified, dispensed, given, due; and vaccinations.
    "RDE": frozenset(("O11", "O25", "O01")),
    "RDS": frozenset(("O13", "O01")),
    "RAS": frozenset(("O17", "O01")),
    "RGV": frozenset(("O15", "O01")),
    "VXU": frozenset(("V04",)),
}
