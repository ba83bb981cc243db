"""Reading an item is reading a patient's data: it is recorded."""

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import look
from stormlamp.recovery import queries
from stormlamp.recovery.queries import Past


@look("recovery.see_item", needs="handback.read")
def see_item(by: Actor, at: Moment, *, patient: PatientId, item: str) -> tuple[Past, ...]:
    """Everything that happened to an item, the messages as they went and came included."""
    return queries.history(item)
