"""Meeting another node: taking what this node is to have, giving what the other lacks, filling in whom it holds from now on."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stormlamp.kernel.actors import Actor
from stormlamp.kernel.moments import HOUR, SECOND, Moment
from stormlamp.ledger import clock, entries, projector, rebuilding, receiving, sharing, signers
from stormlamp.ledger.rules.spans import Unproven
from stormlamp.nodes import actions, queries
from stormlamp.nodes.models import NodesContact, NodesHeld
from stormlamp.nodes.ports import Asks, Entitlement
from stormlamp.nodes.rules import Copy, Status, compared, join_code, read_code, secret_digest, sound
from stormlamp.nodes.rules.codes import SECRET_BITS
from stormlamp.nodes.rules.status import MOST_NODES
from stormlamp.nodes.wire import VERSION, AboutAsked, FillAsked, Filled, Given, Numbers, PullAsked, Pulled, Reached, Wanted

CHUNK = 200
MOST_PATIENTS = 500
NEVER = Moment(0)


@dataclass(slots=True)
class Met:
    """What a meeting brought: entries taken, given and filled in, how far the other has each origin, and what went wrong.

    `whole`: nothing is left out at the other; from one where something is, only what it wrote itself is taken.
    `our_copy` is what we hold of its own entries, `their_copy` what it holds of ours; `told`: what it said of itself, `others`:
    what it said of third nodes.
    """

    node: str = ""
    whole: bool = True
    taken: int = 0
    given: int = 0
    filled: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    wanted: str = ""
    ahead: int = 0
    troubles: list[str] = field(default_factory=list)
    our_copy: Copy = field(default_factory=Copy)
    their_copy: Copy = field(default_factory=Copy)
    told: Status = field(default_factory=dict)
    others: dict[str, Status] = field(default_factory=dict)
    asked_at: Moment = NEVER


def take(
    peer: Asks,
    met: Met,
    *,
    wait: float = 0.0,
    project: bool = True,
    status: Status | None = None,
) -> int:
    """Ask once for what is new, and write it; how many entries. Trouble when the other fails.

    `project`: into the tables too. `status`: what to tell of this node; who is told answers in kind.
    """
    mine = queries.this_node()
    told = [origin for origin in {*met.sizes, *_hub_origins()} if met.whole or origin.startswith(f"{met.node}/")]
    known = {origin for origin in told if origin.partition("/")[0] != mine and signers.signer_of(origin)}
    heads = entries.heads()
    asked = PullAsked(VERSION, {one: heads.get(one, 0) for one in known}, wait, status or {})
    asked_at = clock.now()
    pulled = peer.ask("pull", asked, Pulled, wait=wait)
    met.node, met.sizes, met.wanted, met.ahead = pulled.node, pulled.sizes, pulled.wanted, pulled.now - clock.now()
    if pulled.status:
        met.told, met.others, met.asked_at = sound(pulled.status), pulled.others, asked_at
    moved = 0
    for span in sorted(pulled.spans, key=lambda one: one.origin not in _hub_origins()):
        try:
            size = receiving.receive(span)
        except Unproven as error:
            met.troubles.append(str(error))
            continue
        moved += max(0, size - heads.get(span.origin, 0))
    if moved and project:
        projector.catch_up()
        rebuilding.rebuild_what_counts_no_more()
    _compare(met, met.sizes, met.sizes)
    met.taken += moved
    return moved


def give(peer: Asks, met: Met, rights: Entitlement, trees: sharing.Subtrees) -> int:
    """Bring the other what it lacks of each origin; how many entries. What cannot be proven from here another node will bring."""
    moved, own = 0, f"{queries.this_node()}/"
    for origin, size in sharing.sizes().items():
        if origin.partition("/")[0] == met.node or not (queries.holds_everybody() or origin.startswith(own)):
            continue
        there = met.sizes.get(origin, 0)
        while there < size:
            try:
                span = sharing.span(origin, after=there, scope=rights.told, trees=trees)
            except sharing.CannotProve:
                break
            if span is None:
                break
            answer = peer.ask("give", Given(span), Reached)
            if answer.why:
                met.troubles.append(answer.why)
            if answer.size <= there:
                break
            moved, there = moved + answer.size - there, answer.size
            met.sizes[origin] = there
    met.given += moved
    return moved


def fill(peer: Asks, met: Met, *, late: bool = False) -> int:
    """Get whole whom this node is to hold from now on; how many entries that were left out are here now.

    `late`: also what became known only after it had come to tell of those whom it holds.
    """
    wanted = peer.ask("wanted", Wanted(None), Wanted).patients
    if wanted is None:
        return 0
    held = set(NodesHeld.objects.order_by("patient").values_list("patient", flat=True))
    _hold_no_more(held - set(wanted))
    fresh = sorted(set(wanted) - held)
    found = 0
    for start in range(0, len(fresh), MOST_PATIENTS):
        some = fresh[start : start + MOST_PATIENTS]
        found += sum(_filled(peer, origin, some) for origin in list(entries.heads()) if receiving.gaps(origin))
        _hold(some)
    if late:
        found += sum(_filled(peer, origin, [], late=True) for origin in list(entries.heads()) if receiving.gaps(origin))
    met.filled += found
    return found


def meet(peer: Asks, rights: Entitlement, met: Met) -> Met:
    """One whole meeting: take until there is nothing more, fill in, give. Trouble when the other fails meanwhile."""
    take(peer, met)
    while take(peer, met):
        pass
    if met.whole:
        fill(peer, met, late=True)
    give(peer, met, rights, sharing.Subtrees())
    return met


def note_contact(node: str, met: Met | None, trouble: str = "") -> None:
    """Keep what was seen of another node: a local row, written at most every few seconds by who calls."""
    row: dict[str, Any] = {"tried_at": clock.now(), "trouble": trouble or ("; ".join(met.troubles[:3]) if met else "")}
    _keep_contact(node, row if met is None else row | _seen(met))
    if met is not None:
        _keep_relayed(node, met.others, met.asked_at)
        _fresh_through(met)
        met.told, met.others = {}, {}
        if met.sizes:
            note_told(node, met.sizes)


def note_caller(met: Met, asked: PullAsked) -> None:
    """Keep what was seen of a node that asks and tells its status. `met` is what is remembered of it from one time to the next."""
    met.told = sound(asked.status)
    met.ahead = int(met.told.get("now", clock.now())) - clock.now()
    _compare(met, {f"{met.node}/": int(met.told.get("entries", 0))}, asked.after)
    _keep_contact(met.node, _seen(met))


def note_itself(status: Status) -> None:
    """Keep what this node says of itself, for its own pages."""
    now = clock.now()
    _keep_contact(queries.this_node(), {"met_at": now, "told": json.dumps(sound(status)), "told_at": now})


def seen_of_others() -> dict[str, Status]:
    """What this node knows of every other by itself, as it tells it to a third: durations, as its clock may be wrong."""
    now, found = clock.now(), {}
    names = {"met_ago": "met_at", "has_ours_ago": "has_ours_at", "have_ago": "have_at", "told_ago": "told_at"}
    for node, row in queries.contacts().items():
        if row["met_at"] is not None and node != queries.this_node():
            ages = {name: -(-max(0, now - row[column]) // SECOND) for name, column in names.items() if row[column] is not None}
            counts = {name: row[name] for name in ("lacks", "lacking", "ahead")}
            found[node] = sound(json.loads(row["told"])) | ages | counts
    return found


def _compare(met: Met, theirs: Mapping[str, int], ours: Mapping[str, int]) -> None:
    """Look how far each side's copy of the other's own entries goes; `theirs`, `ours`: the sizes of each side's at the other."""
    at, mine, heads = clock.now(), queries.this_node(), entries.heads()
    there, here = queries.entries_of(met.node, theirs), queries.entries_of(met.node, heads)
    met.our_copy = compared(met.our_copy, at=at, there=there, here=here)
    there, here = queries.entries_of(mine, heads), queries.entries_of(mine, ours)
    met.their_copy = compared(met.their_copy, at=at, there=there, here=here)


