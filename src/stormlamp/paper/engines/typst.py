"""Typst sets the pages: hermetic fonts, jailed templates, PDF/UA-1 always on so that a missing glyph is an error."""

import multiprocessing
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import islice
from pathlib import Path

import typst

from stormlamp.kernel.moments import to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.paper.presenters import labels_payload, likely_pages, payload, statement_payload
from stormlamp.paper.rules import LabelSheet, PageFrame, Statement, WardPack
from stormlamp.paper.wire.coverage import covered

_ROOM = Path(__file__).parent.parent
_TEMPLATES = _ROOM / "templates" / "paper"
_FONTS = _ROOM / "fonts"
_WORKERS = 2
_COMPILATIONS_REMEMBERED = 10
_LARGE = 50_000
_MOST_PAGES = 4096
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_UNDRAWABLE = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed|disallowed codepoint `"\\u\{(?P<point>[0-9a-f]+)\}"')


class TypstPrinter:
    """Prints one pack in this process, and many in two worker processes."""

    def print_pack(self, pack: WardPack) -> bytes:
        """One pack as one PDF/UA-1 document; Trouble when Typst cannot set it."""
        return print_one(pack)

    def print_statement(self, statement: Statement) -> bytes:
        """One statement as one PDF/UA-1 page; Trouble when Typst cannot set it."""
        return _printed("statement.typ", statement.frame, lambda drawable, pages: statement_payload(statement, drawable, pages), 1)

    def print_labels(self, sheet: LabelSheet) -> bytes:
        """A sheet of labels as one PDF/UA-1 document; Trouble when Typst cannot set it."""
        return _printed("labels.typ", sheet.frame, lambda drawable, _pages: labels_payload(sheet, drawable), 1)

    def print_packs(self, packs: Iterable[WardPack]) -> Iterator[tuple[str, bytes]]:
        """Ward and PDF of each pack, in order, taking packs only as fast as they print."""
        waiting = iter(packs)
        with ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn")) as workers:
            queue = deque(_started(workers, pack) for pack in islice(waiting, 2 * _WORKERS))
            while queue:
                ward, printed = queue.popleft()
                yield ward, _finished(printed)
                queue.extend(_started(workers, pack) for pack in islice(waiting, 1))


def _started(workers: ProcessPoolExecutor, pack: WardPack) -> tuple[str, Future[bytes]]:
    return pack.frame.ward, workers.submit(print_one, pack)


def _finished(printed: Future[bytes]) -> bytes:
    try:
        return printed.result()
    except BrokenProcessPool as error:
        raise Trouble("a printing process died", hint="free memory, then print again", retry=True) from error


def print_one(pack: WardPack) -> bytes:
    """One pack as PDF."""
    return _printed("pack.typ", pack.frame, lambda drawable, pages: payload(pack, drawable, pages), likely_pages(pack))


def _printed(template: str, frame: PageFrame, given: Callable[[Set[int], int], bytes], pages: int) -> bytes:
    """A document as PDF; retried while the code sheet is too short or a glyph turns out to be missing."""
    drawable, name = _drawable(), frame.ward or frame.title or frame.pack
    while pages <= _MOST_PAGES:
        try:
            return _compile(template, given(drawable, pages), frame)
        except typst.TypstError as error:
            if "page codes are short" in str(error):
                pages *= 2
            elif missing := _undrawable(str(error)) & drawable:
                drawable -= missing
            else:
                raise Trouble(f"the pack of {name} cannot be set: {error}", hint="print fewer parts") from error
    raise Trouble(f"the pack of {name} has too many pages", hint="print fewer parts")


def _compile(template: str, given: bytes, frame: PageFrame) -> bytes:
    made = typst.compile(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"given": given.decode()},
        pdf_standards=["ua-1"],
        timestamp=to_datetime(frame.printed_moment).replace(microsecond=0),  # Typst refuses parts of a second
        format="pdf",
    )
    if len(given) > _LARGE:
        _forget()
    return bytes(made)


def _forget() -> None:
    """Make Typst drop what it remembers of earlier documents: 150 MB instead of 650 MB after a dozen wards.

    It keeps what the last ten compilations used; ten empty ones cost 40 ms.
    """
    for _ in range(_COMPILATIONS_REMEMBERED):
        typst.compile(str(_TEMPLATES / "empty.typ"), root=str(_TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True)


def _undrawable(words: str) -> frozenset[int]:
    """The code points that Typst's messages complain of; of a cluster only its marks, never a plain letter."""
    points = {int(match["point"], 16) for match in _UNDRAWABLE.finditer(words) if match["point"]}
    for match in _UNDRAWABLE.finditer(words):
        cluster = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), match["text"] or "")
        marks = {ord(char) for char in cluster if unicodedata.category(char).startswith("M")}
        points |= marks or {ord(char) for char in cluster if not char.isascii()}
    return frozenset(points)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


@cache
def _drawable() -> frozenset[int]:
    return frozenset[int]().union(*(covered(path.read_bytes()) for path in sorted(_FONTS.glob("*.ttf"))))
