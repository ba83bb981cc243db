import datetime as dt
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stormlamp.drills.rules import Kind
from stormlamp.drills.rules.people import niss, niss_is_whole
from tests.drills.story import lived_week

births = st.dates(min_value=dt.date(1915, 1, 1), max_value=dt.date(2026, 12, 31))


@given(born=births, sequence=st.integers(min_value=1, max_value=997))
def test_a_number_has_right_check_digits_and_a_month_that_nobody_was_born_in(born, sequence):
    number = niss(born, sequence)

    assert len(number) == 11
    assert niss_is_whole(number)
    assert 61 <= int(number[2:4]) <= 72


@given(born=births, sequence=st.integers(min_value=1, max_value=997), at=st.integers(0, 8), by=st.integers(1, 9))
def test_a_wrong_digit_shows_for_the_century_it_was_made_for(born, sequence, at, by):
    number = niss(born, sequence)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    century = "2" if born.year >= 2000 else ""

    assert 97 - int(century + wrong[:9]) % 97 != int(wrong[9:])


def test_the_people_speak_four_languages_and_have_real_accents():
    opening, _ = lived_week()
    people = [one.visit.person for one in opening if one.kind == Kind.ADMITTED]
    languages = Counter(person.language for person in people)
    letters = {letter for person in people for letter in person.family + person.given}

    assert languages.keys() == {"fr", "nl", "de", "en"}
    assert min(languages.values()) > 8
    assert len({letter for letter in letters if ord(letter) > 127}) > 15
    assert len({person.number for person in people}) == len(people)


def test_wards_get_people_of_their_age():
    opening, _ = lived_week()
    ages = {"1A": (74, 99), "5A": (18, 44), "5B": (0, 15), "5N": (0, 1)}
    for one in opening:
        if one.kind == Kind.ADMITTED and one.visit.ward in ages:
            low, high = ages[one.visit.ward]
            assert low <= (dt.date(2026, 1, 12) - one.visit.person.birth_date).days / 365.25 <= high
