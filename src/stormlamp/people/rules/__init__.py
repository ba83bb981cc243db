"""Who may do what, and what a password, a code, a link and a try are worth: pure rules."""

from stormlamp.people.rules.factors import (
    CODES,
    code_digests,
    fresh_code,
    otpauth,
    sealed_secret,
    secret_from,
    step_shown,
    unsealed_secret,
)
from stormlamp.people.rules.links import LINK_LASTS, link_id
from stormlamp.people.rules.passwords import LEAST_LENGTH, PasswordFault, matches, password_fault, verifier
from stormlamp.people.rules.roles import CLINICAL, FIRST_PAGES, ROLE_RIGHTS, Role, clean_login, rights_of, role_named
from stormlamp.people.rules.throttle import Slowing, Tries, after_wrong, wait_for
from stormlamp.people.rules.tokens import EXPORT, LONGEST_DAYS, READ, TOKEN_PREFIX, token_rights, token_verifier

__all__ = [
    "CLINICAL",
    "CODES",
    "EXPORT",
    "FIRST_PAGES",
    "LEAST_LENGTH",
    "LINK_LASTS",
    "LONGEST_DAYS",
    "READ",
    "ROLE_RIGHTS",
    "TOKEN_PREFIX",
    "PasswordFault",
    "Role",
    "Slowing",
    "Tries",
    "after_wrong",
    "clean_login",
    "code_digests",
    "fresh_code",
    "link_id",
    "matches",
    "otpauth",
    "password_fault",
    "rights_of",
    "role_named",
    "sealed_secret",
    "secret_from",
    "step_shown",
    "token_rights",
    "token_verifier",
    "unsealed_secret",
    "verifier",
    "wait_for",
]
