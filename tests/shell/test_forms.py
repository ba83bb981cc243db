"""What a ward types, and what an act gets."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import parse_iso
from stormlamp.shell import forms


class Typed(forms.Form):
    once = forms.OnceField()
    born = forms.DayField()
    at = forms.MomentField(required=False)
    word = forms.TypedWordField("OUTAGE", required=False)


@pytest.mark.parametrize("typed", ["12.03.1951", "12/3/1951", "12-03-1951", "12031951", "1951-03-12", " 12.3.1951 "])
def test_a_day_is_read_as_wards_write_it(typed):
    assert forms.DayField().clean(typed) == dt.date(1951, 3, 12)


@pytest.mark.parametrize("typed", ["12.03.51", "31.02.1951", "1951", "x", "13.13.2026", "٣.03.1951x"])
def test_a_day_that_is_none_is_sent_back(typed):
    with pytest.raises(forms.forms.ValidationError):
        forms.DayField().clean(typed)


@given(st.dates(dt.date(1890, 1, 1), dt.date(2100, 1, 1)))
def test_a_day_reads_back_as_it_is_shown(day):
    field = forms.DayField()

    assert field.clean(field.prepare_value(day)) == day


@pytest.mark.parametrize("typed", ["13.01.2026 06:32", "13/1/2026 6:32", "2026-01-13T06:32", "13.01.2026 06h32", "13.01.2026 0632"])
def test_a_moment_is_read_in_the_hospital_s_zone(typed):
    assert forms.MomentField().clean(typed) == parse_iso("2026-01-13T05:32:00Z")


def test_a_moment_reads_back_as_it_is_shown():
    field = forms.MomentField()

    assert field.prepare_value(parse_iso("2026-07-01T22:05:00Z")) == "02.07.2026 00:05"


def test_each_blank_form_has_a_new_once_key_and_keeps_it_when_sent_back():
    first, second = Typed(), Typed()
    sent = Typed({"once": first["once"].value(), "born": "x"})

    assert first["once"].value() != second["once"].value()
    assert sent["once"].value() == first["once"].value()


def test_a_word_must_be_typed_as_it_stands():
    sent = {"once": forms.new_id(), "born": "12.03.1951"}

    assert Typed({**sent, "word": "outage "}).is_valid()
    assert not Typed({**sent, "word": "outag"}).is_valid()
    assert not Typed(sent).is_valid()


def test_the_answers_are_what_an_act_takes():
    once = forms.new_id()
    form = Typed({"once": once, "born": "12.03.1951", "word": "OUTAGE"})

    assert form.is_valid()
    assert form.answers() == {"once": once, "born": dt.date(1951, 3, 12), "at": None, "word": "OUTAGE"}
