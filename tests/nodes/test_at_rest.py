"""A home that is stolen without its key says nothing of anybody."""

import os
import subprocess
import sys
from pathlib import Path

MESSAGES = Path(__file__).parents[1] / "golden" / "mapping"
SAID = ("Peeters", "PEETERS", "Anouk", "Penicilline", "19840517", "1984-05-17")


def stormlamp(folder, *words):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STORMLAMP", "DJANGO"))}
    surroundings = {**kept, "XDG_CONFIG_HOME": str(folder / "elsewhere")}
    return subprocess.run(
        [sys.executable, "-m", "stormlamp", *words, "--home", str(folder / "home")],
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_file_of_a_home_holds_a_name_a_number_or_the_key_in_the_clear(tmp_path):
    assert stormlamp(tmp_path, "init").returncode == 0
    assert stormlamp(tmp_path, "feed", str(MESSAGES)).returncode == 0
    shown = stormlamp(tmp_path, "chart", "4711").stdout
    assert all(word in shown for word in ("PEETERS", "Anouk", "Penicilline"))
    (key,) = (tmp_path / "elsewhere").rglob("*.key")
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert {"stormlamp.db", "home.toml"} <= {path.name for path in files}
    secrets = [text.encode(code) for text in SAID for code in ("utf-8", "utf-16-le")]
    secrets += [key.read_text().strip().encode(), bytes.fromhex(key.read_text().strip())]
    assert [(path.name, secret) for path in files for secret in secrets if secret in path.read_bytes()] == []


def test_a_stolen_home_does_not_open(tmp_path):
    assert stormlamp(tmp_path, "init").returncode == 0
    for key in (tmp_path / "elsewhere").rglob("*.key"):
        key.unlink()
    stolen = stormlamp(tmp_path, "patients")
    assert stolen.returncode == 1
    assert "Traceback" not in stolen.stderr