def _seen(met: Met) -> dict[str, Any]:
    now = clock.now()
    row: dict[str, Any] = {"met_at": now, "ahead": met.ahead, "lacks": met.their_copy.lacking, "lacking": met.our_copy.lacking}
    whole = {"has_ours_at": met.their_copy.whole_at, "have_at": met.our_copy.whole_at}
    row |= {name: at for name, at in whole.items() if at is not None}
    return row | ({"told": json.dumps(met.told), "told_at": now} if met.told else {})


def _keep_contact(node: str, row: dict[str, Any]) -> None:
    NodesContact.objects.update_or_create(node=node, defaults=row)


def _keep_relayed(via: str, others: Mapping[str, Status], asked_at: Moment) -> None:
    """Keep what another node saw of third ones, as moments of this node's clock; the newest news of each counts."""
    known, rows = queries.contacts(), []
    for node in {one.node for one in queries.nodes()[:MOST_NODES]} & others.keys() - {queries.this_node(), via}:
        told = sound(others[node])
        before = json.loads(known[node]["relayed"]) if node in known else {}
        at = asked_at - int(told.get("met_ago", 0)) * SECOND
        if at >= before.get("met_at", 0):
            rows.append(NodesContact(node=node, relayed=json.dumps({"via": via, "met_at": at, "at": asked_at, "seen": told})))
    NodesContact.objects.bulk_create(rows, update_conflicts=True, unique_fields=["node"], update_fields=["relayed"])


