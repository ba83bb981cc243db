"""How fast the simulated hospital speaks, against how fast the whole path of the mirror listens: it must never be the bottleneck.

Prints one JSON document: messages per second written by the simulator, messages per second parsed alone by python-hl7 0.4.5 in the
same run, and their ratio.
"""

import json
import time
from itertools import islice

import hl7

from stormlamp.drills.mapping.traffic import Voice
from stormlamp.drills.rules import Hospital
from stormlamp.kernel.moments import HOUR, Moment, parse_iso

OPENS_AT = parse_iso("2026-01-12T08:00:00Z")


def main() -> None:
    """Measure and print."""
    voice = Voice(Hospital(seed=1, opens_at=OPENS_AT))
    began = time.process_time()
    said = [sent.message for sent in voice.opening()]
    said += [sent.message for sent in voice.until(Moment(OPENS_AT + 24 * HOUR))]
    written = len(said) / (time.process_time() - began)
    began, sample = time.process_time(), list(islice(said, 0, None, 8))
    for message in sample:
        hl7.parse(message.decode())
    parsed = len(sample) / (time.process_time() - began)
    told = {"messages": len(said), "written_per_cpu_second": round(written), "python_hl7_parsed_per_cpu_second": round(parsed)}
    print(json.dumps({**told, "ratio": round(written / parsed, 2), "claim": "at least 2.0"}))


if __name__ == "__main__":
    main()
