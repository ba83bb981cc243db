"""Repeatable dice: the same seed tells the same story."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from stormlamp.kernel.moments import MINUTE, Moment

# Everybody else takes the type from here: this is the one import of `random` that the house allows a rule.
__all__ = ["Random", "dice", "minutes_after", "weighted"]

_T = TypeVar("_T")


def dice(*seed: object) -> Random:
    """Dice for one purpose; the seed's parts name it, so that two purposes never share a throw."""
    return Random(":".join(map(str, seed)))  # noqa: S311 - a simulation wants repeatable throws, not secret ones


def minutes_after(throw: Random, at: Moment, least: float, most: float) -> Moment:
    """A moment between `least` and `most` minutes after another."""
    return Moment(at + int(throw.uniform(least, most) * MINUTE))


def weighted(throw: Random, things: Sequence[_T], weights: Sequence[float]) -> _T:
    """One of the things, by weight."""
    return throw.choices(things, weights)[0]
