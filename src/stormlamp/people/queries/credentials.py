"""Whether a password, code or link is worth something. Every comparison takes as long for nobody as for somebody."""

import gzip
import hmac
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from stormlamp.kernel.identifiers import AccountId
from stormlamp.kernel.moments import Moment
from stormlamp.nodes.queries import home
from stormlamp.people.models import Account, Link, LinkUse, Password, RecoveryCodes, RecoveryUse, Standing, Totp, TotpStep
from stormlamp.people.rules import code_digests, link_id, matches, step_shown, unsealed_secret
from stormlamp.people.rules.passwords import NOBODY


class LinkState(StrEnum):
    """What a one-time link is worth."""

    GOOD = "good"
    UNKNOWN = "unknown"
    USED = "used"
    REPLACED = "replaced"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """A one-time link, and for whom."""

    link: str
    account: AccountId
    state: LinkState
    expires_at: Moment


def password_matches(account_id: str | None, password: str) -> bool:
    """Whether it is the account's password. An unknown account, or one without a password, takes as long."""
    held = Password.objects.filter(account=account_id or "").values_list("verifier", flat=True).first()
    return matches(password, held or NOBODY) and held is not None


def has_password(account_id: str) -> bool:
    """Whether the account was ever set up."""
    return Password.objects.filter(account=account_id).exists()


def totp_secret(account_id: str) -> str | None:
    """The account's TOTP secret; None when it has none, or one that this home's key does not open."""
    sealed = Totp.objects.filter(account=account_id).values_list("sealed", flat=True).first()
    return unsealed_secret(bytes(sealed), account=account_id, key=home().key("totp")) if sealed else None


def totp_step(account_id: str, code: str, *, device_at: Moment) -> int | None:
    """The step of a right and unspent TOTP code. `device_at` is the computer's clock, which the app's clock is held against."""
    secret = totp_secret(account_id)
    spent = TotpStep.objects.filter(account=account_id).values_list("step", flat=True).first()
    return step_shown(code, secret, at=device_at, after=spent or 0) if secret else None


def recovery_digest(account_id: str, code: str) -> str | None:
    """The digest of a right and unspent recovery code; None for any other."""
    held = RecoveryCodes.objects.filter(account=account_id).first()
    if held is None:
        return None
    (shown,) = code_digests([code], salt=bytes(held.salt))
    unspent = _unspent(account_id, held)
    return next((one for one in unspent if hmac.compare_digest(one, shown)), None)


def code_is_spent(account_id: str, digest: str) -> bool:
    """Whether a recovery code, by its digest, is spent, or belongs to a set that was replaced."""
    held = RecoveryCodes.objects.filter(account=account_id).first()
    return held is None or digest not in _unspent(account_id, held)


def unspent_codes(account_id: str) -> int:
    """How many recovery codes are left."""
    held = RecoveryCodes.objects.filter(account=account_id).first()
    return len(_unspent(account_id, held)) if held else 0


def needs_second_factor() -> bool:
    """Whether a password alone signs nobody in here; only a demonstration's home says otherwise."""
    return bool(home().options.get("people", {}).get("second_factor", "required") != "optional")


def link_of(token: str, *, at: Moment) -> LinkView:
    """The link of a token, and whether it still opens something."""
    return link_state(link_id(token), at=at)


def link_state(link: str, *, at: Moment) -> LinkView:
    """The link of a token's digest."""
    row = Link.objects.filter(link=link).first()
    if row is None:
        return LinkView(link=link, account=AccountId(""), state=LinkState.UNKNOWN, expires_at=Moment(0))
    newest = Link.objects.filter(account=row.account).order_by("-order").values_list("link", flat=True).first()
    if LinkUse.objects.filter(link=link).exists():
        state = LinkState.USED
    elif Standing.objects.filter(account=row.account, closed=True).exists() or not _known(row.account):
        state = LinkState.CLOSED
    elif newest != link:
        state = LinkState.REPLACED
    else:
        state = LinkState.GOOD if at < row.expires_at else LinkState.EXPIRED
    return LinkView(link=link, account=AccountId(row.account), state=state, expires_at=Moment(row.expires_at))


@cache
def common_passwords() -> frozenset[str]:
    """The 20,000 most common passwords, as Django ships them, in lower case."""
    packed = resources.files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


def _known(account_id: str) -> bool:
    return Account.objects.filter(account=account_id).exists()


def _unspent(account_id: str, held: RecoveryCodes) -> tuple[str, ...]:
    spent = set(RecoveryUse.objects.filter(account=account_id).order_by("entry").values_list("digest", flat=True))
    return tuple(digest for digest in json.loads(held.digests) if digest not in spent)
