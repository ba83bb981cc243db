"""A composite inside one field (TQ, SPS, RPT): read as a segment of its own, so that it has a table like any other."""

from __future__ import annotations

from stormlamp.mirror.wire.hl7 import Segment


def inside(segment: Segment, raw: str, name: str) -> Segment:
    """The components of `raw` as the fields of a segment, their subcomponents as components."""
    outer, inner = segment.marks.component, segment.marks.subcomponent
    pieces = raw.split(outer) if outer else [raw]
    if inner and inner in raw:
        pieces = [piece.replace(inner, outer) for piece in pieces]
    return Segment(name, [name, *pieces], segment.message)
