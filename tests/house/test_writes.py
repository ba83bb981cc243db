"""Only projections write tables; everything else changes the hospital's record by facts."""

import ast
from collections.abc import Iterable, Iterator

from tests.house.rooms import WRITERS
from tests.house.tree import Module, calls, imports, modules, nothing, planted

FORMS = {"insert_new", "upsert", "recompute"}
BY_TABLE = {"create", "bulk_create", "bulk_update", "update", "delete", "get_or_create", "update_or_create"}
ALWAYS = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "save", "asave", "acreate", "adelete"}
RAW = {"cursor", "execute", "executemany", "executescript"}


def writes(found: Iterable[Module]) -> Iterator[str]:
    """Calls that write a table outside the ledger and the projections."""
    for module in found:
        if module.room == "ledger" or module.kind == "projections" or str(module.path) in WRITERS:
            continue
        for target, node in imports(module):
            if target.rpartition(".")[2] in FORMS and target.startswith("stormlamp.ledger"):
                yield f"{module.at(node)} imports {target}"
        tables = _tables(module)
        yield from (f"{module.at(node)} calls {name}" for name, node in calls(module) if _writes(name, tables))


def _tables(module: Module) -> set[str]:
    """Names that hold a question to a table: `stays = BedStay.objects.filter(...)`."""
    return {
        target.id
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assign) and "objects" in ast.unparse(node.value).split(".")
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _writes(name: str, tables: set[str]) -> bool:
    *chain, verb = name.split(".")
    if not chain:
        return False
    of_table = "objects" in chain or chain[0] in tables
    return verb in ALWAYS or (verb in BY_TABLE and of_table) or (verb in RAW and "connection" in chain)


def test_only_projections_write_tables():
    nothing(writes(modules()))


def test_a_write_outside_a_projection_is_found():
    text = (
        "from stormlamp.ledger import upsert\n"
        "BedStay.objects.create(bed=1)\n"
        "BedStay.objects.filter(bed=1).update(bed=2)\n"
        "stays = BedStay.objects.filter(bed=1)\nstays.delete()\n"
        "stay.save()\n"
        "connection.cursor().execute('delete from bed_stay')\n"
        "answers.update(bed=1)\n"
    )
    assert len(list(writes([planted("charts/actions.py", text)]))) == 7
    assert list(writes([planted("charts/projections.py", text)])) == []
