"""The message behind a value, in words."""

from dataclasses import dataclass

from stormlamp.charts.presenters.lines import told_line
from stormlamp.charts.presenters.pages import TITLES, Header, header
from stormlamp.charts.queries import Told
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules import Kind
from stormlamp.mirror.rules.texts import readable
from stormlamp.mirror.wire.documents import readable as readable_document
from stormlamp.shell.words import gettext as _
from stormlamp.shell.words import when

SHOWN = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """What the page of a message shows: about it, what stands by it, and its text; `cut` bytes are left out.

    `documents` are the (title, key) of those among its items that can be read as a page.
    """

    header: Header
    about: tuple[tuple[str, str], ...]
    items: tuple[str, ...]
    raw: str
    cut: int
    of_others: bool
    documents: tuple[tuple[str, str], ...] = ()


def source_page(told: Told, now: Moment) -> SourcePage:
    """A message and what it said of a patient, in words."""
    message, raw = told.message, told.raw or b""
    sent = ((_("Sent"), when(told.sent_at, "seconds")),) if told.sent_at is not None else ()
    about = (
        (_("Message"), message.message or "–"),
        (_("Interface"), message.interface),
        *sent,
        (_("Received"), when(message.received_at, "seconds")),
        (_("Control id"), message.control_id or "–"),
        (_("Entry in the ledger"), message.entry),
    )
    lines = ((TITLES[Kind(item.kind)], told_line(item, now), item) for item in told.items)
    items = (f"{title}: {' '.join(part for part in (line.title, line.text, item.flag) if part)}" for title, line, item in lines)
    return SourcePage(
        header=header(told.who, now),
        about=about,
        items=tuple(items),
        raw=readable(raw[:SHOWN]),
        cut=max(0, len(raw) - SHOWN),
        of_others=told.of_others,
        documents=tuple(
            (item.display or item.text, item.key)
            for item in told.items
            if item.kind == Kind.NOTE and readable_document(item.resource)
        ),
    )
