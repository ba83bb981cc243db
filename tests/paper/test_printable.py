"""Text on paper: nothing vanishes, nothing is undrawable, nothing reorders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import stormlamp.paper
from stormlamp.paper.presenters import LABELS, labels
from stormlamp.paper.rules import Language
from stormlamp.paper.wire.coverage import covered
from stormlamp.paper.wire.printable import printable, shortened

FONTS = Path(stormlamp.paper.__file__).parent / "fonts"
LATIN = frozenset(range(32, 127)) | frozenset(map(ord, "éèüßñ"))
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)))


@given(PLAIN)
def test_what_is_printed_can_be_drawn(text):
    shown, _ = printable(text, LATIN)
    assert all(ord(char) in LATIN or char in "\n\u200b\u200c\u200d\u00ad…" for char in shown)


@given(PLAIN)
def test_a_text_is_marked_exactly_when_a_character_was_named(text):
    shown, marked = printable(text, LATIN)
    assert marked == ("[U+" in shown and "[U+" not in text) or "[U+" in text


@given(st.text(st.sampled_from("abc é\n"), max_size=200))
def test_drawable_text_keeps_every_letter(text):
    shown, marked = printable(text, LATIN)
    assert not marked
    assert shown.replace("\u200b", "") == text


def test_half_a_surrogate_pair_is_named():
    assert printable("a\ud800b", LATIN) == ("a[U+D800]b", True)


@pytest.mark.parametrize("length", [10, 399, 400, 401, 5000])
def test_a_cut_text_says_how_much_is_missing(length):
    shown = shortened("x" * length, 400, "{count} more")
    assert shown == ("x" * length if length <= 400 else "x" * 400 + f" … ({length - 400} more)")


def test_the_fonts_cover_what_charts_write():
    points = frozenset().union(*(covered(path.read_bytes()) for path in FONTS.glob("*.ttf")))
    wanted = "ABCxyz0123456789 éèêëçàùœæßäöüÄÖÜŁłđøåñčžşğİ €§°µ·–—…±×÷≤≥≈≠→←↑↓½²³⁹₂‰Ωαβγ ◆●▲✓☐ Ж щ Ω"
    assert {char for char in wanted if ord(char) not in points} == set()


def test_a_file_that_is_no_font_is_refused():
    with pytest.raises(ValueError, match="cmap"):
        covered(bytes(64))


@pytest.mark.parametrize("language", list(Language))
def test_each_language_has_every_label_with_its_named_parts(language):
    for key, words in labels(language).items():
        assert words
        assert all((part in words) == (part in LABELS[key]) for part in ("{page}", "{pages}", "{count}"))
