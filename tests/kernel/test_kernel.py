import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import patient_id
from stormlamp.kernel.moments import Moment, iso, moment, parse_iso, to_datetime

moments = st.integers(min_value=-(10**15), max_value=4 * 10**15).map(Moment)


@given(moments)
def test_a_moment_survives_the_way_through_text_and_datetime(at):
    assert parse_iso(iso(at)) == at
    assert moment(to_datetime(at)) == at


def test_a_time_without_a_zone_is_no_moment():
    with pytest.raises(ValueError, match="zone"):
        moment(dt.datetime(2026, 1, 13, 6, 32))  # noqa: DTZ001 - the point of the test


def test_the_same_number_from_two_authorities_is_two_patients():
    assert patient_id("NORTH", "4711") != patient_id("SOUTH", "4711")
    assert patient_id("NORTH", "4711") == patient_id("NORTH", "4711")


def test_the_border_between_authority_and_number_matters():
    assert patient_id("A", "B|1") != patient_id("A|B", "1")


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_patients_id_is_the_uuid_of_version_5(authority, number):
    namespace = uuid.UUID("6f0c1c4e-5d0a-5f86-9a55-7d3b3c0f2a11")
    assert patient_id(authority, number) == str(uuid.uuid5(namespace, f"{len(authority)}:{authority}|{number}"))
