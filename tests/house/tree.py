"""The source as the house tests read it: modules, their imports and their functions, without running any of it."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from tests.house.rooms import OWN

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "stormlamp"


@dataclass(frozen=True)
class Module:
    """One Python file of the package; `path` is relative to the package."""

    path: PurePosixPath
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The room's folder; empty for the few modules beside the rooms."""
        return self.path.parts[0] if len(self.path.parts) > 1 else ""

    @property
    def kind(self) -> str:
        """What the room's table calls the file: `actions` for both actions.py and actions/doses.py."""
        return PurePosixPath(self.path.parts[1]).stem if self.room else self.path.stem

    @property
    def name(self) -> str:
        parts = ("stormlamp", *self.path.with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


def planted(path: str, text: str) -> Module:
    """A module that breaks a rule on purpose, so that each check is seen to fail."""
    return Module(PurePosixPath(path), text)


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    """Every module of the package but the migrations, which the framework writes."""
    paths = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)
    return tuple(Module(PurePosixPath(path.relative_to(SOURCE).as_posix()), path.read_text(encoding="utf-8")) for path in paths)


def rooms() -> tuple[str, ...]:
    """The rooms there are: folders of the package that hold Python."""
    return tuple(sorted({module.room for module in modules() if module.room}))


def imports(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Each import as a dotted name with what is taken from it: `stormlamp.ledger.fact`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{_origin(module, node)}.{alias.name}", node) for alias in node.names)


def _origin(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    folder = module.name.split(".") if module.path.name == "__init__.py" else module.name.split(".")[:-1]
    base = folder[: len(folder) - node.level + 1]
    return ".".join([*base, *([node.module] if node.module else [])])


def functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """A chain of names as text, calls left out: `Bed.objects.filter(...).delete` is `Bed.objects.filter.delete`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return "?"


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node


def decorations(module: Module, *names: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The first argument of each decorator of these names, `charts.move_patient` of `@act("charts.move_patient")`."""
    for function in functions(module):
        for decorator in function.decorator_list:
            if not isinstance(decorator, ast.Call) or dotted(decorator.func).rpartition(".")[2] not in names:
                continue
            if decorator.args and isinstance(decorator.args[0], ast.Constant):
                yield str(decorator.args[0].value), function


def nothing(faults: Iterable[str]) -> None:
    """Fail with one line per fault, the first fifty."""
    found = list(faults)
    assert not found, f"{len(found)} faults\n" + "\n".join(found[:50])


def unbuilt() -> list[str]:
    """Files of rooms that others import but that do not exist: until they do, the site cannot be put together."""
    named = {target for module in modules() for target, _ in imports(module)}
    named |= {
        node.value
        for module in modules()
        if module.room == "faces"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(".urls")
    }
    wanted = {tuple(name.split(".")[1:3]) for name in named if name.startswith("stormlamp.") and name.count(".") > 1}
    return sorted(
        f"{room}/{kind}"
        for room, kind in wanted
        if not (SOURCE / f"{room}.py").exists() and (kind in OWN or not (SOURCE / room).is_dir())
        if not (SOURCE / room / f"{kind}.py").exists() and not (SOURCE / room / kind).is_dir()
    )
