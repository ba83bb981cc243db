"""Two hubs that listen to the same systems: each keeps what it received, and no value, bed or person is there twice."""

import random

import pytest

from stormlamp.kernel.moments import SECOND
from stormlamp.mirror import queries
from stormlamp.mirror.models import MirrorAlias, MirrorIdentifier, MirrorItem, MirrorMessage, MirrorPatient, MirrorVisit
from tests.convergence import entries_of, rows_after
from tests.makers import NOON, after
from tests.mirror.hospital import WARDS, Hospital
from tests.mirror.makers import hl7, oru

pytestmark = pytest.mark.django_db
ONCE = (MirrorAlias, MirrorIdentifier, MirrorItem, MirrorPatient, MirrorVisit)


def shown():
    """What people see: each chart but for which of two like messages is named as its source, and who lies where."""
    lying = {ward: [(one.patient, one.bed, one.away) for one in queries.ward_persons(ward)] for ward in WARDS}
    values = {
        (one.patient, kind): [(item.key, item.text, item.flag, item.status, item.effective_at) for item in section.items]
        for one in queries.all_persons()
        for kind, section in queries.sections(one.patient).items()
    }
    return lying, values, [table.objects.count() for table in ONCE]


@pytest.mark.parametrize("seed", range(12))
def test_the_same_messages_at_two_hubs_show_once_and_converge(home, seed):
    dice = random.Random(seed)
    hospital = Hospital(f"t{seed}-", by=dice.choice(("visit", "account", "alternate")))
    for _ in range(15):
        verb, about = dice.choice(hospital.choices())
        getattr(hospital, verb)(*about)
    raws = [*hospital.told, oru()]
    late = after(NOON, 2 * SECOND)
    one = entries_of({"hub-a/feeds": [(NOON, hl7(raw)) for raw in raws]})
    two = entries_of(
        {"hub-a/feeds": [(NOON, hl7(raw)) for raw in raws], "hub-b/feeds": [(late, hl7(raw, at=late)) for raw in raws]}
    )

    rows_after(one)
    alone = shown()
    rows = rows_after(two)
    assert shown() == alone
    assert MirrorMessage.objects.count() == 2 * len(raws)
    assert rows_after(two[::-1]) == rows
