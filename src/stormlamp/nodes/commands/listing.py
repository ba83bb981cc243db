"""`stormlamp nodes` and `stormlamp sync`: who belongs to this hospital, who may join, who is trusted no more, and meeting them."""

import json
from typing import Annotated, Any

import typer

from stormlamp.kernel.actors import system
from stormlamp.kernel.moments import Moment, iso
from stormlamp.kernel.refusals import Trouble
from stormlamp.ledger import clock, entries
from stormlamp.nodes import actions, jobs, queries
from stormlamp.nodes.engines import tls
from stormlamp.nodes.engines.https import Peer
from stormlamp.nodes.listeners import syncing
from stormlamp.nodes.listeners.serving import entitlement_of
from stormlamp.nodes.rules import Node, Seen, reaches_everyone

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
commands = typer.Typer(help="The nodes of this hospital: list, invite, revoke.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def listed(context: typer.Context, as_json: AsJson = False) -> None:
    """List every node: its role, its wards, how far its own entries have come here, and when this node met it last.

    Example: stormlamp nodes --json --home H
    """
    if context.invoked_subcommand is not None:
        return
    heads = entries.heads()
    rows = [_row(one, heads) for one in queries.board()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        met = row["met_at"] or ("this node" if row["this_node"] else "not met")
        scope = "everybody" if row["everyone"] else ", ".join(row["wards"])
        line = f"{row['node']:<20} {row['role']:<12} {row['state']:<9} {scope:<24} {met}"
        typer.echo(f"{line}  {row['trouble']}".rstrip())


@commands.command("invite", epilog="Example: stormlamp nodes invite --role ward --ward 3B --home H")
def invite(
    role: Annotated[str, typer.Option(help="What the node is to be: ward, emergency, pharmacy, laboratory, crisis, ...")] = "ward",
    ward: Annotated[list[str] | None, typer.Option(help="A ward whose patients it holds; several times for several.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=168, help="For how many hours the code is good.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Print a code with which one node can join, once."""
    urls = queries.address()
    if not urls:
        raise Trouble("this hub does not listen for nodes", hint='say where in home.toml: [nodes] host = "0.0.0.0", port = 8425')
    wards = tuple(ward or ())
    if not wards and not reaches_everyone(role):
        raise typer.BadParameter("which ward is it to be? --ward 3B")
    invited = jobs.invite(
        system(queries.this_node()), clock.now(), certificate=tls.certificate(queries.home()), role=role, wards=wards, hours=hours
    )
    code, until = invited.code, iso(invited.expires_at)
    if as_json:
        typer.echo(json.dumps({"code": code, "hub": urls[0], "role": role, "wards": list(wards), "expires_at": until}))
    else:
        typer.echo(f"{code}\nGood once, until {until}. On the new node:")
        typer.echo(f"stormlamp init --home DIR --role {role} --join {code} --hub {urls[0]}")


@commands.command("revoke", epilog="Example: stormlamp nodes revoke ward-3f9a1c --reason 'laptop stolen' --home H")
def revoked(
    node: Annotated[str, typer.Argument(help="The node's name, as the list shows it.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "revoked on the command line",
    as_json: AsJson = False,
) -> None:
    """Trust a node no more: it gets nothing, and what it wrote that has not come here yet stands apart."""
    told = actions.revoke_node(system(queries.this_node()), clock.now(), node=node, reason=reason)
    typer.echo(json.dumps({"node": told.node, "kept": told.kept}) if as_json else f"{told.node} is trusted no more.")


def sync(
    once: Annotated[bool, typer.Option("--once", help="Meet every node that answers once, and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Meet the other nodes: take what this one is to have, give what they lack. Without --once: go on until stopped.

    Example: stormlamp sync --home H --once --json
    """
    if not once:
        import signal
        import threading

        stop = threading.Event()
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, lambda *_: stop.set())
        syncing.serve_sync(stop)
        return
    rows = [_met(one) for one in syncing.others()]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            line = f"{row['node']:<20} taken {row['taken']}, filled in {row['filled']}, given {row['given']}"
            typer.echo(f"{line}  {row['trouble']}".rstrip())
    raise typer.Exit(0 if any(not row["trouble"] for row in rows) else 1)


def _met(node: Node) -> dict[str, Any]:
    met = jobs.Met(node=node.node, whole=node.holds_everybody)
    try:
        with Peer(queries.home(), node.urls[0], node.certificate) as peer:
            jobs.meet(peer, entitlement_of(node), met)
    except Trouble as trouble:
        met.troubles.append(str(trouble))
    jobs.note_contact(node.node, met if met.sizes else None, "; ".join(met.troubles[:3]))
    return {
        "node": node.node,
        "taken": met.taken,
        "filled": met.filled,
        "given": met.given,
        "trouble": "; ".join(met.troubles[:3]),
    }


def _row(one: Seen, heads: dict[str, int]) -> dict[str, Any]:
    """A node as the board has it. Moments are of this node's clock; what the node did not say of itself is null."""
    node, said = one.node, one.status
    return {
        "node": node.node,
        "role": node.role,
        "wards": list(node.wards),
        "everyone": node.everyone,
        "state": str(node.state),
        "this_node": one.this_node,
        "urls": list(node.urls),
        "enrolled_at": iso(node.enrolled_at),
        "entries": queries.entries_of(node.node, heads),
        "seen_by": one.via or queries.this_node(),
        "met_at": _iso(one.met_at),
        "has_ours_at": _iso(one.has_ours_at),
        "lacks": one.lacks,
        "have_at": _iso(one.have_at),
        "lacking": one.lacking,
        "clock_ahead_seconds": round(one.ahead / 1_000_000, 1) if one.met_at else None,
        "trouble": one.trouble,
        "told_at": _iso(one.told_at),
        "running_since": _iso(one.since("running_for")),
        "signed_in_at": _iso(one.since("signed_in_ago")),
        **{name: said.get(name) for name in ("version", "behind", "free", "disk", "database", "battery", "plugged", "printer")},
        "revoked_at": _iso(node.revoked_at),
        "reason": node.reason,
    }


def _iso(at: Moment | None) -> str | None:
    return None if at is None else iso(at)
