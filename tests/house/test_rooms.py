"""Which files a room may hold, and which way its imports point."""

import ast
import re
from collections.abc import Iterable, Iterator

from tests.house.rooms import (
    BESIDE,
    CARRIES,
    COMPOSED,
    COMPOSERS,
    DOORS,
    FILES,
    FLOOR,
    FOLDERS,
    INDOORS,
    OPEN,
    OWN,
    PURE,
    SEEDED,
    UPWARD,
    VAGUE,
    VAGUE_ALLOWED,
)
from tests.house.tree import SOURCE, Module, imports, modules, nothing, planted, rooms

PURE_BANS = (
    "django", "jinja2", "sqlite3", "sqlcipher3", "socket", "ssl", "subprocess", "asyncio", "httpx", "typer", "granian",
    "random", "secrets", "os", "pathlib", "logging", "time", "threading",
)  # fmt: skip


# ---------------------------------------------------------------------- names of files


def misplaced(found: Iterable[Module]) -> Iterator[str]:
    """Files that are not in the room's table, and rooms that are not in the house."""
    for module in found:
        if not module.room:
            if module.kind not in BESIDE:
                yield f"{module.path}: only {sorted(BESIDE)} stand beside the rooms"
        elif module.room not in FLOOR:
            yield f"{module.path}: the house has no room {module.room!r}"
        elif module.kind not in OWN and module.kind not in FILES.get(module.room, {}):
            yield f"{module.path}: a room has no file {module.kind!r}; see the table in tests/house/rooms.py"


def test_every_file_is_one_that_its_room_may_hold():
    nothing(misplaced(modules()))


def test_a_utils_room_and_a_helpers_file_are_found():
    planting = [planted("utils/rules.py", ""), planted("charts/helpers.py", ""), planted("tools.py", "")]
    assert len(list(misplaced(planting))) == 3
    assert list(misplaced([planted("charts/actions/doses.py", ""), planted("kernel/moments.py", "")])) == []


def test_every_exception_is_still_needed():
    there = {(module.room, module.kind) for module in modules()}
    empty = [f"{room}/{kind}" for room, kinds in FILES.items() if room in rooms() for kind in kinds]
    built = [name for name in empty if tuple(name.split("/")) in there]
    assert built, "no exception is used: the table is not read"


def test_a_room_holds_only_the_folders_of_the_table():
    odd = [
        str(folder.relative_to(SOURCE))
        for room in rooms()
        for folder in (SOURCE / room).iterdir()
        if folder.is_dir()
        and folder.name not in FOLDERS | OWN.keys() | FILES.get(room, {}).keys() | {"__pycache__"}
        and any(folder.rglob("*.py"))
    ]
    assert odd == []


def vague(found: Iterable[Module]) -> Iterator[str]:
    """Names of modules, classes and functions that do not say what the thing is for."""
    for module in found:
        names = [(module.path.stem, f"{module.path}")]
        for node in ast.walk(module.tree):
            # A hospital's service is a word of its own: in a function's name it can only mean that.
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.append((node.name.replace("service", ""), f"{module.at(node)} {node.name}"))
            elif isinstance(node, ast.ClassDef):
                names.append((node.name, f"{module.at(node)} {node.name}"))
        yield from (place for name, place in names if _is_vague(name) and f"{module.path}:{name}" not in VAGUE_ALLOWED)


