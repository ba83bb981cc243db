"""Habits that keep bugs visible: no swallowed errors, no signals, no clock but the port, no undeclared library."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions

from tests.house.rooms import CATCHES_ALL, CLOCKS, MEASURING, TIMELESS
from tests.house.tree import ROOT, Module, calls, dotted, imports, modules, nothing, planted

READINGS = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "localtime", "gmtime"}


def swallowed(found: Iterable[Module]) -> Iterator[str]:
    """Clauses that catch anything at all."""
    for module in found:
        if str(module.path) in CATCHES_ALL:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler):
                caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
                if any(each is None or dotted(each) in {"Exception", "BaseException"} for each in caught):
                    yield module.at(node)
            if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "suppress":
                yield from (module.at(node) for each in node.args if dotted(each) in {"Exception", "BaseException"})


def test_a_bug_is_never_caught_to_be_hidden():
    nothing(swallowed(modules()))


def test_a_clause_that_catches_everything_is_found():
    text = (
        "try:\n    x()\nexcept (OSError, Exception):\n    pass\ntry:\n    x()\nexcept:\n    pass\nwith suppress(Exception): x()\n"
    )
    assert len(list(swallowed([planted("charts/views.py", text)]))) == 3
    assert list(swallowed([planted("charts/views.py", "try:\n    x()\nexcept OSError:\n    pass\n")])) == []


def listening(found: Iterable[Module]) -> Iterator[str]:
    """Receivers of framework signals: effects that nobody sees at the call."""
    for module in found:
        for target, node in imports(module):
            if re.match(r"django\.(dispatch|.*signals)\b", target):
                yield f"{module.at(node)} imports {target}"


def test_there_are_no_signal_receivers():
    nothing(listening(modules()))


def test_a_signal_receiver_is_found():
    text = "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n"
    assert len(list(listening([planted("charts/apps.py", text)]))) == 2


def clock_readings(found: Iterable[Module]) -> Iterator[str]:
    """Calls that ask what time it is, outside the clock port and the listed measurements."""
    for module in found:
        timers = {target.rpartition(".")[2] for target, _ in imports(module) if target.startswith("time.")}
        if str(module.path) in CLOCKS:
            continue
        for name, node in calls(module):
            measured = module.kind in MEASURING and name.rpartition(".")[2].startswith(("monotonic", "perf_counter"))
            if _reads_clock(name, timers & READINGS) and not measured:
                yield f"{module.at(node)} calls {name}"
        if module.kind in TIMELESS and module.room != "ledger":
            yield from (
                f"{module.at(node)}: a {module.kind} file is told the time"
                for target, node in imports(module)
                if target.startswith("stormlamp.ledger.clock")
            )


def _reads_clock(name: str, timers: set[str]) -> bool:
    *chain, verb = name.split(".")
    if not chain:
        return name in timers
    if verb in {"now", "utcnow", "today"}:
        return chain[-1] in {"datetime", "date", "timezone"}
    return chain[-1] == "time" and verb in READINGS


def test_nobody_reads_a_clock_but_the_clock_port():
    nothing(clock_readings(modules()))


def test_a_reading_of_the_clock_is_found():
    text = (
        "import time, datetime as dt\nfrom time import monotonic\nfrom stormlamp.ledger.clock import now\n"
        "time.time()\nmonotonic()\ndt.datetime.now()\ntimezone.now()\ndate.today()\nclock.now()\n"
    )
    assert len(list(clock_readings([planted("charts/actions.py", text)]))) == 6
    assert len(list(clock_readings([planted("mirror/listeners.py", text)]))) == 4


def undeclared(found: Iterable[Module], declared: set[str]) -> Iterator[str]:
    """Imports of a library that pyproject.toml does not name: a clean machine would not have it."""
    distributions = packages_distributions()
    for module in found:
        for target, node in imports(module):
            top = target.split(".")[0]
            if top in sys.stdlib_module_names or top in {"stormlamp", "__future__", ""}:
                continue
            if not declared & {_plain(name) for name in distributions.get(top, [top])}:
                yield f"{module.at(node)} imports {top}"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {_plain(re.split(r"[=<>\[; ]", line)[0]) for line in project["dependencies"]}


def test_every_library_that_the_package_imports_is_declared():
    nothing(undeclared(modules(), _declared()))


def test_an_undeclared_library_is_found():
    planting = [planted("mirror/listeners.py", "import hl7\nimport pytest\nimport django\nimport json\n")]
    assert len(list(undeclared(planting, _declared()))) == 2


def bare_ignores(found: Iterable[Module]) -> Iterator[str]:
    """Type checks switched off without saying which."""
    for module in found:
        for number, line in enumerate(module.text.splitlines(), 1):
            if re.search(r"#\s*type:\s*ignore(?!\[)", line):
                yield f"{module.path}:{number}"


def test_no_type_check_is_switched_off_without_naming_it():
    nothing(bare_ignores(modules()))


def test_a_bare_ignore_is_found():
    planting = planted("charts/rules.py", "x = 1  # type" + ": ignore\ny = 2  # type" + ": ignore[misc]\n")
    assert len(list(bare_ignores([planting]))) == 1


def test_no_requirements_file_names_a_host():
    files = [*ROOT.glob("requirements/*.txt"), *ROOT.glob("**/package-lock.json")]
    assert files
    assert [path.name for path in files if "node_modules" not in path.parts and "://" in path.read_text()] == []
