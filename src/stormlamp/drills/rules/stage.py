"""What the demonstration's story is made of: when it opens, who plays in it, how fast its time runs."""

from dataclasses import dataclass

from stormlamp.kernel.moments import MINUTE, Moment, parse_iso

# A Tuesday morning, always the same one: the same seed tells the same story, message for message.
OPENS_AT: Moment = parse_iso("2026-01-13T08:00:00Z")
SPEED = 12.0
BEDS, SEED = 400, 7
# While the wards work through an outage, and while hours pass for the feeds to show their habit.
WORKING_SPEED, HURRIED_SPEED = 150.0, 900.0
SHIFT = 90 * MINUTE
HOURS_AHEAD = 6


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody whom a visitor may be."""

    login: str
    name: str
    role: str


CAST = (
    Player("nora.peeters", "Nora Peeters", "nurse"),
    Player("marc.dubois", "Marc Dubois", "physician"),
    Player("sofie.claes", "Sofie Claes", "shift-lead"),
    Player("fatima.lambert", "Fatima Lambert", "front-desk"),
    Player("ines.vermeulen", "Inès Vermeulen", "incident-lead"),
    Player("rolf.schmitz", "Rolf Schmitz", "recovery-lead"),
    Player("helena.wouters", "Helena Wouters", "medical-lead"),
    Player("amina.jacobs", "Amina Jacobs", "auditor"),
    Player("admin.demo", "Dirk Maes", "administrator"),
)
