"""Bundles: what a search found, where its pages go on, and what was left out."""

from collections.abc import Iterable
from typing import Any

from stormlamp.kernel.moments import Moment
from stormlamp.mirror.rules.r4.shaping import instant

Resource = dict[str, Any]


def entry(base: str, resource: Resource, mode: str) -> Resource:
    """An entry of a searchset."""
    if mode == "outcome":
        return {"resource": resource, "search": {"mode": mode}}
    return {"fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}", "resource": resource, "search": {"mode": mode}}


def searchset(
    *,
    at: Moment,
    links: Iterable[tuple[str, str]],
    entries: list[Resource],
    total: int | None = None,
    id: str = "",
) -> Resource:
    """A Bundle of type searchset. `total` is None where nobody counted."""
    found: Resource = {
        "resourceType": "Bundle",
        **({"id": id} if id else {}),
        "meta": {"lastUpdated": instant(at)},
        "type": "searchset",
        **({} if total is None else {"total": total}),
        "link": [{"relation": relation, "url": url} for relation, url in links],
    }
    return found | ({"entry": entries} if entries else {})
