"""A document in its own words."""

from dataclasses import dataclass

from markupsafe import Markup

from stormlamp.charts.presenters.pages import Header, header
from stormlamp.charts.presenters.statuses import status_word
from stormlamp.charts.queries import ToldDocument
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.wire.documents import Readable
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import lazy, when

# DocumentReference.status and Composition.status that mean another thing here than of a value.
STATES = {"current": lazy("in force"), "superseded": lazy("replaced by a newer one"), "final": lazy("final")}


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPart:
    """A section: its title, the level of its heading, and its words."""

    title: str
    level: int
    words: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """What the page of a document shows; `unread` are kinds of content that it cannot show, `entry` the message it came with."""

    header: Header
    title: str
    about: tuple[tuple[str, str], ...]
    parts: tuple[DocumentPart, ...]
    unread: tuple[str, ...]
    entry: str


def document_page(told: ToldDocument, now: Moment) -> DocumentPage:
    """A document in words. Its sections hold only the elements that mirror.wire.narrative lets through."""
    words, source = told.words, told.item.source
    parts = ((part.title, min(6, part.depth + 2), Markup(part.html)) for part in words.sections)  # noqa: S704 (of listed elements only)
    return DocumentPage(
        header=header(told.who, now),
        title=words.title or told.item.display or _("Document"),
        about=_about(told, words),
        parts=tuple(DocumentPart(title=title, level=level, words=said) for title, level, said in parts),
        unread=words.unread,
        entry=source.entry,
    )


def _about(told: ToldDocument, words: Readable) -> tuple[tuple[str, str], ...]:
    dated = told.item.effective_at
    rows = (
        (_("Kind of document"), told.item.display),
        (_("Written"), when(dated) if dated is not None else ""),
        (_("Written by"), ", ".join(words.authors)),
        (_("Kept by"), words.custodian),
        (_("State"), str(STATES.get(told.item.status, status_word(told.item.status)))),
        (_("Interface"), told.item.source.interface),
    )
    return tuple(row for row in rows if row[1])
