"""Eight hours of backlog of a very large hospital: received, stored, and in the tables; how long, how much memory, how much disk.

    python bench/backlog.py [MESSAGES] [FOLDER]          default: 600000, ../shared/data/hl7v2/simhospital

The whole node under `stormlamp up`, 32 senders in a process of their own, then the projector until the tables know all. Memory
of receiver and projector is read all along. Then a copy of the home's database loses its tables, so that what is left is the
ledger with its indexes: its bytes beside the raw bytes of the messages. Prints one JSON document with the rates besides; exit 1
when a claim does not hold. Where fewer were sent the time is scaled to 600,000, and that is said. The peer is quoted and not
measured here.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from parts.node import HOSPITAL_FEED, Node, open_home, running

WHOLE = 600_000
CLAIMS = {"minutes": 10.0, "ledger_per_raw_byte": 1.0, "memory_growth_mb": 64}
QUOTED = {"Open Integration Engine at its best": {"minutes": 23, "stored_per_raw_byte": 8}}
LOOK_EVERY = 2.0


def main() -> int:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else HOSPITAL_FEED
    if not folder.is_dir():
        print(f"{folder} is not there: name a folder of HL7 v2 files", file=sys.stderr)
        return 2
    with running() as node:
        open_home()
        began = time.perf_counter()
        sent, received, memory = _received(node, count, folder)
        memory += _followed(node, count)
        spent = time.perf_counter() - began
        cpu = {part: round(1000 * node.cpu(part) / count, 3) for part in ("feeds", "projector")}
        sizes = _sizes(node.home)
    document = {
        "messages": count,
        "minutes": round(spent / 60 * WHOLE / count, 1),
        "scaled_to": WHOLE,
        "received_per_second": round(count / received),
        "received_and_projected_per_second": round(count / spent),
        "p99_ms": sent["p99_ms"],
        "cpu_ms_per_message": cpu,
        "raw_mb": round(sent["bytes"] / 1e6, 1),
        "ledger_mb": round(sizes["ledger"] / 1e6, 1),
        "tables_mb": round(sizes["tables"] / 1e6, 1),
        "ledger_per_raw_byte": round(sizes["ledger"] / sent["bytes"], 2),
        "tables_per_raw_byte": round(sizes["tables"] / sent["bytes"], 2),
        "memory_mb": memory[:: max(1, len(memory) // 12)],
        "memory_growth_mb": _growth(memory),
    }
    held = {name: document[name] <= most for name, most in CLAIMS.items()}
    print(json.dumps({**document, "claims": CLAIMS, "held": held, "quoted": QUOTED, "load": os.getloadavg()}, indent=1))
    return 0 if all(held.values()) else 1


def _look(node: Node, seconds: float, behind: int) -> dict[str, int]:
    return {
        "at_s": round(seconds),
        "feeds": node.memory_mb("feeds"),
        "projector": node.memory_mb("projector"),
        "behind": behind,
    }


def _received(node: Node, count: int, folder: Path) -> tuple[dict, float, list[dict[str, int]]]:
    """What the senders say, the seconds it took, and the memory meanwhile."""
    from stormlamp.ledger import projector

    sender = Path(__file__).with_name("parts") / "senders.py"
    began, looks = time.perf_counter(), []
    senders = subprocess.Popen(
        [sys.executable, str(sender), str(node.port), "32", str(count), "1", str(folder)], stdout=subprocess.PIPE
    )
    while senders.poll() is None:
        looks.append(_look(node, time.perf_counter() - began, projector.behind()))
        time.sleep(LOOK_EVERY)
    assert senders.stdout is not None
    return json.loads(senders.stdout.read()), time.perf_counter() - began, looks


def _followed(node: Node, count: int) -> list[dict[str, int]]:
    """The memory until the tables know all."""
    from stormlamp.ledger import projector

    began, looks = time.perf_counter(), []
    while left := projector.behind():
        if time.perf_counter() > began + count / 20:
            raise SystemExit(f"the projector is still {left} behind")
        looks.append(_look(node, time.perf_counter() - began, left))
        time.sleep(LOOK_EVERY)
    return [*looks, _look(node, time.perf_counter() - began, 0)]


def _growth(looks: list[dict[str, int]]) -> int:
    """By how much receiver or projector are larger in the last quarter than in the second: the first fills caches."""
    quarter = max(1, len(looks) // 4)
    early, late = looks[quarter : 2 * quarter] or looks[:1], looks[-quarter:]
    return max(max(one[part] for one in late) - max(one[part] for one in early) for part in ("feeds", "projector"))


def _sizes(home: Path) -> dict[str, int]:
    """Bytes of the ledger's own pages, indexes included, and of all other tables: counted on a copy that loses the others."""
    from django.apps import apps
    from django.conf import settings
    from django.db import connection

    copy = home / "copy.db"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if cursor.fetchone()[0]:
            raise SystemExit("somebody still writes")
    connection.close()
    shutil.copy(settings.DATABASE_FILE, copy)
    connection.settings_dict["NAME"] = str(copy)
    own = {model._meta.db_table for model in apps.get_models() if getattr(model, "kind", "") == "ledger"}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_size")
        page = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA freelist_count")
        before = cursor.fetchone()[0]
        cursor.execute("PRAGMA foreign_keys = OFF")
        for table in connection.introspection.table_names(cursor):
            if table not in own:
                cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)}")
        cursor.execute("PRAGMA freelist_count")
        free = cursor.fetchone()[0]
        cursor.execute("PRAGMA page_count")
        whole = cursor.fetchone()[0]
    return {"ledger": (whole - free) * page, "tables": (free - before) * page}


if __name__ == "__main__":
    sys.exit(main())
