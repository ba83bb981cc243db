"""Which messages of an interface never came, by their sequence numbers, and which came in pieces and are not whole."""

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorFragment, MirrorSequence
from stormlamp.mirror.rules.sequences import Gap, gaps


def sequence_gaps(interface: str, *, since_at: Moment) -> tuple[Gap, ...]:
    """The gaps in the sequence numbers (MSH-13) of an interface since a moment, oldest first; none where it numbers nothing."""
    rows = MirrorSequence.objects.filter(interface=interface, received_at__gte=since_at).order_by("order")
    return gaps((number, Moment(at)) for number, at in rows.values_list("number", "received_at").iterator())


def pieces_of(entry: str) -> tuple[str, ...]:
    """The entries that one message came in, in the order of arrival; nothing when it came whole, or is not whole yet."""
    first = MirrorFragment.objects.filter(entry=entry).order_by("entry").values_list("joined", flat=True).first()
    return tuple(MirrorFragment.objects.filter(joined=first).order_by("order").values_list("entry", flat=True)) if first else ()
