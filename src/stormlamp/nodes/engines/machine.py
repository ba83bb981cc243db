"""What the computer says of itself, as far as it says anything: disk, battery, a printer on a cable. Reads files only.

Linux: Documentation/ABI/testing/sysfs-class-power for `/sys/class/power_supply`; usblp lists printers in `/sys/class/usbmisc`.
"""

import re
import shutil
from pathlib import Path

POWER, PRINTERS = Path("/sys/class/power_supply"), Path("/sys/class/usbmisc")


def told_by_machine(home: Path, *, power: Path = POWER, printers: Path = PRINTERS) -> dict[str, str | int]:
    """`free`, `disk`, `database` in bytes; `battery` in percent and `plugged` where there is a battery; `printer` where one is."""
    found = _disk(home) | _battery(power)
    named = [_model(place / "device" / "ieee1284_id") for place in sorted(printers.glob("lp*"))]
    return found | ({"printer": ", ".join(named)[:120]} if named else {})


def _disk(home: Path) -> dict[str, str | int]:
    try:
        usage = shutil.disk_usage(home)
        files = [path.stat().st_size for path in home.glob("stormlamp.db*")]
    except OSError:
        return {}
    return {"free": usage.free, "disk": usage.total, "database": sum(files)}


def _battery(power: Path) -> dict[str, str | int]:
    """The weakest battery, and whether a mains supply is there; a charger that says nothing is judged by the battery."""
    kinds = {place: _read(place / "type") for place in sorted(power.glob("*")) if _read(place / "scope") != "Device"}
    levels = {place: _read(place / "capacity") for place, kind in kinds.items() if kind == "Battery"}
    known = [int(level) for level in levels.values() if level.isdigit()]
    if not known:
        return {}
    chargers = [_read(place / "online") for place, kind in kinds.items() if kind in ("Mains", "USB")]
    plugged = "1" in chargers if any(chargers) else all(_read(place / "status") != "Discharging" for place in levels)
    return {"battery": min(100, min(known)), "plugged": int(plugged)}


def _model(place: Path) -> str:
    """`MFG:Acme;MDL:Laser 3;…` (IEEE 1284) as a name."""
    told = dict(re.findall(r"(\w[\w ]*):([^;]*)", _read(place)))
    maker, model = told.get("MFG") or told.get("MANUFACTURER", ""), told.get("MDL") or told.get("MODEL", "")
    return f"{maker} {model}".strip() or "USB"


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
