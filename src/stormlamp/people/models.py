"""Accounts and credentials as the ledger tells them, and what this node alone knows about sessions and tries."""

from django.db import models


class Account(models.Model):
    """An account as it was opened."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    login = models.TextField(db_index=True)
    name = models.TextField()
    opened_at = models.BigIntegerField()
    opened_by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "people_account"


class RoleHeld(models.Model):
    """The role and wards that hold now. `wards` is a JSON list."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    role = models.TextField()
    wards = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "people_role"


class Standing(models.Model):
    """Whether an account was closed, and why; no row means never."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    closed = models.BooleanField()
    reason = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()
    order = models.TextField()

    class Meta:
        db_table = "people_standing"


class Password(models.Model):
    """The verifier that holds now."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    verifier = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "people_password"


class Totp(models.Model):
    """The sealed TOTP secret that holds now."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    sealed = models.BinaryField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "people_totp"


class RecoveryCodes(models.Model):
    """The set of recovery codes that holds now. `digests` is a JSON list."""

    kind = "projection"
    account = models.TextField(primary_key=True)
    salt = models.BinaryField()
    digests = models.TextField()
    at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "people_recovery_codes"


class RecoveryUse(models.Model):
    """A recovery code that is spent; two nodes may both have taken it, and both uses stand."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    account = models.TextField(db_index=True)
    digest = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "people_recovery_use"


class Link(models.Model):
    """A one-time link; only the newest of an account holds."""

    kind = "projection"
    link = models.TextField(primary_key=True)
    account = models.TextField(db_index=True)
    issued_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "people_link"


class LinkUse(models.Model):
    """A link that is spent."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    link = models.TextField(db_index=True)
    at = models.BigIntegerField()

    class Meta:
        db_table = "people_link_use"


class SignIn(models.Model):
    """A session as it began. `factors` is a JSON list."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    session = models.TextField(db_index=True)
    account = models.TextField(db_index=True)
    node = models.TextField()
    factors = models.TextField()
    address = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "people_sign_in"


class SessionEnd(models.Model):
    """A session that is over."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    session = models.TextField(db_index=True)
    reason = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "people_session_end"


class WrongTries(models.Model):
    """Wrong tries, counted for the audit."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    account = models.TextField(db_index=True)
    address = models.TextField()
    count = models.IntegerField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "people_wrong_tries"


class Token(models.Model):
    """A token of another tool. `rights` is a JSON list; `verifier` the SHA-256 of what the tool sends."""

    kind = "projection"
    token = models.TextField(primary_key=True)
    name = models.TextField()
    verifier = models.TextField(db_index=True)
    rights = models.TextField()
    issued_at = models.BigIntegerField()
    issued_by = models.TextField()
    expires_at = models.BigIntegerField()
    order = models.TextField()

    class Meta:
        db_table = "people_token"


class TokenEnd(models.Model):
    """A token that was revoked; two nodes may both have done it."""

    kind = "projection"
    entry = models.TextField(primary_key=True)
    token = models.TextField(db_index=True)
    reason = models.TextField()
    at = models.BigIntegerField()
    by = models.TextField()

    class Meta:
        db_table = "people_token_end"


class SessionHere(models.Model):
    """A session of this node: its browser, when it was last used, whether it is locked. Times are the computer's clock."""

    kind = "local"
    session = models.TextField(primary_key=True)
    account = models.TextField(db_index=True)
    browser = models.TextField()
    seen_at = models.BigIntegerField()
    locked = models.BooleanField(default=False)

    class Meta:
        db_table = "people_session_here"


class Throttle(models.Model):
    """Wrong tries under one key: a name at an address, an address, or a name. Times are the computer's clock."""

    kind = "local"
    key = models.TextField(primary_key=True)
    wrong = models.IntegerField()
    last_at = models.BigIntegerField()
    untold = models.IntegerField()
    told_at = models.BigIntegerField()

    class Meta:
        db_table = "people_throttle"


class TotpStep(models.Model):
    """The last TOTP step that an account used on this node: no code is taken twice."""

    kind = "local"
    account = models.TextField(primary_key=True)
    step = models.BigIntegerField()

    class Meta:
        db_table = "people_totp_step"
