"""Meeting another node: taking what this node is to have, giving what the other lacks, filling in whom it holds from now on."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from stormlamp.ledger import clock, entries, projector, rebuilding, receiving, sharing, signers
from stormlamp.ledger.rules.spans import Unproven
from stormlamp.nodes import queries
from stormlamp.nodes.models import NodesContact, NodesHeld
from stormlamp.nodes.ports import Asks, Entitlement
from stormlamp.nodes.wire import VERSION, AboutAsked, FillAsked, Filled, Given, Numbers, PullAsked, Pulled, Reached, Wanted

CHUNK = 200
MOST_PATIENTS = 500


@dataclass(slots=True)
class Met:
    """What a meeting brought: entries taken, given and filled in, how far the other has each origin, and what went wrong."""

    node: str = ""
    taken: int = 0
    given: int = 0
    filled: int = 0
    sizes: dict[str, int] = field(default_factory=dict)
    wanted: str = ""
    ahead: int = 0
    troubles: list[str] = field(default_factory=list)


def take(peer: Asks, met: Met, *, wait: float = 0.0, pace: Callable[[int], None] = lambda _: None, project: bool = True) -> int:
    """Ask once for what is new, and write it; how many entries. `project`: into the tables too. Trouble when the other fails."""
    mine = queries.this_node()
    known = {origin for origin in [*met.sizes, *_hub_origins()] if origin.partition("/")[0] != mine and signers.signer_of(origin)}
    heads = entries.heads()
    pulled = peer.ask("pull", PullAsked(VERSION, {one: heads.get(one, 0) for one in known}, wait), Pulled, wait=wait)
    met.node, met.sizes, met.wanted, met.ahead = pulled.node, pulled.sizes, pulled.wanted, pulled.now - clock.now()
    moved = 0
    for span in sorted(pulled.spans, key=lambda one: one.origin not in _hub_origins()):
        try:
            size = receiving.receive(span)
        except Unproven as error:
            met.troubles.append(str(error))
            continue
        moved += max(0, size - heads.get(span.origin, 0))
        pace(sum(len(getattr(part, "frame", b"")) for part in span.parts))
    if moved and project:
        projector.catch_up()
        rebuilding.rebuild_what_counts_no_more()
    met.taken += moved
    return moved


def give(peer: Asks, met: Met, rights: Entitlement, trees: sharing.Subtrees) -> int:
    """Bring the other what it lacks of each origin; how many entries. What cannot be proven from here another node will bring."""
    moved = 0
    for origin, size in sharing.sizes().items():
        if origin.partition("/")[0] == met.node:
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


def fill(peer: Asks, met: Met) -> int:
    """Get whole whom this node is to hold from now on; how many entries that were left out are here now."""
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
    met.filled += found
    return found


def meet(peer: Asks, rights: Entitlement, *, pace: Callable[[int], None] = lambda _: None) -> Met:
    """One whole meeting: take until there is nothing more, fill in, give. Trouble when the other fails meanwhile."""
    met = Met()
    take(peer, met, pace=pace)
    while take(peer, met, pace=pace):
        pass
    fill(peer, met)
    give(peer, met, rights, sharing.Subtrees())
    return met


def note_contact(node: str, met: Met | None, trouble: str = "") -> None:
    """Keep what was seen of another node: a local row, written at most every few seconds by who calls."""
    now = clock.now()
    row, _ = NodesContact.objects.get_or_create(node=node)
    row.tried_at = now
    row.trouble = trouble or ("; ".join(met.troubles[:3]) if met else "")
    if met is not None:
        row.met_at, row.ahead = now, met.ahead
    row.save()
    if met is not None and met.sizes:
        note_told(node, met.sizes)


def note_told(node: str, sizes: dict[str, int]) -> None:
    """Keep how far another node has each origin, as it says itself: what is made for it begins there."""
    row, _ = NodesContact.objects.get_or_create(node=node)
    before: dict[str, int] = json.loads(row.told)
    row.told = json.dumps(before | {origin: max(size, before.get(origin, 0)) for origin, size in sizes.items()}, sort_keys=True)
    row.save()


def known_to_have(node: str) -> dict[str, int]:
    """How far a node has each origin, as it said last; of those it did not tell, nothing is known."""
    found = NodesContact.objects.filter(node=node).values_list("told", flat=True).first()
    told: dict[str, int] = json.loads(found) if found else {}
    return told


def hold_anew() -> None:
    """Ask again, at the next meeting, for all whom this node is to hold: what came meanwhile may have left them out."""
    NodesHeld.objects.all().delete()


def _filled(peer: Asks, origin: str, patients: list[str]) -> int:
    until = entries.heads()[origin]
    numbers = peer.ask("about", AboutAsked(origin, patients, until), Numbers).sequences
    left = _holding(receiving.gaps(origin), numbers)
    moved = 0
    for start in range(0, len(left), CHUNK):
        told = peer.ask("fill", FillAsked(origin, patients, left[start : start + CHUNK]), Filled)
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
