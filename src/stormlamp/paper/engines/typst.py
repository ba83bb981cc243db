"""Typst sets the pages: hermetic fonts, jailed templates, PDF/UA-1 always on so that a missing glyph is an error."""

import multiprocessing
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import islice
from pathlib import Path

import typst

from stormlamp.kernel.moments import to_datetime
from stormlamp.kernel.refusals import Trouble
from stormlamp.paper.presenters import likely_pages, payload
from stormlamp.paper.rules import WardPack
from stormlamp.paper.wire.coverage import covered

_ROOM = Path(__file__).parent.parent
_TEMPLATES = _ROOM / "templates" / "paper"
_FONTS = _ROOM / "fonts"
_WORKERS = 2
_DOCUMENTS_PER_WORKER = 4
_MOST_PAGES = 4096
_UNDRAWABLE = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed|disallowed codepoint `"\\u\{(?P<point>[0-9a-f]+)\}"')


class TypstPrinter:
    """Prints in this process; many packs go through worker processes that are replaced before their memory grows."""

    def print_pack(self, pack: WardPack) -> bytes:
        """One pack as one PDF/UA-1 document; Trouble when Typst cannot set it."""
        return print_one(pack)

    def print_packs(self, packs: Iterable[WardPack]) -> Iterator[tuple[str, bytes]]:
        """Ward and PDF of each pack, in order, taking packs only as fast as they print."""
        waiting = iter(packs)
        while batch := list(islice(waiting, _WORKERS * _DOCUMENTS_PER_WORKER)):
            yield from zip((pack.frame.ward for pack in batch), _print_batch(batch), strict=True)


def print_one(pack: WardPack) -> bytes:
    """One pack as PDF; retried while the code sheet is too short or a glyph turns out to be missing."""
    pages, drawable = likely_pages(pack), _drawable()
    while pages <= _MOST_PAGES:
        try:
            return _compile(payload(pack, drawable, pages), pack)
        except typst.TypstError as error:
            if "page codes are short" in str(error):
                pages *= 2
            elif missing := _undrawable(str(error)) & drawable:
                drawable -= missing
            else:
                raise Trouble(f"the pack of {pack.frame.ward} cannot be set: {error}", hint="print fewer parts") from error
    raise Trouble(f"the pack of {pack.frame.ward} has too many pages", hint="print fewer parts")


def _compile(given: bytes, pack: WardPack) -> bytes:
    made = typst.compile(
        str(_TEMPLATES / "pack.typ"),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"given": given.decode()},
        pdf_standards=["ua-1"],
        timestamp=to_datetime(pack.frame.printed_moment),
        format="pdf",
    )
    return bytes(made)


def _print_batch(batch: list[WardPack]) -> Iterator[bytes]:
    if len(batch) == 1:
        yield print_one(batch[0])
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(_WORKERS, len(batch)), mp_context=context) as workers:
        try:
            yield from workers.map(print_one, batch)
        except BrokenProcessPool as error:
            raise Trouble("a printing process died", hint="free memory, then print again", retry=True) from error


def _undrawable(words: str) -> frozenset[int]:
    found = list(_UNDRAWABLE.finditer(words))
    points = {int(match["point"], 16) for match in found if match["point"]}
    return frozenset(points | {ord(char) for match in found if match["text"] for char in match["text"]})


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


@cache
def _drawable() -> frozenset[int]:
    return frozenset[int]().union(*(covered(path.read_bytes()) for path in sorted(_FONTS.glob("*.ttf"))))
