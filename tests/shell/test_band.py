"""The band's words: the same on screen, paper, telephone and in the API."""

import pytest

from stormlamp.kernel.moments import HOUR, MINUTE, SECOND, Moment, parse_iso
from stormlamp.shell import band
from stormlamp.shell.words import LANGUAGES, NO_BREAK, speaking
from tests.shell import gallery

NOW = parse_iso("2026-01-13T08:44:00Z")
SINCE = Moment(NOW - 3 * HOUR - 12 * MINUTE)


def text(shown: band.Band) -> str:
    return shown.text.replace(NO_BREAK, " ")


def test_a_current_mirror_says_how_old_it_is():
    assert text(band.normal(as_of=Moment(NOW - 4 * SECOND), now=NOW)) == "Mirror current, 4 s old"


def test_an_outage_says_since_when_how_old_the_data_is_and_what_waits():
    shown = band.outage(since=SINCE, now=NOW, as_of=Moment(SINCE - MINUTE), new_entries=14, to_hand_back=14)

    assert text(shown) == (
        "OUTAGE since Tue 13 Jan 06:32 (3 h 12) · patient data as of 06:31 · 14 new entries kept here · 14 to hand back"
    )


def test_an_exercise_on_a_scaled_clock_says_both():
    shown = band.rehearsal(since=None, now=NOW, as_of=None, clock_speed=120)

    assert text(shown) == (
        "EXERCISE · no real patients, nothing leaves this copy · no patient data received · Clock runs 120 times real time"
    )


def test_a_stale_copy_shouts_its_age():
    assert text(band.stale(as_of=Moment(NOW - 41 * MINUTE), now=NOW)).startswith("THIS COPY IS 41 MIN OLD")


def test_reads_that_could_not_be_recorded_are_part_of_the_band():
    shown = band.Band(kind=band.BandKind.OUTAGE, headline="OUTAGE", unwritten_looks=3)

    assert "3 reads of patient data could not be recorded" in shown.text


def test_without_a_composer_the_state_is_unknown(settings):
    settings.STORMLAMP_BAND = None

    assert band.compose(None, NOW).kind == band.BandKind.UNKNOWN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_band_has_words_in_every_language(language):
    with speaking("en"):
        english = gallery.bands()
    with speaking(language):
        for kind, shown in gallery.bands().items():
            if language != "en" and kind != "unwritten":
                assert shown.headline != english[kind].headline
