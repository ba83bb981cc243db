"""Entries of the quarantine read again: what an older reading left of them goes, and the present one writes its rows."""

from collections.abc import Sequence

from stormlamp.ledger import Entry, insert_new, projects, recompute
from stormlamp.ledger import entries as log
from stormlamp.mirror.facts import FhirReceived, Hl7Received, MessageCorrected, QuarantineReplayed
from stormlamp.mirror.models import MirrorCorrection, MirrorMessage, MirrorReplay
from stormlamp.mirror.projections.r4 import fhir_resources
from stormlamp.mirror.projections.v2 import hl7_messages


@projects(QuarantineReplayed)
def replays(entries: Sequence[Entry[QuarantineReplayed]]) -> None:
    """Read entries again.

    An entry that has not come yet is read when it comes, by the same reading; one that was purged has no rows. So the rows are the
    same in whatever order a replay and its entries arrive, and a rebuild makes them too.
    """
    rows = [
        {"id": f"{entry.key}|{key}", "message": key, "by": entry.actor_name, "at": entry.at, "order": entry.order}
        for entry in entries
        for key in entry.fact.entries
    ]
    insert_new(MirrorReplay, rows)
    read_again(sorted({key for entry in entries for key in entry.fact.entries}))


@projects(MessageCorrected)
def corrections(entries: Sequence[Entry[MessageCorrected]]) -> None:
    """Which copy corrects which original."""
    rows = [
        {
            "entry": entry.key,
            "original": entry.fact.original,
            "why": entry.fact.why,
            "by": entry.actor_name,
            "at": entry.at,
            "order": entry.order,
        }
        for entry in entries
    ]
    insert_new(MirrorCorrection, rows)


def read_again(keys: Sequence[str]) -> None:
    """Make the rows of entries anew."""
    found = [entry for key in keys if (entry := log.entry(key)) is not None]
    hl7 = [entry for entry in found if isinstance(entry.fact, Hl7Received | MessageCorrected)]
    fhir = [entry for entry in found if isinstance(entry.fact, FhirReceived)]
    recompute(MirrorMessage, column="entry", subjects=[entry.key for entry in (*hl7, *fhir)], rows=())
    if hl7:
        hl7_messages(hl7)
    if fhir:
        fhir_resources(fhir)
