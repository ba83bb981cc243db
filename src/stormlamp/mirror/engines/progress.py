"""How far a reading has come: a small file in the home, replaced as a whole, so that a killed process goes on from there.

It holds addresses and times, and nothing of any patient.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from stormlamp.kernel.refusals import Trouble


class Progress:
    """A JSON document that survives a kill at any moment."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.path = folder / f"{sha256('|'.join(names).encode()).hexdigest()[:32]}.json"

    def read(self) -> dict[str, Any]:
        """What was kept; empty when nothing was or it cannot be read: then all begins anew, and nothing is stored twice."""
        try:
            found = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def keep(self, told: Mapping[str, Any]) -> None:
        """Keep it, on the disk. Trouble when the disk does not take it."""
        part = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            with part.open("wb") as file:
                file.write(json.dumps(told, indent=1).encode())
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            raise Trouble(f"cannot keep the progress in {self.path}: {error}", hint="is the disk full?") from error

    def forget(self) -> None:
        """Nothing is under way any longer."""
        self.path.unlink(missing_ok=True)
