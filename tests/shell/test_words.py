"""Moments, ages, names and numbers, as a reader of each language sees them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from stormlamp.kernel.moments import DAY, HOUR, MINUTE, SECOND, Moment, parse_iso
from stormlamp.kernel.refusals import NotAllowed, Refusal
from stormlamp.shell import catalogues, words
from stormlamp.shell.words import speaking

MORNING = parse_iso("2026-01-13T05:32:10Z")


def plain(text: str) -> str:
    return text.replace(words.NO_BREAK, " ").replace(words.THIN, " ")


@pytest.mark.parametrize(
    ("language", "full", "long"),
    [
        ("en", "Tue 13 Jan 06:32", "Tuesday 13 January 2026 06:32"),
        ("fr", "mar. 13 janv. 06:32", "mardi 13 janvier 2026 06:32"),
        ("nl", "di 13 jan 06:32", "dinsdag 13 januari 2026 06:32"),
        ("de", "Di. 13. Jan. 06:32", "Dienstag 13. Januar 2026 06:32"),
    ],
)
def test_a_moment_shows_in_the_hospital_s_zone_and_the_reader_s_language(language, full, long):
    with speaking(language):
        assert plain(words.when(MORNING)) == full
        assert plain(words.when(MORNING, "long")) == long
        assert words.when(MORNING, "time") == "06:32"
        assert plain(words.when(MORNING, "stamp")) == "13.01.2026 06:32"


def test_a_moment_nearby_leaves_out_what_everybody_knows():
    assert words.when_near(MORNING, Moment(MORNING + HOUR)) == "06:32"
    assert plain(words.when_near(MORNING, Moment(MORNING + DAY))) == "Tue 13 Jan 06:32"
    assert plain(words.when_near(MORNING, Moment(MORNING + 400 * DAY))) == "13.01.2026 06:32"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (0, "0 s"), (4 * SECOND, "4 s"), (59 * SECOND, "59 s"), (41 * MINUTE, "41 min"), (3 * HOUR + 12 * MINUTE, "3 h 12"),
        (23 * HOUR + 59 * MINUTE, "23 h 59"), (2 * DAY + 4 * HOUR, "2 d 4 h"), (-SECOND, "0 s"),
    ],
)  # fmt: skip
def test_an_age_is_said_in_its_largest_unit(span, said):
    assert plain(words.age(MORNING, Moment(MORNING + span))) == said


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("1951-03-12", "12.03.1951 (74 y)"), ("2026-01-10", "10.01.2026 (3 d)"), ("2025-06-13", "13.06.2025 (7 m)"),
        ("1951-03", "03.1951"), ("1951", "1951"), ("", "birth date not known"), (None, "birth date not known"),
        (dt.date(2027, 1, 1), "01.01.2027"),
    ],
)  # fmt: skip
def test_a_birth_date_comes_with_the_age_and_a_partial_one_stays_partial(born, said):
    assert plain(words.birth_date(born, MORNING)) == said


@given(st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 36000))
def test_nobody_ages_before_the_birthday(born, days):
    on = born + dt.timedelta(days=days)
    years = words.years_old(born, on)

    assert born.year + years <= on.year
    assert (born.month, born.day) <= (on.month, on.day) or years < on.year - born.year


def test_a_name_is_the_family_in_capitals_then_the_given_name():
    assert words.person_name("Janssens", "Marie") == "JANSSENS Marie"
    assert words.person_name("Łukaszewski", None) == "ŁUKASZEWSKI"
    assert words.person_name("", " ") == "name not known"


def test_numbers_keep_their_decimals_and_take_the_reader_s_sign():
    assert plain(words.number("12345.60")) == "12 345.60"
    with speaking("fr"):
        assert plain(words.number("12345.60")) == "12 345,60"
        assert plain(words.percent(0.125, 1)) == "12,5 %"
    assert words.number(-3) == "−3"
    assert words.number(None) == "–"


@given(st.integers(-(10**12), 10**12))
def test_a_whole_number_reads_back(value):
    assert int(plain(words.number(value)).replace(" ", "").replace("−", "-")) == value


def test_facts_are_filled_in_and_shaped():
    said = words.gettext("{bed} since {at:time}, {who:list}", bed="12", at=MORNING, who=["a", "b"])

    assert said == "12 since 06:32, a and b"


def test_markup_among_the_facts_never_lets_the_others_through():
    said = words.gettext("{a} & {b}", a=Markup("<b>x</b>"), b="<script>")

    assert said == "<b>x</b> &amp; &lt;script&gt;"


def test_a_message_is_said_in_the_language_that_is_active_when_it_shows():
    late = words.lazy("Find a patient")

    with speaking("nl"):
        assert str(late) == "Patiënt zoeken"
    with speaking("de"):
        assert str(late) == "Patienten suchen"


@pytest.mark.parametrize(("count", "said"), [(0, "0 nouvelle saisie gardée ici"), (2, "2 nouvelles saisies gardées ici")])
def test_counts_follow_the_plural_rules_of_the_language(count, said):
    with speaking("fr"):
        assert words.ngettext("{n} new entry kept here", "{n} new entries kept here", count) == said


def test_a_refusal_is_said_in_words_and_one_without_words_by_its_code():
    class Odd(Refusal):
        code = "shell.odd-in-a-test"

    with speaking("de"):
        assert words.sentence(NotAllowed()).startswith("Ihre Rolle")
    assert words.sentence(Odd()) == "This was refused (shell.odd-in-a-test)."


@pytest.mark.parametrize("language", ["fr", "nl", "de"])
def test_every_room_s_translations_are_read_and_shell_s_words_hold(language):
    files = catalogues.catalogue_files(language)
    shell = catalogues.HOUSE / "shell" / "locale" / f"{language}.po"
    own = {message.id: message.string for message in catalogues.read_catalogue(shell, language) if message.id}
    said = catalogues.translations(language)

    assert files[0] == shell
    for path in files:
        for message in catalogues.read_catalogue(path, language):
            if isinstance(message.id, str) and message.id and message.string and not message.context:
                assert message.id in own or said._catalog.get(message.id), path
                assert message.id not in own or said.gettext(message.id) == own[message.id]
    assert said.gettext("Find a patient") != "Find a patient"


def test_missing_entries_are_added_once_and_nothing_is_lost(tmp_path):
    room = tmp_path / "planted"
    (room / "templates").mkdir(parents=True)
    (room / "templates" / "x.html").write_text('{{ _("A planted sentence") }} {{ ngettext("{n} cat", "{n} cats", 2) }}')

    assert catalogues.add_missing(room, "fr") == 2
    first = (room / "locale" / "fr.po").read_bytes()
    catalogues.add_missing(room, "fr")
    assert (room / "locale" / "fr.po").read_bytes() == first
    assert len(catalogues.untranslated(room, "fr")) == 2
