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
    # Appointments, documents, referrals, plans of care.
    "SIU": frozenset((*(f"S{number}" for number in range(12, 25)), "S26")),
    "MDM": frozenset(f"T{number:02}" for number in range(1, 12)),
    "REF": frozenset(("I12", "I13", "I14", "I15")),
    "PPR": frozenset(("PC1", "PC2", "PC3")),
    # Accounts and charges.
    "BAR": frozenset(("P01", "P02", "P05", "P06", "P10", "P12")),
    "DFT": frozenset(("P03", "P11")),
}
