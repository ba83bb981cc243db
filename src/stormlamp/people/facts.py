"""What happened to accounts and credentials. Verifiers and digests only: no password, code or token is ever in the ledger."""

from stormlamp.kernel.identifiers import AccountId
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import fact


@fact("people.account-opened")
class AccountOpened:
    """Somebody can get an account's link. `wards` empty: every ward that the role reaches."""

    account: AccountId
    login: str
    name: str
    role: str
    wards: tuple[str, ...]


@fact("people.role-changed")
class RoleChanged:
    """An account has another role, or other wards, from now on."""

    account: AccountId
    role: str
    wards: tuple[str, ...]


@fact("people.account-closed")
class AccountClosed:
    """Nobody signs in with it any more; what it did stays."""

    account: AccountId
    reason: str


@fact("people.account-reopened")
class AccountReopened:
    """A closed account is open again."""

    account: AccountId
    reason: str


@fact("people.password-set")
class PasswordSet:
    """A password's Argon2id verifier in its standard text form."""

    account: AccountId
    verifier: str


@fact("people.totp-set")
class TotpSet:
    """A TOTP secret, sealed with AES-256-GCM under the home's own key; the nonce comes first."""

    account: AccountId
    sealed: bytes


@fact("people.recovery-codes-set")
class RecoveryCodesSet:
    """The Argon2id digests of fresh recovery codes, under one salt; older codes are worth nothing any more."""

    account: AccountId
    salt: bytes
    digests: tuple[str, ...]


@fact("people.recovery-code-used")
class RecoveryCodeUsed:
    """One recovery code is spent."""

    account: AccountId
    digest: str


@fact("people.link-issued")
class SignInLinkIssued:
    """A one-time link by which somebody sets password and second factor; the SHA-256 of its token. It replaces older links."""

    link: str
    account: AccountId
    expires_at: Moment


@fact("people.link-used")
class SignInLinkUsed:
    """A link is spent."""

    link: str
    account: AccountId


@fact("people.signed-in")
class SignedIn:
    """A session began: with which factors (`password`, `totp`, `recovery-code`, `link`), from which address."""

    account: AccountId
    session: str
    factors: tuple[str, ...]
    address: str


@fact("people.session-ended")
class SessionEnded:
    """A session is over: signed out, ended from elsewhere, by new credentials, or lapsed."""

    session: str
    account: AccountId
    reason: str


@fact("people.sign-ins-failed")
class SignInsFailed:
    """Wrong tries since the last such fact: at most one a minute for a name and address. `account` is empty for an unknown name."""

    account: str
    address: str
    count: int


@fact("people.token-issued")
class TokenIssued:
    """Another tool reads over FHIR until its token expires; the SHA-256 of the token. `rights`: `fhir.read`, `fhir.export`."""

    token: str
    name: str
    verifier: str
    rights: tuple[str, ...]
    expires_at: Moment


@fact("people.token-revoked")
class TokenRevoked:
    """A token opens nothing any more."""

    token: str
    reason: str
