"""From a value to the message that it came with: the bytes as they came, and what they said of this patient."""

from collections.abc import Iterator
from dataclasses import dataclass

from stormlamp.charts.queries.people import Who, who
from stormlamp.kernel.actors import Actor
from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import look
from stormlamp.mirror import queries as mirror
from stormlamp.mirror.rules import Item, Quarantined, Source
from stormlamp.mirror.wire.documents import Readable, readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message that told something of a patient: `items` are the values that stand by it.

    `raw` is None where the payload was purged, or where the message speaks of other patients too.
    """

    who: Who
    message: Quarantined
    sent_at: Moment | None
    items: tuple[Item, ...]
    raw: bytes | None
    of_others: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldDocument:
    """A document of a chart and what of it can be read; `item` is its note."""

    who: Who
    item: Item
    words: Readable


@look("charts.see_document", needs="charts.read")
def see_document(by: Actor, at: Moment, *, patient: PatientId, key: str) -> ToldDocument | None:
    """A document of a chart, for somebody who may read that chart; None when there is none that has words of its own."""
    found = who(patient, reader=by, now=at)
    if found is None:
        return None
    notes = mirror.section(found.patient, "note").items
    item = next((note for note in notes if note.key == key), None)
    words = readable(mirror.with_contents(found.patient, item)) if item is not None else None
    return ToldDocument(who=found, item=item, words=words) if item is not None and words is not None else None


@look("charts.see_source", needs="charts.read")
def see_source(by: Actor, at: Moment, *, patient: PatientId, entry: str) -> Told | None:
    """The message behind a value of a chart, for somebody who may read that chart; None when it told nothing of this patient."""
    found, message = who(patient, reader=by, now=at), mirror.message(entry)
    if found is None or message is None:
        return None
    sections = mirror.sections(found.patient).values()
    items = tuple(item for section in sections for item in section.items if item.source.entry == entry)
    sources = [item.source for item in items] + [one for one in _others(found) if one.entry == entry]
    sources += [section.source for section in sections if section.source is not None and section.source.entry == entry]
    own = message.patient in found.members
    if not sources and not own and entry not in _of_places(found):
        return None
    sent_at = sources[0].at if sources else None
    raw = mirror.verbatim(entry) if own else None
    return Told(who=found, message=message, sent_at=sent_at, items=items, raw=raw, of_others=not own)


def _of_places(found: Who) -> tuple[str, ...]:
    """The messages that told where they lie."""
    return tuple(one.stay_entry for one in found.person.open_stays) if found.person is not None else ()


def _others(found: Who) -> Iterator[Source]:
    if found.person is not None:
        yield found.person.source
