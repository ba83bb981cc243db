"""Golden files of the mapping: `python -m tests.mirror.mapping_golden` writes them anew; then read the difference."""

import zoneinfo
from pathlib import Path

import msgspec

from stormlamp.mirror.mapping.events import told
from stormlamp.mirror.wire.hl7 import Message

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "mapping"
ZONE = zoneinfo.ZoneInfo("Europe/Brussels")


def messages() -> list[Path]:
    """The messages, each with its expected JSON beside it."""
    return sorted(FOLDER.glob("*.hl7"))


def written(path: Path) -> str:
    """What the mapping makes of a message, as text that stays the same from run to run."""
    mapped = told(Message(path.read_bytes()), zone=ZONE)
    return msgspec.json.format(msgspec.json.encode(mapped, order="deterministic"), indent=1).decode() + "\n"


if __name__ == "__main__":
    for each in messages():
        each.with_suffix(".json").write_text(written(each))
