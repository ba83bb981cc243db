"""Messages for the wire tests: small, of our own making."""

from hypothesis import strategies as st

ZONE_NAME = "Europe/Brussels"

ADT = (
    b"MSH|^~\\&|SRC|FAC|DT|HOSP|20260101120000||ADT^A01^ADT_A01|C1|P|2.5\r"
    b"EVN|A01|20260101\r"
    b"PID|1||77^^^HOSP^MR~9^^^NHS^NH||DOE^JANE&x\r"
    b"OBX|1|NM|a^A||5\r"
    b"OBX|2|TX|b^B||one\\.br\\two \\T\\ three\r"
)

plain_text = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
components = st.lists(plain_text, min_size=1, max_size=4).map(tuple)
repetitions = st.lists(components, min_size=1, max_size=3)
segment_names = st.sampled_from(["PID", "PV1", "OBX", "ZZ1", "NTE"])
segments = st.lists(st.tuples(segment_names, st.dictionaries(st.integers(1, 12), repetitions, min_size=1, max_size=5)), max_size=6)
