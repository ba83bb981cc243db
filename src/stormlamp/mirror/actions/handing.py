"""Messages handed out as files. Each patient whose data leaves is looked at, and that is recorded."""

from collections.abc import Sequence

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment, iso
from stormlamp.mirror import queries
from stormlamp.mirror.actions.reading import read_message
from stormlamp.mirror.rules import Quarantined
from stormlamp.mirror.wire import archives, fhir
from stormlamp.mirror.wire.hl7 import Broken, Message

MOST_BYTES = 256 * 1024 * 1024


def read(by: Actor, at: Moment, told: Quarantined) -> bytes | None:
    """The bytes of a message; a look at its patient's data, where it names one."""
    if told.patient:
        return read_message(by, at, patient=PatientId(told.patient), entry=told.entry)
    return queries.verbatim(told.entry)


def file_name(told: Quarantined) -> str:
    """A plain name that is this entry's alone."""
    return archives.plain_name(f"{told.interface}-{told.entry}", ".json" if told.message.startswith("FHIR") else ".hl7")


def archive(by: Actor, at: Moment, rows: Sequence[Quarantined]) -> bytes:
    """A ZIP of messages with their list; no more than 256 MB of them: the list names the others too."""
    files: list[tuple[str, bytes]] = []
    lines, size = [], 0
    for told in rows:
        raw = read(by, at, told) if size < MOST_BYTES else None
        if raw is not None:
            files.append((file_name(told), raw))
            size += len(raw)
        lines.append(
            (
                file_name(told) if raw is not None else "", told.entry, told.interface, iso(told.received_at), told.message,
                told.control_id, told.state, told.reason, str(len(raw)) if raw is not None else "",
            )
        )  # fmt: skip
    return archives.archived(files, lines)


def charset_of(raw: bytes) -> str:
    """The charset by which a message is read; of what is no HL7 v2 only one of two or four bytes a letter."""
    try:
        return Message(raw[: 64 * 1024]).charset
    except Broken:
        return "" if (told := fhir.encoding(raw)) == "utf-8" else told
