"""What a search asks for (FHIR R4 3.1.1): its parameters read and checked, and whether a resource fits them."""

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stormlamp.mirror.rules.r4.catalogue import RESULT_PARAMS, TYPES, Ask, Param, Type
from stormlamp.mirror.rules.r4.dates import Asked, asked
from stormlamp.mirror.rules.r4.reading import Resource, Wanted, fits, has_any

USUAL, MOST = 50, 500
_MODIFIERS = {Ask.TOKEN: {"not"}, Ask.STRING: {"exact", "contains"}, Ask.REFERENCE: set(TYPES), Ask.DATE: set[str]()}
# Parameters of every type.
_COMMON = ("_id", "_lastUpdated")
_SORTS = {"_lastUpdated", "_id", "date"}


class Unreadable(ValueError):
    """A request that asks for nothing that there is; `issue` is a code of R4's issue-type value set, `status` the code of HTTP."""

    def __init__(self, words: str, issue: str = "invalid", status: int = 400) -> None:
        super().__init__(words)
        self.issue, self.status = issue, status


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter: any of the alternatives will do. `negative` for `:not`; `missing` is what `:missing` asks for."""

    param: Param
    wanted: tuple[Wanted, ...]
    negative: bool = False
    missing: bool | None = None

    def fits(self, resource: Resource, zone: dt.tzinfo) -> bool:
        """Whether a resource is one of those asked for."""
        if self.missing is not None:
            return self.missing is not has_any(resource, self.param.paths)
        found = any(fits(resource, self.param.kind, self.param.paths, one, zone) for one in self.wanted)
        return found is not self.negative


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search. `patients` and `ids` are None when any will do; `page` is where the last page ended."""

    type: Type
    filters: tuple[Filter, ...] = ()
    patients: tuple[str, ...] | None = None
    numbers: tuple[Wanted, ...] | None = None
    ids: tuple[str, ...] | None = None
    updated: tuple[Asked, ...] = ()
    sort: str = ""
    descending: bool = False
    count: int = USUAL
    counted_only: bool = False
    total: str = ""
    summary: str = ""
    elements: frozenset[str] = frozenset()
    include: tuple[Param, ...] = ()
    page: tuple[Any, ...] = ()
    used: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()

    def fits(self, resource: Resource, zone: dt.tzinfo) -> bool:
        """Whether a resource is one of those asked for."""
        return all(one.fits(resource, zone) for one in self.filters)

    def filter(self, name: str) -> Filter | None:
        """The filter of a parameter, when it stands once and is not turned round."""
        found = [one for one in self.filters if one.param.name == name]
        return found[0] if len(found) == 1 and not found[0].negative and found[0].missing is None else None


def read_search(kind: Type, said: Iterable[tuple[str, str]], zone: dt.tzinfo, *, strict: bool = False) -> Search:
    """A search from its parameters in order; Unreadable when one cannot be honoured.

    An unknown parameter is left out and named in `ignored`, or refused when `strict` (R4 3.1.1.2). A modifier that a known
    parameter does not have is refused always: "servers SHALL reject any search request that contains a search parameter modifier
    that the server does not support for that parameter" (R4 3.1.1.4.5). So is a chain that is not followed.
    """
    search = Search(type=kind)
    for name, text in said:
        if not text:
            continue
        read = _one(search, name, text, zone)
        if read is None and strict:
            raise Unreadable(f"{kind.name} is not searched by {name} here", "not-supported")
        search = replace(search, ignored=(*search.ignored, name)) if read is None else _used(read, name, text)
    return search


def _used(search: Search, name: str, text: str) -> Search:
    return search if name == "_page" else replace(search, used=(*search.used, (name, text)))


def _one(search: Search, name: str, text: str, zone: dt.tzinfo) -> Search | None:
    bare, _, modifier = name.partition(":")
    if name in RESULT_PARAMS:
        return _shown(search, name, text)
    if modifier and bare in _COMMON:
        raise Unreadable(f"the modifier :{modifier} of {bare} is not supported", "not-supported")
    if name == "_id":
        return replace(search, ids=_both(search.ids, [one.strip() for one in text.split(",") if one.strip()]))
    if name == "_lastUpdated":
        return replace(search, updated=(*search.updated, _date(text, zone)))
    if bare in ("patient", "subject") and bare in search.type.params and modifier in ("", "Patient"):
        return replace(search, patients=_both(search.patients, [one.rpartition("/")[2] for one in text.split(",")]))
    if name in ("patient.identifier", "subject.identifier", "subject:Patient.identifier") and search.type.subjects:
        return replace(search, numbers=tuple(_token(one) for one in _split(text)))
    param = search.type.params.get(bare)
    if param is None:
        _refuse_chain(search, name, bare)
        return None
    if modifier == "missing":
        if text not in ("true", "false"):
            raise Unreadable(f"{name} is true or false, not {text}", "value")
        return replace(search, filters=(*search.filters, Filter(param, (), missing=text == "true")))
    if modifier and modifier not in _MODIFIERS[param.kind]:
        raise Unreadable(f"the modifier :{modifier} of {bare} is not supported", "not-supported")
    wanted = tuple(_wanted(param.kind, one, modifier, zone) for one in _split(text))
    return replace(search, filters=(*search.filters, Filter(param, wanted, modifier == "not")))


