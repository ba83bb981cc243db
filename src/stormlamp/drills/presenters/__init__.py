"""The story in words: ten chapters, what each tells, what is simulated in it, its buttons and its numbers."""

from stormlamp.drills import queries
from stormlamp.drills.presenters.chapters import chapter as chapter
from stormlamp.drills.presenters.figures import numbers as numbers
from stormlamp.drills.presenters.scenes import Title
from stormlamp.drills.presenters.words import CHAPTERS as CHAPTERS
from stormlamp.drills.presenters.words import TITLES
from stormlamp.drills.presenters.words import role_words as role_words
from stormlamp.drills.rules.steering import Status
from stormlamp.kernel.moments import Moment
from stormlamp.recovery.rules import ItemState


def titles(status: Status, at: Moment) -> tuple[Title, ...]:
    """Every chapter's title, and whether the story has been there."""
    done = _done(status, at)
    return tuple(Title(place, str(title), place in done) for place, title in enumerate(TITLES, 1))


def next_chapter(status: Status, at: Moment) -> int:
    """The first chapter that has not happened."""
    done = _done(status, at)
    return next((place for place in range(1, CHAPTERS + 1) if place not in done), CHAPTERS) if 3 in done else 1


def last_facts() -> tuple[queries.Told, ...]:
    """What people wrote last."""
    return queries.ledger().last


def _done(status: Status, at: Moment) -> set[int]:
    """Chapters of which the ledger or the simulator says that they have happened."""
    outage = queries.last_outage()
    written = queries.written(outage)
    over = outage is not None and not outage.is_open(at)
    states = queries.handed_back() if over else {}
    gone = sum(states.get(state, 0) for state in (ItemState.ACCEPTED, ItemState.BY_HAND))
    happened = {
        1: bool(status.dark_since),
        2: bool(status.dark_since),
        3: bool(status.dark_since),
        4: outage is not None,
        5: written > 0,
        6: written > 0,
        7: over,
        8: over,
        9: gone > 0 and gone == sum(states.values()),
    }
    return {place for place, so in happened.items() if so}
