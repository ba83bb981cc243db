"""Words about nodes: how each is doing, and how fresh the copies are."""

from collections.abc import Sequence
from dataclasses import dataclass

from stormlamp.kernel.moments import MINUTE, SECOND, Moment
from stormlamp.nodes.rules import HUB, OLD_AFTER, NodeState, Seen, age_of
from stormlamp.shell.words import age, duration, lazy, listing, ngettext, number, when, when_near
from stormlamp.shell.words import gettext as _

SENTENCES = {
    "nodes.not-the-hub": "Only the hub, {hub}, says which nodes belong to this hospital.",
    "nodes.role-unknown": "There is no node of the role {role}.",
    "nodes.code-worthless": "This code was never given, has run out, or has been used. Ask the hub for another one.",
    "nodes.node-unknown": "No node named {node} has joined.",
    "nodes.already-revoked": "{node} was revoked before.",
    "nodes.hub-stays": "The hub, {node}, cannot be revoked.",
    "nodes.no-bundle": "{file} is no bundle of Stormlamp.",
    "nodes.bundle-newer": "{file} was made by a newer version of Stormlamp. Bring this node to that version first.",
    "nodes.bundle-foreign": "{file} belongs to another hospital. Nothing of it was taken.",
    "nodes.bundle-for-another": "{file} was made for another node. Nothing of it was taken.",
    "nodes.bundle-sender-unknown": "{sender}, which made {file}, is not known here. Take in a bundle of the hub first.",
    "nodes.bundle-sender-revoked": "{sender}, which made {file}, was revoked. Nothing of it was taken.",
    "nodes.bundle-changed": (
        "{file} is not as it was made: it was damaged or changed. "
        "What came before that place was proven and is kept. Make a new one."
    ),
    "nodes.bundle-cut-off": (
        "{file} ends too early. "
        "What there is of it was proven and is kept. Copy it again, and take it in again: it goes on from there."
    ),
    "nodes.bundle-for-itself": "{node} is this node itself.",
    "nodes.bundle-for-revoked": "{node} was revoked: nothing is made for it.",
    "nodes.no-seal-key": (
        "{node} joined before bundles could be made for one node. "
        "Let it join again, or make one for the whole hospital, without --to."
    ),
    "nodes.file-taken": "{file} is there already, and is something else. Choose another name.",
}

ROLE_NAMES = {
    "ward": lazy("Ward"),
    "emergency": lazy("Emergency department"),
    "theatre": lazy("Operating theatre"),
    "pharmacy": lazy("Pharmacy"),
    "laboratory": lazy("Laboratory"),
    "blood-bank": lazy("Blood bank"),
    "imaging": lazy("Imaging"),
    "front-desk": lazy("Front desk"),
    "crisis": lazy("Crisis room"),
}
STATES = {NodeState.ENROLLED: lazy("belongs here"), NodeState.REVOKED: lazy("REVOKED")}
CLOCK_OFF, LITTLE_FREE = 30 * SECOND, 0.1
GIGA = 1_000_000_000
LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A node on the board. `tone` and `word` say how it does; `troubles` are the sentences why."""

    name: str
    role: str
    wards: str
    word: str
    tone: str
    troubles: tuple[str, ...]
    seen: str
    via: str
    has_ours: str
    lacks: str
    have: str
    lacking: str
    clock: str
    clock_wrong: bool
    free: str
    version: str
    runs_since: str
    this_node: bool


def role_words(role: str) -> str:
    """A node's role; one of a newer version by its name."""
    return _("Hub") if role == HUB else str(ROLE_NAMES.get(role, role))


def wards_words(wards: Sequence[str], *, everyone: bool) -> str:
    """Whose patients a node holds."""
    if everyone:
        return _("everybody")
    return listing(tuple(wards)) if wards else _("no patients")


def spelled(code: str) -> str:
    """A code as it is read aloud: sign by sign, with a pause between groups."""
    return ", ".join(" ".join(group) for group in code.split("-"))


def rows(found: Sequence[Seen], now: Moment) -> list[Row]:
    """The board's rows."""
    return [row(one, now) for one in found]


def row(one: Seen, now: Moment) -> Row:
    """A node as it stands on the board."""
    troubles = tuple(_troubles(one, now))
    revoked = one.node.state == NodeState.REVOKED
    late = not revoked and _is_late(one, now)
    word = STATES[NodeState.REVOKED] if revoked else _("NOT IN STEP") if late else _("look at it") if troubles else _("in step")
    return Row(
        name=one.node.node,
        role=role_words(one.node.role),
        wards=wards_words(one.node.wards, everyone=one.node.everyone),
        word=str(word),
        tone="neutral" if revoked else "danger" if late else "need" if troubles else "done",
        troubles=troubles,
        seen=_("this node") if one.this_node else _ago(one.met_at, now),
        via=_("by {node}", node=one.via) if one.via else "",
        has_ours="–" if one.this_node else _ago(one.has_ours_at, now),
        lacks=_lacking(one.lacks),
        have="–" if one.this_node else _ago(one.have_at, now),
        lacking=_lacking(one.lacking),
        clock=_clock(one),
        clock_wrong=abs(one.ahead) > CLOCK_OFF,
        free=_free(one),
        version=str(one.status.get("version") or _("not known")),
        runs_since=_runs_since(one, now),
        this_node=one.this_node,
    )