def _is_vague(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    hollow = bool(VAGUE & set(words)) or words[-1] in {"data", "info"}
    return hollow or words[0] == "do" or bool(re.search(r"(?<=.)Services?$|_services?$", name))


def test_no_name_hides_what_a_thing_is_for():
    nothing(vague(modules()))


def test_a_vague_name_is_found():
    text = "class BedManager: ...\nclass BedService: ...\ndef do_move(): ...\ndef bed_info(): ...\nclass Service: ...\n"
    assert len(list(vague([planted("charts/rules.py", text)]))) == 4


# ---------------------------------------------------------------------- direction of imports


def downward(found: Iterable[Module]) -> Iterator[str]:
    """Imports from a higher room or a sibling."""
    for module in found:
        for target, node in imports(module):
            other = _room_of(target)
            if module.room not in FLOOR or other not in FLOOR or other == module.room:
                continue
            faces, _reason = UPWARD.get((module.room, other), (set(), ""))
            if FLOOR[other] >= FLOOR[module.room] and module.kind not in faces:
                yield f"{module.at(node)} imports {target}"


def _room_of(target: str) -> str:
    parts = target.split(".")
    return parts[1] if parts[0] == "stormlamp" and len(parts) > 1 else ""


def test_imports_only_point_down_and_siblings_never_meet():
    nothing(downward(modules()))


def test_an_import_that_points_up_or_aside_is_found():
    planting = [
        planted("kernel/moments.py", "from stormlamp.ledger import fact"),
        planted("charts/rules.py", "import stormlamp.imaging.rules"),
        planted("mirror/facts.py", "from ..incident import rules"),
        planted("faces/site.py", "from stormlamp.charts import urls"),
        planted("people/queries.py", "from stormlamp.shell import words"),
        planted("people/views.py", "from stormlamp.shell import words"),
        planted("shell/request.py", "from stormlamp.people import queries"),
        planted("people/actions.py", "from stormlamp.shell.request import page"),
    ]
    assert len(list(downward(planting))) == 5


def indoors(found: Iterable[Module]) -> Iterator[str]:
    """Imports within a room that the room's table does not allow."""
    for module in found:
        allowed = OWN.get(module.kind)
        if allowed is None or module.kind == "__init__" or len(module.path.parts) < 2:
            continue
        for target, node in imports(module):
            if _room_of(target) != module.room:
                continue
            kind = [*target.split("."), ""][2]
            if (module.room, module.kind, kind) in INDOORS:
                continue
            if kind in OWN and kind != module.kind and kind not in allowed:
                yield f"{module.at(node)}: {module.kind} may not import {kind}"


def test_inside_a_room_each_kind_imports_only_what_its_table_allows():
    nothing(indoors(modules()))


def test_a_rule_that_imports_a_query_is_found():
    planting = [
        planted("charts/rules.py", "from stormlamp.charts import queries"),
        planted("charts/queries.py", "from stormlamp.charts.actions import move_patient"),
        planted("charts/actions/doses.py", "from stormlamp.charts.projections import rows"),
        planted("charts/actions/doses.py", "from stormlamp.charts.actions.moves import move_patient"),
    ]
    assert len(list(indoors(planting))) == 3


def forced(found: Iterable[Module]) -> Iterator[str]:
    """Imports that go into another room beside its doors."""
    for module in found:
        for target, node in imports(module):
            room, kind = _room_of(target), [*target.split("."), "", ""][2]
            if room not in FLOOR or room == module.room or kind in DOORS:
                continue
            if module.room in COMPOSERS and kind in COMPOSED:
                continue
            extra = OPEN.get(room, {})
            if "*" in extra or kind in extra or ("" in extra and not _is_module(room, kind)):
                continue
            yield f"{module.at(node)} imports {target}, which is no door of {room}"


def _is_module(room: str, kind: str) -> bool:
    return (SOURCE / room / f"{kind}.py").exists() or (SOURCE / room / kind).is_dir()


def test_rooms_are_entered_only_by_their_doors():
    nothing(forced(modules()))


def test_a_room_entered_by_its_tables_is_found():
    planting = [
        planted("verdict/queries.py", "from stormlamp.charts.models import BedStay"),
        planted("verdict/queries.py", "from stormlamp.ledger.models import LedgerEntry"),
        planted("verdict/queries.py", "from stormlamp.charts import queries"),
        planted("verdict/facts.py", "from stormlamp.ledger import fact"),
        planted("faces/commands.py", "from stormlamp.charts import commands"),
        planted("verdict/views.py", "from stormlamp.charts import commands"),
    ]
    assert len(list(forced(planting))) == 3


def impure(found: Iterable[Module]) -> Iterator[str]:
    """Rules and codecs that reach beyond the kernel, or to a framework, a disk, a network, chance or a clock."""
    for module in found:
        if module.kind not in PURE and module.room != "kernel":
            continue
        for target, node in imports(module):
            foreign = _room_of(target) not in {"", "kernel", module.room}
            seeded = target.startswith("random") and str(module.path) in SEEDED
            carried = CARRIES.get(str(module.path), ("-", ""))[0]
            if (foreign and not target.startswith(carried)) or (target.split(".")[0] in PURE_BANS and not seeded):
                yield f"{module.at(node)} imports {target}"


def test_rules_codecs_and_the_kernel_are_pure():
    nothing(impure(modules()))


def test_a_rule_that_reads_a_table_or_a_clock_is_found():
    planting = [
        planted("charts/rules.py", "from django.db import models"),
        planted("charts/rules/doses.py", "import time"),
        planted("mirror/wire/hl7.py", "import socket"),
        planted("charts/rules.py", "from stormlamp.mirror.rules import Feed"),
        planted("charts/rules.py", "from stormlamp.kernel.moments import DAY"),
    ]
    assert len(list(impure(planting))) == 4