def _refuse_chain(search: Search, name: str, bare: str) -> None:
    """Left out as other unknown parameters are, a chain would give values of everybody."""
    if bare == "_has" or bare.partition(".")[0] in search.type.params:
        raise Unreadable(f"{name} is not supported: of chains only patient.identifier is followed", "not-supported")


def _shown(search: Search, name: str, text: str) -> Search | None:
    if name == "_count":
        if not text.isascii() or not text.isdigit():
            raise Unreadable(f"_count is a number, not {text}")
        return replace(search, count=min(int(text[:9]), MOST), counted_only=int(text[:9]) == 0)
    if name == "_summary":
        if text not in ("true", "false", "text", "data", "count"):
            raise Unreadable(f"_summary is not {text}")
        if text not in ("count", "false"):
            return None
        return replace(search, counted_only=search.counted_only or text == "count", summary=text)
    if name == "_total":
        if text not in ("none", "estimate", "accurate"):
            raise Unreadable(f"_total is none, estimate or accurate, not {text}")
        return replace(search, total=text)
    if name == "_elements":
        return replace(search, elements=frozenset(one.strip() for one in text.split(",")))
    if name == "_include":
        return replace(search, include=(*search.include, _included(search.type, text)))
    if name == "_sort":
        return _sorted(search, text)
    return replace(search, page=read_page(text)) if name == "_page" else search


def _included(kind: Type, text: str) -> Param:
    source, _, rest = text.partition(":")
    param = kind.params.get(rest.partition(":")[0])
    if source != kind.name or param is None or param.kind is not Ask.REFERENCE:
        raise Unreadable(f"_include follows {', '.join(kind.includes) or 'nothing'}, not {text}", "not-supported")
    return param


def _sorted(search: Search, text: str) -> Search:
    name = text.removeprefix("-")
    param = search.type.params.get(name)
    dated = param is not None and param.kind is Ask.DATE and search.type.name != "Patient"
    if name not in _SORTS and not dated:
        raise Unreadable(f"_sort is by one of _lastUpdated, _id and the date, not {text}", "not-supported")
    return replace(search, sort="date" if dated else name, descending=text.startswith("-"))


def _both(before: tuple[str, ...] | None, more: Sequence[str]) -> tuple[str, ...]:
    return tuple(more) if before is None else tuple(one for one in before if one in more)


def _split(text: str) -> list[str]:
    """Alternatives at commas; `\\,` is a comma of the value (R4 3.1.1.4.2)."""
    parts = text.replace("\\\\", "\x00").replace("\\,", "\x01").split(",")
    return [one.replace("\x01", ",").replace("\\|", "\x02").replace("\\$", "$").replace("\x00", "\\") for one in parts]


def _wanted(kind: Ask, text: str, modifier: str, zone: dt.tzinfo) -> Wanted:
    if kind is Ask.DATE:
        return _date(text, zone)
    if kind is Ask.TOKEN:
        return _token(text)
    text = text.replace("\x02", "|")
    if kind is Ask.REFERENCE and modifier and "/" not in text:
        text = f"{modifier}/{text}"
    return modifier, text


def _token(text: str) -> tuple[str | None, str]:
    """System and code (R4 3.1.1.4.10): None is any system, an empty one none at all; an empty code is any of the system."""
    system, bar, code = text.partition("|")
    if not bar:
        system, code = "", text
    elif not (system or code):
        raise Unreadable("| names neither a system nor a code", "value")
    return (system.replace("\x02", "|") if bar else None), code.replace("\x02", "|")


def _date(text: str, zone: dt.tzinfo) -> Asked:
    found = asked(text, zone)
    if found is None:
        raise Unreadable(f"{text} is no date", "value")
    return found


def page_text(place: Sequence[Any]) -> str:
    """Where a page ended, as a link carries it: opaque to the reader."""
    return base64.urlsafe_b64encode(json.dumps(list(place)).encode()).decode().rstrip("=")


def read_page(text: str) -> tuple[Any, ...]:
    """Where the last page ended; Unreadable for a link that was not given here."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        found = None
    if not isinstance(found, list) or not 1 <= len(found) <= 3 or any(not isinstance(one, str | int | None) for one in found):
        raise Unreadable("this link to a page was not given here", "value")
    return tuple(found)


def type_named(name: str, status: int = 404) -> Type:
    """A type that is given here; Unreadable otherwise."""
    if name not in TYPES:
        raise Unreadable(f"the type {name} is not given here", "not-supported", status)
    return TYPES[name]
