"""What people do about the quarantine: have it read again after a fix, or feed a corrected copy."""

from collections.abc import Sequence
from hashlib import sha256

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.kernel.refusals import Refusal
from stormlamp.ledger import act
from stormlamp.mirror import queries
from stormlamp.mirror.facts import MessageCorrected, QuarantineReplayed
from stormlamp.mirror.queries import quarantining
from stormlamp.mirror.wire import charsets
from stormlamp.mirror.wire.hl7 import Broken, Message
from stormlamp.nodes.queries import home

MOST_AT_ONCE = 500


class NothingToReplay(Refusal):
    """None of these entries is in quarantine."""

    code = "mirror.nothing-to-replay"


class NoSuchMessage(Refusal):
    """There is no such message, or its content was removed."""

    code = "mirror.no-such-message"


class NotACorrection(Refusal):
    """The copy is the message as it came."""

    code = "mirror.not-a-correction"


class CannotBeWritten(Refusal):
    """The charset that the message names lacks a character of the corrected text."""

    code = "mirror.cannot-be-written"


@act("mirror.replay_quarantine", needs="quarantine.answer")
def replay_quarantine(by: Actor, at: Moment, *, entries: Sequence[str]) -> QuarantineReplayed:
    """Have entries of the quarantine, 500 at most, read again with the reading of today, on every node; raises NothingToReplay."""
    found = tuple(sorted(one.entry for one in quarantining.kept_rows(list(entries)[:MOST_AT_ONCE])))
    if not found:
        raise NothingToReplay
    return QuarantineReplayed(entries=found)


@act("mirror.correct_message", needs="quarantine.answer")
def correct_message(by: Actor, at: Moment, *, original: str, text: str, why: str) -> MessageCorrected:
    """Feed a corrected copy of a message as a new one; the original stays as it came, and stays in quarantine.

    `text` has one segment a line; it is written in the charset that its own MSH-18 names. Raises NoSuchMessage, NotACorrection and
    CannotBeWritten.
    """
    told, before = queries.message(original), queries.verbatim(original)
    if told is None or before is None:
        raise NoSuchMessage(entry=original)
    raw = written(text)
    if raw.strip() == before.replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip():
        raise NotACorrection(entry=original)
    return MessageCorrected(
        original=original,
        why=why,
        interface=told.interface,
        channel="corrected",
        raw=raw,
        received_at=at,
        digest=sha256(raw).hexdigest(),
        zone=home().zone,
    )


def written(text: str) -> bytes:
    """A message as bytes: segments end in CR, letters in the charset that MSH-18 names, UTF-8 where it names none."""
    lines = "\r".join(line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()) + "\r"
    try:
        header = Message(lines.encode()).header
        charset = charsets.python_name((header.reps(18) or [""])[0]) or "utf-8"
    except Broken:
        charset = "utf-8"
    try:
        return lines.encode(charset)
    except UnicodeEncodeError as fault:
        raise CannotBeWritten(charset=charset, character=fault.object[fault.start]) from fault
