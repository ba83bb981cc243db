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
from stormlamp.people.rules import token_verifier

commands = typer.Typer(no_args_is_help=True, help="Staff: accounts and one-time sign-in links.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
tokens = typer.Typer(no_args_is_help=True, help="Tokens by which other tools read over FHIR.")
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


@tokens.command("issue", epilog="Example: stormlamp token issue 'Research warehouse' --days 30 --export --home H")
def token_issued(
    name: Annotated[str, typer.Argument(help="The tool, as it shall stand in the record of its looks.")],
    days: Annotated[int, typer.Option(help="For how many days it is good.")] = 90,
    export: Annotated[bool, typer.Option("--export", help="It may also copy everybody at once.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a fresh token, once: it is kept nowhere. The tool sends it as `Authorization: Bearer TOKEN`."""
    at, secret, token = clock.now(), actions.fresh_token(), new_id()
    verifier = token_verifier(secret)
    issued = actions.issue_token(system(this_node()), at, token=token, name=name, verifier=verifier, days=days, export=export)
    if as_json:
        typer.echo(json.dumps({"id": token, "name": issued.name, "token": secret, "expires_at": iso(issued.expires_at)}))
    else:
        typer.echo(secret)


@tokens.command("list", epilog="Example: stormlamp token list --json --home H")
def tokens_listed(as_json: AsJson = False) -> None:
    """List every token with its end and state; never the token itself."""
    found = queries.tokens(at=clock.now())
    if as_json:
        rows = [
            {
                "id": one.token,
                "name": one.name,
                "state": one.state,
                "export": one.exports,
                "issued_by": one.issued_by,
                "issued_at": iso(one.issued_at),
                "expires_at": iso(one.expires_at),
            }
            for one in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        typer.echo(f"{one.token}  {one.state:<8} until {iso(one.expires_at)}  {one.name}{'  (export)' if one.exports else ''}")


@tokens.command("revoke", epilog="Example: stormlamp token revoke 'Research warehouse' --reason 'project over' --home H")
def token_revoked(
    token: Annotated[str, typer.Argument(help="The token's id, or the tool's name when only one good token has it.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "revoked on the command line",
) -> None:
    """Take a token back; it opens nothing from its next request on."""
    at = clock.now()
    found = queries.token(token, at=at)
    actions.revoke_token(system(this_node()), at, token=found.token if found else token, reason=reason)
    typer.echo(f"{found.name if found else token} reads nothing any more.")
