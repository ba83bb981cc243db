"""The verdict as one printed page."""

import base64
import hashlib

from django.conf import settings

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import Moment
from stormlamp.ledger.verifying import short_checkpoint
from stormlamp.paper import rules as paper
from stormlamp.shell import band
from stormlamp.shell.words import NO_BREAK, age, language, when
from stormlamp.shell.words import gettext as _
from stormlamp.verdict.presenters.words import ANSWERS, CRITERIA, OWNERS, headline, public_in_all_languages, role_name, sentence_of
from stormlamp.verdict.queries import Signed
from stormlamp.verdict.rules import Answer, Reason, Verdict

_BANDS = {
    band.BandKind.NORMAL: paper.BandKind.NORMAL,
    band.BandKind.OUTAGE: paper.BandKind.OUTAGE,
    band.BandKind.REHEARSAL: paper.BandKind.REHEARSAL,
}


def statement(told: Verdict, signed: Signed | None, *, actor: Actor, now: Moment) -> paper.Statement:
    """The page in the reader's language: what was signed, or what the verdict says now when nobody signed it."""
    shown = told if signed is None else signed.told
    return paper.Statement(
        frame=_frame(shown, signed, actor, now),
        title=_("Back to normal?"),
        subject=f"{_('Patient records')} · {when(shown.at, 'long')}",
        word=str(ANSWERS[shown.answer]),
        why=headline(shown),
        evidence=tuple(_evidence(one, shown.at) for one in shown.reasons),
        signed=None if signed is None else _signature(signed),
        public=tuple(
            paper.Spoken(language=paper.Language(code), name=name, words=said)
            for code, name, said in public_in_all_languages(shown)
        ),
    )


def _frame(shown: Verdict, signed: Signed | None, actor: Actor, now: Moment) -> paper.PageFrame:
    """The band is that of the moment of printing; the large word is that of the moment it was said."""
    told = band.compose(actor, now)
    return paper.PageFrame(
        kind=_BANDS.get(told.kind, paper.BandKind.STALE),
        band=told.text,
        hospital=settings.HOME.hospital,
        ward="",
        printed_at=when(now, "long"),
        printed_moment=now,
        as_of="–" if told.as_of is None else when(told.as_of),
        checkpoint=short_checkpoint(f"{settings.HOME.node}/acts"),
        language=paper.Language(language()),
        pack=_code("" if signed is None else signed.entry, shown.at),
        printed_by=actor.name,
        title=f"{_('Back to normal?')} {ANSWERS[shown.answer]} · {when(shown.at, 'stamp')}",
    )


def _code(entry: str, at: Moment) -> str:
    """The same signed page bears the same code whenever it is printed."""
    return base64.b32hexencode(hashlib.sha256(f"stormlamp/verdict|{entry}|{at}".encode()).digest())[:8].decode()


def _signature(signed: Signed) -> paper.Signature:
    by = f"{signed.by} ({role_name(signed.role)})" if signed.role else signed.by
    return paper.Signature(by=by, at=when(signed.told.at), entry=signed.entry, note=signed.note)


def _evidence(reason: Reason, at: Moment) -> paper.Evidence:
    return paper.Evidence(
        criterion=str(CRITERIA[reason.criterion]),
        answer=str(ANSWERS[reason.answer]),
        words=sentence_of(reason),
        as_of=f"{when(reason.as_of)} ({age(reason.as_of, at)})".replace(f"{NO_BREAK}(", " ("),
        owner=str(OWNERS[reason.criterion]),
        open=reason.answer != Answer.YES,
    )