def _fresh_through(met: Met) -> None:
    """What came of the hub through a neighbour is as fresh as the neighbour's copy of the hub.

    Reckoned from before the question, with ages that are rounded up: two neighbours must never make each other younger.
    """
    hub, ago = queries.hub(), met.others.get(queries.hub(), {}).get("have_ago")
    if isinstance(ago, int) and queries.entries_of(hub, entries.heads()) >= queries.entries_of(hub, met.sizes):
        at = met.asked_at - max(0, ago) * SECOND
        NodesContact.objects.filter(node=hub, have_at__lt=at).update(have_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What a node joins with, and until when. `code` is empty when the same form was sent before: it is kept nowhere."""

    role: str
    wards: tuple[str, ...]
    expires_at: Moment
    code: str


def invite(by: Actor, at: Moment, *, certificate: bytes, role: str, wards: tuple[str, ...], hours: int, once: str = "") -> Invited:
    """Let a node of a role and of some wards join once, within so many hours. `certificate` (DER) is the hub's."""
    code, expires_at = join_code(secrets.randbits(SECRET_BITS), certificate), Moment(at + hours * HOUR)
    digest = secret_digest(read_code(code).secret)
    everyone = not wards
    told = {"digest": digest, "role": role, "wards": wards, "everyone": everyone, "expires_at": expires_at}
    actions.invite_node(by, at, certificate=certificate, once=once, **told)
    fresh = queries.standing_invitation(digest, at=at) is not None
    return Invited(role=role, wards=wards, expires_at=expires_at, code=code if fresh else "")


def note_told(node: str, sizes: dict[str, int]) -> None:
    """Keep how far another node has each origin, as it says itself: what is made for it begins there."""
    row, _ = NodesContact.objects.get_or_create(node=node)
    before: dict[str, int] = json.loads(row.sizes)
    row.sizes = json.dumps(before | {origin: max(size, before.get(origin, 0)) for origin, size in sizes.items()}, sort_keys=True)
    row.save()


def known_to_have(node: str) -> dict[str, int]:
    """How far a node has each origin, as it said last; of those it did not tell, nothing is known."""
    found = NodesContact.objects.filter(node=node).values_list("sizes", flat=True).first()
    told: dict[str, int] = json.loads(found) if found else {}
    return told


def hold_anew() -> None:
    """Ask again, at the next meeting, for all whom this node is to hold: what came meanwhile may have left them out."""
    NodesHeld.objects.all().delete()


def _filled(peer: Asks, origin: str, patients: list[str], *, late: bool = False) -> int:
    until = entries.heads()[origin]
    numbers = peer.ask("about", AboutAsked(origin, patients, until, late), Numbers).sequences
    left = _holding(receiving.gaps(origin), numbers)
    moved = 0
    for start in range(0, len(left), CHUNK):
        told = peer.ask("fill", FillAsked(origin, patients, left[start : start + CHUNK], late), Filled)
        moved += receiving.fill(origin, told.stretches)
    return moved


def _holding(gaps: list[tuple[int, int]], numbers: list[int]) -> list[tuple[int, int]]:
    """The gaps that hold one of these numbers; both in order."""
    found, at = [], 0
    for first, last in gaps:
        while at < len(numbers) and numbers[at] < first:
            at += 1
        if at < len(numbers) and numbers[at] <= last:
            found.append((first, last))
    return found


def _hold(patients: list[str]) -> None:
    now = clock.now()
    NodesHeld.objects.bulk_create([NodesHeld(patient=one, since_at=now) for one in patients], ignore_conflicts=True)


def _hold_no_more(patients: set[str]) -> None:
    """Who has left: what comes about them from now on is left out, so that they are filled in when they are here again."""
    gone = sorted(patients)
    for start in range(0, len(gone), MOST_PATIENTS):
        NodesHeld.objects.filter(patient__in=gone[start : start + MOST_PATIENTS]).delete()


def _hub_origins() -> tuple[str, ...]:
    return f"{queries.hub()}/acts", f"{queries.hub()}/feeds"
