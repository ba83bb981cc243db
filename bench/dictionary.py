"""How small messages and resources become with the shipped dictionaries, beside none and beside one made of the very same messages.

    python bench/dictionary.py [FOLDER]            default: ../shared/data/hl7v2/simhospital
    python bench/dictionary.py --write FILE        train a new one for messages out of the simulated hospital
    python bench/dictionary.py --resources FILE    the same for R4 resources

A dictionary holds nothing of a real person: it is trained on messages of the simulator only. One that was shipped is never changed;
a better one gets a number of its own beside it. Prints one JSON document with the stored bytes per raw byte of each.
"""

import hashlib
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import orjson
import zstandard

from stormlamp.drills.mapping.traffic import Voice
from stormlamp.drills.rules import Hospital
from stormlamp.kernel.moments import HOUR, Moment, parse_iso
from stormlamp.ledger import facts, frames
from stormlamp.mirror.facts import Hl7Received
from stormlamp.mirror.mapping import events
from stormlamp.mirror.wire.hl7 import Broken, Message

OPENS_AT = parse_iso("2026-01-12T08:00:00Z")
SIZE, RESOURCES_SIZE, SEEDS, HOURS, MOST = 8192, 16384, 6, 6, 6000
CLAIM = 0.85


def main() -> int:
    """Train, or measure and print; exit 1 when the shipped dictionary saves too little."""
    if sys.argv[1:2] == ["--write"]:
        trained = zstandard.train_dictionary(SIZE, [payload(raw) for raw in simulated()], dict_id=frames.NEWEST, level=1)
        Path(sys.argv[2]).write_bytes(trained.as_bytes())
        return 0
    if sys.argv[1:2] == ["--resources"]:
        trained = zstandard.train_dictionary(RESOURCES_SIZE, resources(simulated())[:MOST], dict_id=frames.RESOURCES, level=1)
        Path(sys.argv[2]).write_bytes(trained.as_bytes())
        return 0
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared/data/hl7v2/simhospital")
    raws = [path.read_bytes() for path in sorted(folder.rglob("*.hl7"))]
    payloads, total = [payload(raw) for raw in raws], sum(map(len, raws))
    own = zstandard.train_dictionary(SIZE, payloads)
    ways = {
        "none": zstandard.ZstdCompressor(level=1).compress,
        "shipped": frames.squeezed,
        "of_the_same_messages": zstandard.ZstdCompressor(level=1, dict_data=own).compress,
    }
    told = {name: round(sum(len(way(one)) for one in payloads) / total, 3) for name, way in ways.items()}
    ratio = told["shipped"] / told["none"]
    mapped = resources(raws)
    whole = sum(map(len, mapped))
    of_resources = {name: round(sum(len(way(one)) for one in mapped) / whole, 3) for name, way in _ways_of_resources().items()}
    measured = {"messages": len(raws), "bytes": total, "stored_per_byte": told, "ratio": round(ratio, 2), "claim": CLAIM}
    print(json.dumps({**measured, "resources": len(mapped), "resource_bytes": whole, "resource_stored_per_byte": of_resources}))
    return 0 if ratio <= CLAIM else 1


def simulated() -> list[bytes]:
    """Messages of several simulated hospitals, in a mixed order that is always the same."""
    said: list[bytes] = []
    for seed in range(1, SEEDS + 1):
        voice = Voice(Hospital(seed=seed, opens_at=OPENS_AT))
        said += [sent.message for sent in voice.opening()]
        said += [sent.message for sent in voice.until(Moment(OPENS_AT + HOURS * HOUR))]
    random.Random(1).shuffle(said)
    return said[:MOST]


def resources(messages: list[bytes]) -> list[bytes]:
    """The R4 JSON that the tables hold of some messages, in a mixed order that is always the same."""
    found: list[bytes] = []
    for raw in messages:
        try:
            told = events.told(Message(raw), zone=ZoneInfo("Europe/Brussels"))
        except Broken:
            continue
        for one in (told, *told.others):
            found += [orjson.dumps(item.resource) for item in one.items] + list(map(orjson.dumps, one.directory))
            found += [orjson.dumps(one.patient)] if one.patient else []
    random.Random(1).shuffle(found)
    return found


def _ways_of_resources() -> dict[str, Callable[[bytes], bytes]]:
    return {
        "none": zstandard.ZstdCompressor(level=1).compress,
        "shipped": lambda one: frames.squeezed(one, frames.RESOURCES),
    }


def payload(raw: bytes) -> bytes:
    """What the ledger would squeeze for a message."""
    digest = hashlib.sha256(raw).hexdigest()
    told = Hl7Received(
        interface="adt", channel="mllp", raw=raw, received_at=Moment(OPENS_AT), digest=digest, zone="Europe/Brussels"
    )
    held = facts.payload_of(
        told, actor="node hub-000000", actor_name="hub-000000", act="mirror.receive", at=OPENS_AT, once=f"1m:{digest}"
    )
    assert msgspec.msgpack.decode(facts.packed(held))
    return facts.packed(held)


if __name__ == "__main__":
    sys.exit(main())
