"""Whatever happens in a hospital, merges, swaps and visits that go to others among it, a ward's node shows what the hub shows."""

from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faces.wards import Ward, assert_shown_alike
from tests.makers import NOON
from tests.mirror.hospital import WARDS, Hospital
from tests.mirror.makers import send

pytestmark = pytest.mark.django_db
RELAXED = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
_days = count()


def a_value(hospital, person):
    """A result of somebody, so that there is more to lose than a bed."""
    hospital.minute += 1
    sent = f"20260112{6 + hospital.minute // 60:02d}{hospital.minute % 60:02d}00"
    return (
        f"MSH|^~\\&|LAB|H|||{sent}||ORU^R01|{hospital.tag}R{hospital.minute}|P|2.5\rPID|1||{person}^^^H^MR\r"
        f"OBR|1||F{hospital.minute}|ELEC|||{sent}\rOBX|1|NM|K^Potassium||{hospital.minute}|mmol/L|||||F|||{sent}\r"
    ).encode()


@RELAXED
@given(data=st.data(), by=st.sampled_from(("visit", "account", "alternate")))
def test_wards_that_meet_the_hub_now_and_then_show_what_it_shows(home, data, by):
    with transaction.atomic():
        hospital, sent = Hospital(f"s{next(_days)}-", people=4, by=by), 0
        wards = {name: Ward(name) for name in WARDS}
        for _ in range(data.draw(st.integers(1, 18))):
            verb, about = data.draw(st.sampled_from(hospital.choices()))
            getattr(hospital, verb)(*about)
            raws, sent = hospital.told[sent:], len(hospital.told)
            if data.draw(st.booleans()):
                raws = [*raws, a_value(hospital, data.draw(st.sampled_from(hospital.people)))]
            send(*raws)
            for name in WARDS:
                if data.draw(st.integers(0, 2)) == 0:
                    wards[name].meet(page=data.draw(st.integers(1, 5)))
        for name, ward in wards.items():
            ward.meet()
            assert_shown_alike(ward, name, NOON)
        transaction.set_rollback(True)
