"""How improbable something is: tails of counts that come in clumps, and tails learned from a feed's own past."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 10
SURE = 1e-12


def log_at_most(came: int, *, mean: float, variance: float) -> float:
    """The natural logarithm of the chance that at most `came` arrive, negative binomial by moments; Poisson when not dispersed.

    Counts that vary more than chance alone makes them (variance above the mean) are negative binomial with r = mean² / (variance -
    mean). The sum runs downwards from `came`, where the terms fall off, so that a count of 75,000 costs as little as one of 7.
    """
    if mean <= 0 or came >= mean:
        return 0.0
    extra = max(variance - mean, mean * 1e-6)
    size = mean * mean / extra
    keep = mean / (size + mean)
    first = math.lgamma(size + came) - math.lgamma(size) - math.lgamma(came + 1)
    first += size * math.log1p(-keep) + came * math.log(keep)
    total = term = 1.0
    for count in range(came, 0, -1):
        term *= count / ((size + count - 1) * keep)
        total += term
        if term < SURE * total:
            break
    return min(0.0, first + math.log(total))


def span(mean: float, variance: float, share: float = 0.9) -> tuple[int, int]:
    """Between which whole counts the middle `share` of hours lies, by the cube-root normal approximation to the gamma.

    Wilson and Hilferty, Proc. Natl. Acad. Sci. 17 (1931) 684: good to a message or two where counts are ten or more.
    """
    if mean <= 0:
        return 0, 0
    shape, z = mean * mean / max(variance, mean), _normal_quantile((1 + share) / 2)
    low, high = (shape * (1 - 1 / (9 * shape) + side * z / (3 * math.sqrt(shape))) ** 3 for side in (-1, 1))
    scale = mean / shape
    return max(0, math.floor(low * scale)), math.ceil(high * scale)


def _normal_quantile(share: float) -> float:
    """The standard normal quantile, by bisection of the error function."""
    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 + math.erf(middle / math.sqrt(2))) / 2 < share else (low, middle)
    return low


@dataclass(frozen=True, slots=True)
class Tail:
    """How often, per unit of exposure, a score above x is met: the greatest of some lines `share * exp(-(x - above) / slope)`."""

    lines: tuple[tuple[float, float, float], ...]

    def frequency(self, score: float) -> float:
        """Exceedances of `score` per unit of exposure, one at most."""
        return max(
            (min(1.0, share * math.exp(-max(0.0, score - above) / slope)) for above, share, slope in self.lines), default=1.0
        )


def guessed_tail(slope: float) -> Tail:
    """The tail where nothing is known but how clumped the hourly counts are: clumps of `slope` messages, at random."""
    return Tail(((0.0, 1 / slope, slope),))


def learned_tail(scores: Sequence[float], *, above: float, exposure: float) -> Tail:
    """The tail of a feed's own scores: all that were above `above` in an exposure.

    Beyond the data it goes on as an exponential (peaks over a threshold), fitted at several heights: to all that is above, to the
    highest quarter of it, and so on down to the highest ten. The line that makes a score most frequent counts, so that rare long
    pauses (a nightly backup) are not lost among many short ones. With fewer than ten scores above, the tail falls as chance would
    from one more than was seen.
    """
    ordered = sorted((score for score in scores if score >= above), reverse=True)
    lines = [(above, (len(ordered) + 1) / exposure, 1.0)]
    size = len(ordered)
    while size >= FEWEST:
        base = above if size == len(ordered) else ordered[size - 1]
        slope = sum(ordered[:size]) / size - base
        lines.append((base, size / exposure, max(1.0, slope * (1 + 1 / math.sqrt(size)))))
        size //= 4
    return Tail(tuple(lines))
