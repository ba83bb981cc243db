"""What a ward's node is given: tables made of it show its patients exactly as the hub does."""

import pytest

from stormlamp.charts import queries as charts
from stormlamp.drills.mapping.traffic import census_load, traffic
from stormlamp.drills.rules import Hospital
from stormlamp.kernel.moments import HOUR, Moment
from tests.drills.story import MONDAY
from tests.faces.wards import Ward, census_of, charts_of, tables_of
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
SMALL = Hospital(seed=11, opens_at=MONDAY, beds=60)


def assert_shown_alike(ward, name, now):
    """Every chart of a ward's patients, and its census, on its node as on the hub."""
    patients = ward.patients
    shown, lying = charts_of(patients, now), census_of(name, now)
    with tables_of(ward):
        assert ward.scope.patients() == patients
        there = charts_of(patients, now)
        assert there.keys() == shown.keys()
        for one, chart in shown.items():
            if there[one] != chart:
                import sys; sys.path.insert(0,'/tmp'); from scope_dbg import diff
                for d in diff(chart, there[one]): print(one, str(d)[:600])
                raise AssertionError
        assert census_of(name, now) == lying


def test_a_ward_that_follows_a_day_shows_its_patients_as_the_hub_does(home):
    until = Moment(MONDAY + 24 * HOUR)
    told = [*census_load(SMALL), *traffic(SMALL, MONDAY, until)]
    wards, step = {}, len(told) // 12
    for start in range(0, len(told), step):
        for one in told[start : start + step]:
            pass
        by_interface = {}
        for one in told[start : start + step]:
            by_interface.setdefault((one.interface.value, one.at), []).append(one.message)
        for (interface, at), raws in by_interface.items():
            send(*raws, interface=interface, at=at)
        for name in charts.wards():
            wards.setdefault(name, Ward(name))
        for ward in wards.values():
            ward.meet()
    assert len(wards) > 2
    for name, ward in wards.items():
        print(name, len(ward.patients), {k: len(v) for k, v in ward.held.items()}, ward.reached, len(ward.batches))
        assert_shown_alike(ward, name, until)
        for origin, numbers in ward.whole().items():
            assert numbers <= ward.held[origin]
