"""Codes about allergies: kind (0127), and the codes by which a source states that there are none."""

from __future__ import annotations

KINDS = {
    "DA": "Drug allergy",
    "FA": "Food allergy",
    "MA": "Miscellaneous allergy",
    "MC": "Miscellaneous contraindication",
    "EA": "Environmental allergy",
    "AA": "Animal allergy",
    "PA": "Plant allergy",
    "LA": "Pollen allergy",
}
# "No known allergy", of any kind. "No known *drug* allergy" is less than that and stays an item of its own.
NONE_CODES = frozenset(("716186003", "NKA", "NKAL"))
NONE_TEXTS = frozenset(
    ("nka", "no known allergies", "no known allergy", "no allergies", "no known allergy (situation)", "none known")
)
NO_PROBLEMS = frozenset(("160245001",))
NO_MEDICATION = frozenset(("787481004", "1234391007"))
