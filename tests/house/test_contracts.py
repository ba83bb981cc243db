"""The import contracts themselves: that they hold, and that they can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SOURCE


def lint(package_parent: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter, with this project's contracts, over a copy of the package."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", ROOT / ".importlinter", "--no-cache"],
        cwd=package_parent,
        env={**os.environ, "PYTHONPATH": str(package_parent)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(SOURCE, tmp_path / "stormlamp", ignore=lambda _, names: {n for n in names if _is_no_code(n)})
    return tmp_path


def _is_no_code(name: str) -> bool:
    return name in {"__pycache__", "static", "templates", "locale", "fonts"}


def test_the_contracts_hold(copy):
    found = lint(copy)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("utils/__init__.py", ""),
        ("kernel/helpers.py", ""),
        ("kernel/moments.py", "import sqlite3"),
        ("kernel/moments.py", "import stormlamp.ledger"),
        ("ledger/rules/merkle.py", "import django"),
        ("ledger/rules/merkle.py", "import stormlamp.ledger.models"),
    ],
)
def test_a_contract_that_is_broken_fails(copy, file, text):
    spoiled = copy / "stormlamp" / file
    spoiled.parent.mkdir(exist_ok=True)
    spoiled.write_text((spoiled.read_text() if spoiled.exists() else "") + f"\n{text}\n")
    assert lint(copy).returncode == 1