def node_facts(one: Seen, now: Moment) -> list[tuple[str, str]]:
    """All that is known of a node, as (what, words); what it did not say is said to be unknown."""
    told = row(one, now)
    found = [
        (_("Role"), told.role),
        (_("Patients"), told.wards),
        (_("Joined"), when(one.node.enrolled_at)),
        (_("Last seen"), f"{told.seen} {told.via}".strip()),
    ]
    if not one.this_node:
        found += [
            (_has_ours_label(one), f"{told.has_ours} {told.lacks}".strip()),
            (_have_label(one), f"{told.have} {told.lacking}".strip()),
            (_("Its clock"), told.clock),
        ]
    return [*found, *_machine_facts(one, now), (_("Answers at"), listing(list(one.node.urls)) or _("not known"))]


def _has_ours_label(one: Seen) -> str:
    return _("Has the entries of {node} up to", node=one.via) if one.via else _("Has our entries up to")


def _have_label(one: Seen) -> str:
    return _("{node} has its entries up to", node=one.via) if one.via else _("We have its entries up to")


def _machine_facts(one: Seen, now: Moment) -> list[tuple[str, str]]:
    """What the node said of its computer, and how old that is."""
    said = one.status
    behind, database, signed_in_at = said.get("behind"), said.get("database"), one.since("signed_in_ago")
    waits = _("not known") if not isinstance(behind, int) else _("nothing waits") if not behind else number(behind)
    return [
        (_("Told of itself"), _ago(one.told_at, now)),
        (_("Version"), str(said.get("version") or _("not known"))),
        (_("Runs since"), _runs_since(one, now)),
        (_("Entries that wait to be read into the charts"), waits),
        (_("Free disk"), _free(one)),
        (_("Size of the database"), _bytes(database) if isinstance(database, int) else _("not known")),
        (_("Battery"), _battery(one)),
        (_("Printer on a cable"), str(said.get("printer") or _("not known"))),
        (_("Last sign-in there"), _("not known") if signed_in_at is None else _ago(signed_in_at, now)),
    ]


def _troubles(one: Seen, now: Moment) -> list[str]:
    """What is wrong with a node, each in a sentence; nothing of a revoked one but that."""
    if one.node.state == NodeState.REVOKED:
        at = one.node.revoked_at
        return [_("Revoked {at}: {reason}. What it wrote since stands apart.", at=when(at), reason=one.node.reason)]
    found = []
    if not one.this_node and one.met_at is None:
        found.append(_("It has not been met since it joined."))
    elif not one.this_node and _is_late(one, now):
        found.append(_late_words(one, now))
    if abs(one.ahead) > CLOCK_OFF:
        found.append(_("Its clock is wrong: {words}. Times written there are off by as much.", words=_clock(one)))
    if one.trouble:
        found.append(_("The line says: {why}.", why=one.trouble[:LONGEST]))
    return [*found, *_machine_troubles(one)]


def _late_words(one: Seen, now: Moment) -> str:
    at = _in_step_at(one)
    return _("It has never been in step.") if at is None else _("It has not been in step for {age}.", age=age(at, now))


def _machine_troubles(one: Seen) -> list[str]:
    free, disk, battery = (one.status.get(name) for name in ("free", "disk", "battery"))
    found = []
    if isinstance(free, int) and isinstance(disk, int) and free < disk * LITTLE_FREE:
        found.append(_("Its disk is nearly full: {free} free.", free=_bytes(free)))
    if isinstance(battery, int) and not one.status.get("plugged"):
        found.append(_("It runs on its battery: {n} %.", n=battery))
    behind = one.status.get("behind")
    if isinstance(behind, int) and behind > 1000:
        found.append(_("{n} entries wait there to be read into the charts.", n=number(behind)))
    return found


def _in_step_at(one: Seen) -> Moment | None:
    """As of when both sides had all of each other's entries; None when one never had."""
    if one.has_ours_at is None or one.have_at is None:
        return None
    return min(one.has_ours_at, one.have_at)


def _is_late(one: Seen, now: Moment) -> bool:
    """Whether it was not in step for five minutes; a node that joined just now has as long."""
    if one.this_node:
        return False
    old = age_of(_in_step_at(one), now)
    return old > OLD_AFTER if old is not None else not 0 <= now - one.node.enrolled_at <= OLD_AFTER


def _ago(at: Moment | None, now: Moment) -> str:
    if at is None:
        return _("never")
    return _("{age} ago", age=age(at, now)) if now - at < 60 * MINUTE else when_near(at, now)


def _lacking(count: int) -> str:
    return ngettext("{n} entry behind", "{n} entries behind", count) if count > 0 else ""


def _clock(one: Seen) -> str:
    """How its clock stands against that of who saw it; a second is what a line may take."""
    if one.this_node:
        return "–"
    if one.met_at is None:
        return _("not known")
    off = (abs(one.ahead) + SECOND // 2) // SECOND * SECOND
    if off <= SECOND:
        return _("right, within a second")
    words = duration(off)
    return _("{age} ahead", age=words) if one.ahead > 0 else _("{age} behind", age=words)


def _free(one: Seen) -> str:
    free = one.status.get("free")
    return _bytes(free) if isinstance(free, int) else _("not known")


def _bytes(size: int) -> str:
    """Gigabytes, or megabytes where that is little."""
    if size < GIGA:
        return _("{n} MB", n=number(size / 1_000_000, 0))
    return _("{n} GB", n=number(size / GIGA, 1 if size < 100 * GIGA else 0))


def _runs_since(one: Seen, now: Moment) -> str:
    since = one.since("running_for")
    return _("not known") if since is None else when_near(since, now)


def _battery(one: Seen) -> str:
    level = one.status.get("battery")
    if not isinstance(level, int):
        return _("none, or not known")
    return _("{n} %, plugged in", n=level) if one.status.get("plugged") else _("{n} %, NOT plugged in", n=level)
