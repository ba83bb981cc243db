"""What reached the mirror, as received: raw is the truth, and mapping it is the projection's work."""

from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact
from stormlamp.mirror.rules.programmes import Line


@fact("mirror.hl7-received")
class Hl7Received:
    """One HL7 v2 message, or what came in place of one, byte for byte. `channel` is `mllp` or `file`; `digest`: SHA-256, hex.

    `zone` is where times without an offset are read, so that every node reads them alike.
    """

    interface: str
    channel: str
    raw: bytes
    received_at: Moment
    digest: str
    zone: str


@fact("mirror.too-large-received")
class TooLargeReceived:
    """Something larger than a message can be: `raw` is its head, `size` its bytes in all, `digest` their SHA-256, hex."""

    interface: str
    channel: str
    raw: bytes
    size: int
    received_at: Moment
    digest: str
    zone: str


@fact("mirror.fhir-received")
class FhirReceived:
    """One FHIR Bundle, resource or NDJSON line, or one C-CDA document, byte for byte."""

    interface: str
    channel: str
    raw: bytes
    received_at: Moment
    digest: str
    zone: str


@fact("mirror.habit-counted")
class HabitCounted:
    """How many messages an interface sent in an hour before this node listened: history that somebody brought."""

    interface: str
    hour_start: Moment
    count: int


@fact("mirror.quarantine-answered")
class QuarantineAnswered:
    """Somebody looked at what was quarantined for one reason until a moment, and answers for it: why nothing of it is missing."""

    reason: str
    until_at: Moment
    why: str


@fact("mirror.alarm-raised")
class AlarmRaised:
    """The watch found an interface, a probe or this node out of its habit. `since_at`: since when; `evidence`: the figures."""

    alarm: str
    what: str
    subject: str
    since_at: Moment
    evidence: dict[str, int | float | str]


@fact("mirror.alarm-acknowledged")
class AlarmAcknowledged:
    """Somebody looks at an alarm; it stays open."""

    alarm: str
    note: str


@fact("mirror.alarm-ended")
class AlarmEnded:
    """What an alarm was about came back to its habit by itself."""

    alarm: str


@fact("mirror.alarm-closed")
class AlarmClosed:
    """Somebody closes an alarm, or judges one that had ended: whether it was true, and why."""

    alarm: str
    genuine: bool
    reason: str


@fact("mirror.alarm-told")
class AlarmTold:
    """A message about an alarm was sent to a person through `target`, or could not be: `why`."""

    alarm: str
    target: str
    reached: bool
    why: str


@fact("mirror.quarantine-replayed")
class QuarantineReplayed:
    """Somebody wants entries of the quarantine read again, with the reading of today, on every node."""

    entries: tuple[str, ...]


@fact("mirror.message-corrected")
class MessageCorrected:
    """A corrected copy of a message, which a person fed as a new one: read as if received; `original` is the entry it corrects."""

    original: str
    why: str
    interface: str
    channel: str
    raw: bytes
    received_at: Moment
    digest: str
    zone: str


@fact("mirror.export-requested")
class ExportRequested:
    """Somebody may fetch everybody's resources as files (FHIR bulk export). `level`: `system` or `patient`; no `types`: all.

    `base` and `query` are what was asked at which address; `since`: what reached the mirror after that moment.
    """

    export: str
    level: str
    types: tuple[str, ...]
    since: Moment | None
    base: str
    query: str


@fact("mirror.export-deleted")
class ExportDeleted:
    """The files of an export are given no more."""

    export: str


@fact("mirror.programme-listed")
class ProgrammeListed:
    """A department's list for a day, from a file where no feed carries it. The newest of a source and day replaces the others."""

    programme: str
    day: str
    source: str
    lines: tuple[Line, ...]
    digest: str
    read_at: Moment
