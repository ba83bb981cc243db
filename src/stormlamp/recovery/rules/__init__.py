"""Pure statements about the hand-back."""

from stormlamp.recovery.rules.states import (
    ACCEPTING,
    Answered,
    ByHand,
    ConflictDecided,
    ConflictFound,
    Event,
    ItemState,
    Kept,
    Retried,
    Sent,
    Standing,
    may_be_sent,
    standing_of,
    sums,
)

__all__ = [
    "ACCEPTING",
    "Answered",
    "ByHand",
    "ConflictDecided",
    "ConflictFound",
    "Event",
    "ItemState",
    "Kept",
    "Retried",
    "Sent",
    "Standing",
    "may_be_sent",
    "standing_of",
    "sums",
]
