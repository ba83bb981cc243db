"""Staff on the command line, for whoever holds the home's key: links, the list, closing."""

import json
from typing import Annotated

import typer

from stormlamp.kernel.actors import system
from stormlamp.kernel.identifiers import AccountId, new_id
from stormlamp.kernel.moments import Moment, iso
from stormlamp.ledger import clock
from stormlamp.nodes.queries import this_node
from stormlamp.people import actions, queries

commands = typer.Typer(no_args_is_help=True, help="Staff: accounts and one-time sign-in links.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Account = Annotated[str, typer.Argument(help="Sign-in name, or the account's id.")]


def first_link(at: Moment) -> str:
    """The path of the first administrator's one-time link."""
    return actions.first_administrator_link(at)


@commands.command("link", epilog="Example: stormlamp people link n.peeters --home H")
def link(account: Account) -> None:
    """Print a fresh one-time link, valid for 72 hours, by which somebody sets a new password and second factor."""
    typer.echo(actions.link_for(account, clock.now()))


@commands.command("list", epilog="Example: stormlamp people list --json --home H")
def listed(as_json: AsJson = False) -> None:
    """List every account with its role."""
    found = queries.staff_list()
    if as_json:
        rows = [
            {
                "account": one.account,
                "login": one.login,
                "name": one.name,
                "role": one.role,
                "wards": list(one.wards),
                "closed": one.closed,
                "ready": one.ready,
                "last_sign_in_at": iso(one.last_sign_in_at) if one.last_sign_in_at is not None else None,
            }
            for one in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.login:<24} {one.role:<24} {one.name}{'  (closed)' if one.closed else ''}")


@commands.command("open", epilog="Example: stormlamp people open n.peeters 'Nora Peeters' nurse --ward 3B --home H")
def opened(
    login: Annotated[str, typer.Argument(help="What the person signs in with.")],
    name: Annotated[str, typer.Argument(help="The person's name.")],
    role: Annotated[str, typer.Argument(help="The role, such as nurse or incident-lead.")],
    ward: Annotated[list[str] | None, typer.Option(help="A ward; may be given several times. None: every ward.")] = None,
) -> None:
    """Open an account and print its one-time link."""
    at, account = clock.now(), AccountId(new_id())
    actions.open_account(system(this_node()), at, account=account, login=login, name=name, role=role, wards=tuple(ward or ()))
    typer.echo(actions.link_for(account, at))


@commands.command("close", epilog="Example: stormlamp people close n.peeters --reason 'left' --home H")
def closed(account: Account, reason: Annotated[str, typer.Option(help="Why.")] = "closed on the command line") -> None:
    """Close an account and end its sessions."""
    found = queries.account_typed(account)
    if found is None:
        raise actions.AccountUnknown(account=account)
    actions.close_account(system(this_node()), clock.now(), account=found.account, reason=reason)
    typer.echo(f"{found.login} is closed.")
