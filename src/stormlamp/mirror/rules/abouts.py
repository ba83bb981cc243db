"""Whom an entry tells of, where that is more than the patient of its message: the keys of the rows that say so.

A row leads from an entry to a patient. It may do so in two steps: from an entry to a form (`Binary/<id>`) or a list of a programme,
and from a form to the patient of a document with it, from a list to the numbers on it.
"""

EVERYBODY = ""
FORM, NUMBER, LIST = "Binary/", "number ", "list "


def about_row(entry: str, patient: str) -> dict[str, str]:
    """The row of an entry, a form or a list that tells of a patient, a form or a number."""
    return {"id": f"{entry}|{patient}", "entry": entry, "patient": patient}


def list_key(programme: str, day: str, source: str) -> str:
    """The list of a programme that a source gives for a day, whichever file it is in."""
    return f"{LIST}{programme}|{day}|{source}"


def number_key(number: str) -> str:
    """Whoever has a number of the hospital, as a list writes it."""
    return f"{NUMBER}{number.strip()}"
