"""What the component macros reckon with: table columns, sparkline points, page numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Column:
    """A table column: its heading, whether its cells are numbers, whether only a reader of the page hears its heading."""

    label: str
    numeric: bool = False
    hidden: bool = False
    narrow: bool = False


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way to this page; without `href` it is this page."""

    label: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class NavLink:
    """A link of the left navigation: its key jumps there, its badge counts what waits."""

    label: str
    href: str
    key: str = ""
    badge: int | None = None
    current: bool = False
    urgent: bool = False
    sign: str = ""


@dataclass(frozen=True, slots=True)
class NavSection:
    """A group of links with an optional title."""

    links: tuple[NavLink, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Spark:
    """A sparkline's drawing: polyline runs (a gap splits them), the last point, and the least and greatest value."""

    runs: tuple[str, ...]
    last: tuple[float, float] | None
    low: float | None
    high: float | None


def spark(values: Sequence[float | None], width: float = 96, height: float = 24, pad: float = 3) -> Spark:
    """Points of a sparkline in a box of `width` x `height`; None is a gap. A flat line runs through the middle."""
    known = [value for value in values if value is not None]
    if not known:
        return Spark((), None, None, None)
    low, high = min(known), max(known)
    step = (width - 2 * pad) / max(1, len(values) - 1)

    def point(index: int, value: float) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(pad + index * step, 1), round(height - pad - share * (height - 2 * pad), 1)

    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(point(index, value))
    drawn = [run for run in runs if run]
    lines = tuple(" ".join(f"{x:g},{y:g}" for x, y in (run if len(run) > 1 else run * 2)) for run in drawn)
    return Spark(lines, drawn[-1][-1], low, high)


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a reader is in a long list. `page` counts from 1; `query` is kept in the links."""

    page: int
    size: int
    total: int
    query: tuple[tuple[str, str], ...] = ()

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first item shown; 0 in an empty list."""
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        """The number of the last item shown."""
        return min(self.total, self.page * self.size)

    def link(self, page: int) -> str:
        """The query string of another page."""
        return "?" + urlencode([*self.query, ("page", str(page))])


def paging(asked: str | None, *, size: int, total: int, query: Sequence[tuple[str, str]] = ()) -> Paging:
    """The page that a query string asks for, kept within what exists."""
    page = int(asked) if asked and asked.isdecimal() and len(asked) < 8 else 1
    pages = max(1, -(-total // size))
    return Paging(min(max(1, page), pages), size, total, tuple(query))


def chosen(items: Sequence[object], where: Paging) -> Sequence[object]:
    """The items of a page."""
    return items[(where.page - 1) * where.size : where.page * where.size]
