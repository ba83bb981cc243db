"""Reading a message as it came: a look at somebody's data, and recorded as one."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import look
from stormlamp.mirror import queries


@look("mirror.read_message", needs="quarantine.read")
def read_message(by: Actor, at: Moment, *, patient: PatientId, entry: str) -> bytes | None:
    """The bytes of a message that names this patient; None when they were purged."""
    del by, at, patient
    return queries.verbatim(entry)


@look("mirror.read_over_fhir", needs="fhir.read")
def read_over_fhir(by: Actor, at: Moment, *, patient: PatientId) -> None:
    """A tool or a person is given something of this patient over FHIR."""
    del by, at, patient
