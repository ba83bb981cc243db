"""Accounts for everybody whom a visitor of the demonstration may be."""

from collections.abc import Mapping

from stormlamp.drills.rules.stage import CAST
from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import Moment
from stormlamp.nodes.queries import home
from stormlamp.people.actions import create_account_with_password


def open_accounts(at: Moment, *, password: str, secrets: Mapping[str, str]) -> None:
    """Open one account per player; `secrets` are their TOTP secrets by login. Raises PasswordUnfit."""
    by = system(home().node)
    for one in CAST:
        create_account_with_password(
            by, at, login=one.login, name=one.name, role=one.role, password=password, totp_secret=secrets[one.login], once=one.login
        )
