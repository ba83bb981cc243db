"""`stormlamp init`: make a home. It runs before there are settings, so it touches no table."""

from pathlib import Path
from typing import Annotated

import typer

from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.engines.home import create_home

WEB, MLLP = "127.0.0.1:8420", "127.0.0.1:2575"
Role = Annotated[str, typer.Option(help="What this node is; hub is the one that serves everybody.")]
Hospital = Annotated[str, typer.Option(help="The hospital's name, as pages and prints show it.")]
Authority = Annotated[str, typer.Option(help="The assigning authority of numbers given in an outage.")]
Language = Annotated[str, typer.Option(help="en, fr, nl or de.")]
Zone = Annotated[str, typer.Option(help="The hospital's time zone.")]
Web = Annotated[str, typer.Option(help="Where the pages answer.")]
Mllp = Annotated[str, typer.Option(help="Where HL7 v2 feeds are received.")]


def init(
    role: Role = "hub",
    hospital: Hospital = "Hospital",
    authority: Authority = "STORMLAMP",
    language: Language = "en",
    zone: Zone = "Europe/Brussels",
    web: Web = WEB,
    mllp: Mllp = MLLP,
) -> None:
    """Make a node's home: its keys, ledger and tables, and print a one-time sign-in link for the first administrator.

    Example: stormlamp init --home /var/lib/stormlamp --role hub --hospital "General Hospital"
    """
    if language not in ("en", "fr", "nl", "de"):
        raise typer.BadParameter("en, fr, nl or de")
    if role != "hub":
        raise Trouble(f"this version knows no node of role {role}", hint="use --role hub")
    web_host, web_port = address(web)
    mllp_host, mllp_port = address(mllp)
    create_home(
        _place,
        role=role,
        hospital=hospital,
        authority=authority,
        language=language,
        zone=zone,
        options={
            "web": {"host": web_host, "port": web_port},
            "mllp.main": {"host": mllp_host, "port": mllp_port},
        },
    )


def address(text: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`; a usage error when it is none."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise typer.BadParameter(f"{text} is not HOST:PORT")
    return host, int(port)


def made_home(place: str | None, arguments: list[str]) -> Path:
    """Make the home that `init` and its options describe; a usage error shows itself and leaves."""
    global _place
    if not place:
        raise Trouble("Say where the home is to be: --home DIR", hint="stormlamp init --home DIR --role hub")
    _place = Path(place)
    alone = typer.Typer(add_completion=False)
    alone.command("init")(init)
    before, after = arguments[: arguments.index("init")], arguments[arguments.index("init") + 1 :]
    alone([*before, *after], standalone_mode=False, prog_name="stormlamp init")
    return _place


_place = Path()
