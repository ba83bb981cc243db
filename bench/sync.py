"""Catching up: entries a second that a node takes from the hub, each one proven, durable in the encrypted database.

    python bench/sync.py [ENTRIES]          default: 60000, which is a week of what a ward of thirty is told

A hub and a node that holds everybody, both real homes. Three figures of the node's side, in one run: over HTTPS from the hub's own
process; the same spans from memory; and the limit, which is the same rows in the same groups written without any check. Prints one
JSON document; exit 1 below 20,000 a second over HTTPS.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.nodes.village import Village  # the folder above has to be known first

CLAIM, GROUP = 20_000, 1000
WRITE = """
from stormlamp.kernel.moments import Moment
from stormlamp.ledger import clock
from stormlamp.ledger.entries import Draft
from stormlamp.ledger.feeds import append_feed
from stormlamp.mirror.facts import Hl7Received
import hashlib
def message(number):
    return (f"MSH|^~\\\\&|LAB|HOSP|DT|HOSP|20260113110500||ORU^R01|L{number}|P|2.5\\r"
        f"PID|1||L{number % 200}^^^HOSP^MR||DOE^JANE\\r"
        f"OBR|1||F{number}|ELEC|||20260113110500\\rOBX|1|NM|K^Potassium||{number}|mmol/L|3.5-5.1|N|||F|||20260113110500\\r"
        f"OBX|2|NM|NA^Sodium||{number % 150}|mmol/L|135-145|N|||F|||20260113110500\\r").encode()
at = clock.now()
for start in range(0, COUNT, 500):
    append_feed([Draft(fact=Hl7Received(interface="LAB", channel="mllp", raw=(raw := message(n)), received_at=at,
        digest=hashlib.sha256(raw).hexdigest(), zone="Europe/Brussels"), actor="feed", actor_name="Feed", act="feed", at=at,
        once=f"m{n}")
        for n in range(start, min(COUNT, start + 500))])
"""


def main() -> int:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with tempfile.TemporaryDirectory(prefix="stormlamp-bench-") as folder:
        village = Village(Path(folder))
        try:
            village.python("hub", WRITE.replace("COUNT", str(count)))
            village.start("hub", "nodes")
            joined = village.join("all", code=village.code("--role", "crisis"), role="crisis")
            assert joined.returncode == 0, joined.stderr
            told = json.loads(_inside(village, "https"))
            told |= json.loads(_inside(village, "memory"))
            assert village.told("all", "verify", "--json")["ok"]
        finally:
            village.stop()
    ratio = round(told["https_per_second"] / CLAIM, 2)
    print(json.dumps({"entries": count, **told, "claim": CLAIM, "ratio": ratio, "load": os.getloadavg()}))
    return 0 if told["https_per_second"] >= CLAIM else 1


def _inside(village: Village, what: str) -> str:
    """Run a part of this bench in the node's home."""
    place = {"STORMLAMP_HOME": str(village.folder / "all"), "DJANGO_SETTINGS_MODULE": "stormlamp.settings"}
    command = [sys.executable, __file__, "--inside", what]
    return subprocess.run(command, env=village.surroundings() | place, capture_output=True, text=True, check=True).stdout


def inside(what: str) -> dict[str, object]:
    """`https`: take all the hub has, and keep its spans; `memory`: take them again into an emptied ledger, then write bare rows."""
    import django

    django.setup()
    from django.db import connection, transaction

    from stormlamp.ledger import receiving
    from stormlamp.ledger.rules.spans import Span
    from stormlamp.nodes import jobs
    from stormlamp.nodes.engines.https import Peer
    from stormlamp.nodes.listeners import syncing
    from stormlamp.nodes.queries import home
    from stormlamp.nodes.wire import opened, packed

    kept = home().path / "spans"
    if what == "https":
        (hub,) = syncing.others()
        spans: list[bytes] = []
        receive = receiving.receive
        receiving.receive = lambda span: (spans.append(packed(span)), receive(span))[1]  # type: ignore[assignment]
        with Peer(home(), hub.urls[0], hub.certificate) as peer:
            met = jobs.Met()
            jobs.take(peer, met)
            began = time.perf_counter()
            while jobs.take(peer, met, project=False):
                pass
            seconds = time.perf_counter() - began
        kept.write_bytes(b"".join(len(one).to_bytes(4) + one for one in spans))
        return {"https_per_second": round(met.taken / seconds)}
    raw, spans = kept.read_bytes(), []
    while raw:
        size = int.from_bytes(raw[:4])
        spans.append(raw[4 : 4 + size])
        raw = raw[4 + size :]
    feeds = [one for one in (opened(raw, Span) for raw in spans) if one.origin.endswith("/feeds")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ledger_entry WHERE origin LIKE '%/feeds' ORDER BY sequence")
        rows = cursor.fetchall()
        for table in ("entry", "head", "checkpoint"):
            cursor.execute(f"DELETE FROM ledger_{table} WHERE origin LIKE '%/feeds'")
    began = time.perf_counter()
    for span in feeds:
        receiving.receive(span)
    proven = len(rows) / (time.perf_counter() - began)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare AS SELECT * FROM ledger_entry WHERE 0")
        cursor.execute("CREATE UNIQUE INDEX bare_key ON bare (origin, sequence)")
        began = time.perf_counter()
        for start in range(0, len(rows), GROUP):
            with transaction.atomic():
                cursor.executemany("INSERT INTO bare VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", rows[start : start + GROUP])
        bare = len(rows) / (time.perf_counter() - began)
        cursor.execute("DROP TABLE bare")
    return {"memory_per_second": round(proven), "bare_rows_per_second": round(bare), "of_the_limit": round(proven / bare, 2)}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        print(json.dumps(inside(sys.argv[2])))
    else:
        sys.exit(main())
