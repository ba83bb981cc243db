"""`stormlamp init`: make the home of a hub, or of a node that joins one. There are no settings yet, so it touches no table."""

import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from stormlamp.kernel.identifiers import NodeId
from stormlamp.kernel.refusals import Trouble
from stormlamp.nodes.engines import tls
from stormlamp.nodes.engines.home import KEY_BYTES, Home, Joined, Pinned, create_home
from stormlamp.nodes.engines.https import asked, joining_client
from stormlamp.nodes.rules import HUB, BadCode, read_code
from stormlamp.nodes.wire import VERSION, JoinAnswered, JoinAsked

WEB, MLLP = "127.0.0.1:8420", "127.0.0.1:2575"
Role = Annotated[str, typer.Option(help="What this node is; hub is the one that serves everybody.")]
Hospital = Annotated[str, typer.Option(help="The hospital's name, as pages and prints show it.")]
Authority = Annotated[str, typer.Option(help="The assigning authority of numbers given in an outage.")]
Language = Annotated[str, typer.Option(help="en, fr, nl or de.")]
Zone = Annotated[str, typer.Option(help="The hospital's time zone.")]
Web = Annotated[str, typer.Option(help="Where the pages answer.")]
Mllp = Annotated[str, typer.Option(help="Where HL7 v2 feeds are received.")]
Listen = Annotated[str, typer.Option(help="HOST:PORT where other nodes are answered; a hub without it has no nodes.")]
Code = Annotated[str, typer.Option(help="The one-time code that the hub gave: stormlamp nodes invite.")]
HubUrl = Annotated[str, typer.Option(help="Where the hub answers nodes: https://HOST:PORT.")]


def init(
    role: Role = HUB,
    hospital: Hospital = "Hospital",
    authority: Authority = "STORMLAMP",
    language: Language = "en",
    zone: Zone = "Europe/Brussels",
    web: Web = WEB,
    mllp: Mllp = MLLP,
    listen: Listen = "",
    join: Code = "",
    hub: HubUrl = "",
) -> None:
    """Make a node's home: its keys, ledger and tables. A hub prints a one-time sign-in link for the first administrator.

    Example: stormlamp init --home /var/lib/stormlamp --role hub --hospital "General Hospital"
    """
    if language not in ("en", "fr", "nl", "de"):
        raise typer.BadParameter("en, fr, nl or de")
    options = {"web": _place_of(web)} | ({"nodes": _place_of(listen)} if listen else {})
    if role != HUB:
        _join(role, join, hub, language, options)
        return
    if join or hub:
        raise typer.BadParameter("a hub joins nobody: --join and --hub go with --role ward and the like")
    options |= {"mllp.main": _place_of(mllp)}
    create_home(_place, role=role, hospital=hospital, authority=authority, language=language, zone=zone, options=options)


def _join(role: str, code: str, url: str, language: str, options: dict[str, dict[str, Any]]) -> None:
    """Make the home of a node that shows its code to the hub; the hub says of which hospital it is."""
    if not (code and url):
        raise typer.BadParameter(
            f"a node of role {role} joins a hub: --join CODE --hub URL, as `stormlamp nodes invite` shows them"
        )
    told = joined(code, url)
    if told.role != role:
        raise Trouble(f"this code is for a node of role {told.role}, not {role}", hint="it is used up: ask the hub for another one")
    create_home(
        _place,
        role=told.role,
        hospital=told.hospital,
        authority=told.authority,
        language=language if language != "en" else told.language,
        zone=told.zone,
        options=options,
        joined=told.joined,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What the hub said to a node that joined."""

    role: str
    hospital: str
    authority: str
    language: str
    zone: str
    joined: Joined


def joined(code: str, url: str) -> Told:
    """Show a code to the hub at `url`. Trouble when it is none, when another than the hub answers, or when the hub refuses."""
    try:
        said = read_code(code)
    except BadCode as error:
        raise Trouble(f"{code} is no code: {error}", hint="stormlamp nodes invite on the hub makes one") from error
    secret, home_id = secrets.token_bytes(KEY_BYTES), str(uuid.uuid4())
    draft = _draft(home_id, secret)
    client, certificate = joining_client(url, said.fingerprint)
    with client:
        question = JoinAsked(VERSION, said.secret, home_id, draft.public_key(), tls.certificate(draft), draft.seal_key())
        answer = asked(client, "join", question, JoinAnswered)
    pinned = Pinned(
        node=NodeId(answer.hub), home=answer.hub_home, url=url, public_key=answer.hub_public_key, certificate=certificate
    )
    whole = Joined(id=home_id, secret=secret, node=NodeId(answer.node), hub=pinned, shared=answer.shared)
    return Told(answer.role, answer.hospital, answer.authority, answer.language, answer.zone, whole)


def _draft(home_id: str, secret: bytes) -> Home:
    """The home that is to be, as far as its keys go."""
    return Home(
        path=_place, id=home_id, hospital="", authority="", node=NodeId(""), role="", language="en", zone="UTC", secret=secret
    )


def _place_of(text: str) -> dict[str, Any]:
    host, port = address(text)
    return {"host": host, "port": port}


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
