"""Closed by default: which routes are open, and which role reaches which route, are two reviewed lists.

`make golden` writes both anew; their difference is what a reviewer reads.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, path

from tests.house.tree import SOURCE, nothing, unbuilt

HERE = Path(__file__).parent
OPEN_ROUTES = HERE / "open_routes.txt"
ROLE_ROUTES = HERE / "role_routes.txt"


def routes(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each address the site answers, with its view."""
    for one in patterns:
        place = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, place)
        else:
            yield f"/{place}", one.callback


def unmarked(found: Iterable[tuple[str, Callable[..., Any]]]) -> Iterator[str]:
    """Routes whose view says neither which right it needs nor that it is open."""
    for place, view in found:
        if bool(getattr(view, "needs", None)) == bool(getattr(view, "open", False)):
            yield f"{place}: mark its view with @page(right) or @open_page"


def open_places(found: Iterable[tuple[str, Callable[..., Any]]]) -> list[str]:
    return sorted(place for place, view in found if getattr(view, "open", False))


def matrix(found: Iterable[tuple[str, Callable[..., Any]]], roles: Mapping[str, Iterable[str]]) -> list[str]:
    """One line per closed route: the right it needs, and the roles that hold it."""
    return sorted(
        f"{place} · {view.needs} · {', '.join(role for role in sorted(roles) if view.needs in roles[role]) or 'nobody'}"
        for place, view in found
        if getattr(view, "needs", None)
    )


def need_the_whole_house() -> None:
    """Skip while the front doors name a room that is not built yet."""
    if not (SOURCE / "faces" / "site.py").exists():
        pytest.skip("the front doors are not built yet")
    if missing := unbuilt():
        pytest.skip(f"not built yet: {', '.join(missing)}")


@pytest.fixture
def site() -> list[tuple[str, Callable[..., Any]]]:
    """The routes of the real site map."""
    need_the_whole_house()
    return list(routes(get_resolver().url_patterns))


@pytest.fixture
def rules() -> ModuleType:
    return pytest.importorskip("stormlamp.people.rules")


def agree(file: Path, lines: list[str]) -> None:
    """Compare with a reviewed list, or write it when golden files are made."""
    if os.environ.get("STORMLAMP_GOLDEN") == "write":
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    kept = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    nothing([f"new: {line}" for line in lines if line not in kept] + [f"gone: {line}" for line in kept if line not in lines])


def test_every_route_says_what_it_needs(site):
    nothing(unmarked(site))


def test_the_open_routes_are_the_reviewed_ones(site):
    agree(OPEN_ROUTES, open_places(site))


def test_which_role_reaches_which_route_is_as_reviewed(site, rules):
    agree(ROLE_ROUTES, matrix(site, {str(role): rights for role, rights in rules.ROLE_RIGHTS.items()}))


def test_no_right_that_a_route_needs_is_held_by_nobody(site, rules):
    held = set().union(*rules.ROLE_RIGHTS.values())
    nothing(f"{place} needs {view.needs}" for place, view in site if getattr(view, "needs", None) and view.needs not in held)


def test_an_unmarked_route_and_a_changed_list_are_found(tmp_path, monkeypatch):
    monkeypatch.delenv("STORMLAMP_GOLDEN", raising=False)

    def bare() -> None: ...
    def closed() -> None: ...
    def opened() -> None: ...

    closed.needs = "charts.read"
    opened.open = True
    found = list(routes([path("a", bare), path("b", closed), path("c", opened)]))
    assert len(list(unmarked(found))) == 1
    assert matrix(found, {"nurse": {"charts.read"}, "billing": set()}) == ["/b · charts.read · nurse"]
    kept = tmp_path / "open_routes.txt"
    kept.write_text("/c\n")
    agree(kept, open_places(found))
    with pytest.raises(AssertionError, match="new: /d"):
        agree(kept, ["/c", "/d"])
