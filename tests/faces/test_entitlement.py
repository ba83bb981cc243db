"""What a ward's node is given: tables made of it show its patients exactly as the hub does."""

import pytest

from stormlamp.charts import queries as charts
from stormlamp.charts.facts import PatientAdmitted
from stormlamp.charts.rules import Admission
from stormlamp.drills.mapping.traffic import census_load, traffic
from stormlamp.drills.rules import Hospital
from stormlamp.kernel.moments import HOUR, Moment
from stormlamp.ledger import entries, projector
from stormlamp.mirror.actions.feeding import feed_paths
from tests.drills.story import MONDAY
from tests.faces.wards import Ward, assert_shown_alike, charts_of
from tests.makers import NOON
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
SMALL = Hospital(seed=11, opens_at=MONDAY, beds=60)


def test_a_ward_that_follows_a_day_shows_its_patients_as_the_hub_does(home):
    until = Moment(MONDAY + 24 * HOUR)
    told = [*census_load(SMALL), *traffic(SMALL, MONDAY, until)]
    wards, step = {}, len(told) // 8
    for start in range(0, len(told), step):
        by_interface: dict[str, list[bytes]] = {}
        for one in told[start : start + step]:
            by_interface.setdefault(one.interface.value, []).append(one.message)
        for interface, raws in by_interface.items():
            send(*raws, interface=interface, at=told[min(start + step, len(told)) - 1].at)
        for name in charts.wards():
            wards.setdefault(name, Ward(name))
        for ward in wards.values():
            ward.meet()
    assert len(wards) > 2
    for name, ward in wards.items():
        assert_shown_alike(ward, name, until)
        for origin, numbers in ward.whole().items():
            assert numbers <= ward.held[origin]


def test_wards_of_real_messages_show_their_patients_as_the_hub_does(home, shared_data):
    feed_paths([shared_data / "hl7v2"], interface="files", at=NOON)
    projector.catch_up()
    names = charts.wards()
    for name in names[::4]:
        ward = Ward(name)
        ward.meet()
        assert_shown_alike(ward, name, NOON)
    assert len(names) > 20


def admit(patients, ward):
    """Somebody writes that some people lie on a ward."""
    body, how = Admission(ward=ward), {"actor": "nora", "actor_name": "Nora", "act": "test", "at": NOON}
    told = [PatientAdmitted(entry=f"a-{one}", patient=one, occurred_at=NOON, ward=ward, outage="o", body=body) for one in patients]
    projector.follow(entries.append(entries.ACTS, [entries.Draft(fact=one, **how) for one in told]))


def test_people_of_real_resources_are_shown_as_the_hub_shows_them_wherever_they_lie(home, shared_data):
    feed_paths([shared_data / "fhir"], interface="files", at=NOON)
    projector.catch_up()
    admit([one.patient for one in charts.everybody(now=NOON)[::8]], "9Z")
    ward = Ward("9Z")
    ward.meet()

    assert len(charts_of(ward.patients, NOON)) > 20
    assert sum(map(len, ward.held.values())) < sum(ward.reached.values()) / 2
    assert_shown_alike(ward, "9Z", NOON)
