"""Rows that belong to this node alone and never reach the ledger: sessions in use, wrong tries, spent TOTP steps.

`at` is always the computer's own clock here: a scaled demonstration must not lock a visitor out of it in seconds.
"""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from stormlamp.kernel.moments import DAY, SECOND, Moment
from stormlamp.people.models import SessionHere, Throttle
from stormlamp.people.rules import Tries, after_wrong


def begin_session(*, session: str, account: str, browser: str, at: Moment) -> None:
    """A browser holds a session of this node from now on."""
    SessionHere.objects.create(session=session, account=account, browser=browser[:200], seen_at=at, locked=False)


def touch_session(*, session: str, at: Moment) -> None:
    """Somebody used a session."""
    SessionHere.objects.filter(session=session).update(seen_at=at)


def lock_session(*, session: str) -> None:
    """The session asks for its password again."""
    SessionHere.objects.filter(session=session).update(locked=True)


def unlock_session(*, session: str, at: Moment) -> None:
    """The password was given again."""
    SessionHere.objects.filter(session=session).update(locked=False, seen_at=at)


def forget_lapsed_sessions(*, at: Moment) -> None:
    """Forget the sessions whose cookie has run out."""
    SessionHere.objects.filter(seen_at__lt=at - settings.SESSION_COOKIE_AGE * SECOND).delete()


def forget_session(*, session: str) -> None:
    """No browser holds it any more."""
    SessionHere.objects.filter(session=session).delete()


def count_wrong(*, keys: Collection[str], at: Moment) -> dict[str, Moment]:
    """One more wrong try under each key; returns when the one before it was."""
    before: dict[str, Moment] = {}
    with transaction.atomic():
        Throttle.objects.filter(last_at__lt=at - DAY).delete()
        held = {row.key: row for row in Throttle.objects.filter(key__in=keys).order_by("key")}
        for key in keys:
            row = held.get(key) or Throttle(key=key, wrong=0, last_at=0, untold=0, told_at=0)
            before[key] = Moment(row.last_at)
            counted = after_wrong(Tries(row.wrong, Moment(row.last_at)), at=at)
            row.wrong, row.last_at, row.untold = counted.wrong, counted.last_at, row.untold + 1
            row.save()
    return before


def count_back(*, before: Mapping[str, Moment], at: Moment) -> None:
    """The try that was counted at a moment was right after all, and asks for no wait."""
    with transaction.atomic():
        for key, last_at in sorted(before.items()):
            Throttle.objects.filter(key=key, wrong__gt=0).update(wrong=F("wrong") - 1)
            Throttle.objects.filter(key=key, untold__gt=0).update(untold=F("untold") - 1)
            Throttle.objects.filter(key=key, last_at=at).update(last_at=last_at)


def told_of(*, key: str, at: Moment) -> None:
    """The wrong tries under a key are in the ledger."""
    Throttle.objects.filter(key=key).update(untold=0, told_at=at)


def forgive(*, keys: Collection[str]) -> None:
    """A correct sign-in: its counts start anew."""
    Throttle.objects.filter(key__in=keys).update(wrong=0)


def spend_step(*, account: str, step: int) -> bool:
    """Take a TOTP step for good; False when it, or a later one, is spent already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_totp_step (account, step) VALUES (%s, %s) ON CONFLICT (account)"
            " DO UPDATE SET step = excluded.step WHERE excluded.step > people_totp_step.step",
            [account, step],
        )
        return bool(cursor.rowcount == 1)
