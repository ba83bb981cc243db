"""Accounts that tests start from."""

import pyotp

from stormlamp.kernel.actors import Actor, system
from stormlamp.kernel.identifiers import AccountId
from stormlamp.nodes.queries import home
from stormlamp.people import actions, queries
from tests.makers import NOON

PASSWORD = "seven lamps in the storm"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def an_account(login: str = "n.peeters", *, role: str = "nurse", name: str = "Nora Peeters", wards=(), secret=SECRET) -> AccountId:
    """An account that is set up: PASSWORD and SECRET."""
    return actions.create_account_with_password(
        system(home().node), NOON, login=login, name=name, role=role, wards=wards, password=PASSWORD, totp_secret=secret
    )


def acting(account: str) -> Actor:
    """Somebody as they act now."""
    found = queries.actor_for(account, home().node)
    assert found is not None
    return found


def node() -> Actor:
    """The node itself."""
    return system(home().node)


def code_at(moment: int, secret: str = SECRET) -> str:
    """What an authenticator app shows at a moment."""
    return pyotp.TOTP(secret).at(moment // 1_000_000)
