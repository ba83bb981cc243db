"""What FHIR servers deleted of who patients are and where they lie: the chart stays, and says so.

A row of no class with the status `deleted` stands for each deletion (`projections.r4`).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import Moment
from stormlamp.mirror.models import MirrorItem, MirrorMovement, MirrorTelling
from stormlamp.mirror.rules.movements import ENCOUNTER

_GONE = {"category": "", "status": "deleted"}


def records_deleted(kin: Mapping[PatientId, Collection[PatientId]]) -> dict[PatientId, Moment]:
    """For each patient whose every record on a server is deleted, since when. `kin` are all ids of each.

    A record that came anew, or a second one of the same server, means that the server still knows them.
    """
    head: dict[str, PatientId] = {one: patient for patient, members in kin.items() for one in members}
    rows = MirrorItem.objects.filter(patient__in=sorted(head), **_GONE).order_by("id")
    gone: dict[tuple[PatientId, str], dict[str, int]] = defaultdict(dict)
    for patient, interface, number, at in rows.values_list("patient", "interface", "control_id", "at"):
        gone[head[patient], interface][number] = at
    if not gone:
        return {}
    members = sorted({one for patient, _ in gone for one in kin[patient]})
    told = MirrorTelling.objects.filter(patient__in=members, message="FHIR Patient").order_by("id")
    known = set()
    for patient, interface, number, at in told.values_list("patient", "interface", "control_id", "at"):
        key = (head[patient], interface)
        if key in gone and at > gone[key].get(number, -1):
            known.add(key)
    found: dict[PatientId, Moment] = {}
    for (patient, interface), deleted in gone.items():
        if (patient, interface) not in known:
            found[patient] = Moment(max(*deleted.values(), found.get(patient, 0)))
    return found


def stays_deleted(patients: Collection[str], visits: Collection[str]) -> dict[tuple[str, str], Moment]:
    """For each patient and visit whose Encounter a server deleted, when; nothing where another Encounter tells of it still."""
    if not visits:
        return {}
    told = MirrorMovement.objects.filter(patient__in=sorted(patients), visit__in=sorted(visits), account__startswith=ENCOUNTER)
    by: dict[tuple[str, str], set[str]] = defaultdict(set)
    for patient, visit, encounter in told.order_by("id").values_list("patient", "visit", "account"):
        by[patient, visit].add(encounter)
    if not by:
        return {}
    wanted = sorted({one.partition("/")[2] for some in by.values() for one in some})
    gone = dict(MirrorItem.objects.filter(id__in=wanted, **_GONE).order_by("id").values_list("key", "at"))
    return {key: Moment(max(gone[one] for one in some)) for key, some in by.items() if all(one in gone for one in some)}
