"""A printed ward pack, read back as a nurse and a scanner would."""

import multiprocessing
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.refusals import Trouble
from stormlamp.paper import print_pack, print_packs
from stormlamp.paper.presenters import labels, likely_pages
from stormlamp.paper.rules import BandKind, Dose, DoseState, Language, Note, WardPack
from tests.paper import made_up
from tests.paper.reading import codes_on, contrast, flat, grey, millimetres, words_of

BAND = {"top": 10.5, "bottom": 18, "left": 26, "right": 184}


@pytest.fixture(scope="module")
def ward() -> bytes:
    return print_pack(made_up.ward_pack(30))


def one_patient(**more: object) -> WardPack:
    return WardPack(frame=made_up.frame(**more), summaries=(made_up.summary(0),))


def test_every_page_says_the_band_its_number_its_code_and_its_checkpoint(ward):
    pages = words_of(ward)
    assert len(pages) > 60
    for number, words in enumerate(pages, start=1):
        assert "OUTAGE since Tue 13 Jan 06:32" in words
        assert f"SL1:7K3F9Q2M:{number}\r" in words + "\r"
        assert "Printed Tue 13 Jan 2026 09:44" in words
        assert "Data as of Tue 13 Jan 06:31" in words
        assert "hub-1/acts 48213" in words


def test_pages_are_counted_per_sheet_and_the_count_closes(ward):
    said = [words.split("Page ")[1].split("\r")[0].split(" of ") for words in words_of(ward)]
    expected: list[list[str]] = []
    while len(expected) < len(said):
        pages = int(said[len(expected)][1])
        expected += [[str(page), str(pages)] for page in range(1, pages + 1)]
    assert said == expected


def test_every_patient_page_names_its_patient_in_header_or_footer():
    crowded = replace(made_up.summary(0, drugs=60, results=40), identity=made_up.identity(0))
    pages = words_of(print_pack(WardPack(frame=made_up.frame(), summaries=(crowded,))))
    assert len(pages) > 1
    assert all("3B-01 · JANSSENS Marie · F · born 01.01.1934 · MRN 4711" in words for words in pages)


@pytest.mark.parametrize("dpi", [150, 300])
def test_a_scanner_reads_the_page_code_and_the_wristband_back(dpi):
    pdf = print_pack(made_up.ward_pack(2))
    for page, words in enumerate(words_of(pdf)):
        found = codes_on(pdf, page, dpi)
        assert f"SL1:7K3F9Q2M:{page + 1}" in found
        if "Patient summary" in words:
            assert found & {"4711", "4724"}


def test_strings_are_printed_letter_by_letter_and_never_run():
    pages = "\n".join(words_of(print_pack(made_up.ward_pack(30))))
    assert made_up.HOSTILE[0] in pages
    assert "{{ x }}" in pages
    assert "&amp;" in pages
    assert "≥ → ◆" in pages


def test_a_character_that_no_font_has_is_named_and_the_sheet_says_so():
    shown = print_pack(WardPack(frame=made_up.frame(), summaries=(made_up.summary(19), made_up.summary(0))))
    odd, plain = words_of(shown)
    assert "[U+674E U+5C0F U+9F99] [U+1F691] Bruce" in odd
    assert "[U+…] stands for" in odd
    assert "[U+…]" not in plain


def test_marks_that_reorder_a_line_are_named_too():
    (words,) = words_of(print_pack(WardPack(frame=made_up.frame(), summaries=(made_up.summary(24),))))
    assert "SMITH[U+202E]evil[U+202C]" in words
    assert "[U+0007 U+FEFF]" in words


def test_absence_is_said_in_the_words_given():
    stated, never, until = words_of(
        print_pack(WardPack(frame=made_up.frame(), summaries=tuple(made_up.summary(n) for n in (1, 2, 3))))
    )
    assert "None, stated by the source · EHR feed" in stated
    assert "never received" in never
    assert "received until 04:10 · 5 h 34 old" in until


def test_every_page_of_a_medication_sheet_repeats_the_allergies_and_the_hours():
    pages = words_of(print_pack(WardPack(frame=made_up.frame(), medications=(made_up.medication_sheet(0, drugs=30),))))
    assert len(pages) >= 3
    for words in pages:
        assert "ALLERGIES: Penicillin · anaphylaxis · severe; Latex · contact rash" in words
        assert "Tue 13 Jan" in words
        assert "Next due" in words


def test_rows_are_never_split_between_pages():
    pack = WardPack(frame=made_up.frame(), census=made_up.census(60), handover=made_up.handover(60))
    pages = words_of(print_pack(pack))
    assert len(pages) > 6
    for words in pages:
        first_lines, last_lines = words.count("MRN "), words.count("Dr A. Verhaegen") + words.count("Next:")
        assert first_lines == last_lines


def test_sixty_drugs_and_a_note_of_pages_lose_nothing():
    long_note = "\n".join(f"line {number} of the note" for number in range(400))
    part = made_up.summary(0, drugs=60)
    part = replace(part, notes=replace(part.notes, rows=(Note(title="Long", text=long_note),)))
    pack = WardPack(frame=made_up.frame(), summaries=(part,))
    pages = words_of(print_pack(pack))
    assert len(pages) > likely_pages(pack), "the page codes were guessed too few and made again"
    joined = "\n".join(pages)
    assert all(f"line {number} of the note" in joined for number in range(400))
    assert joined.count("Furosemide") == 7


def test_what_does_not_fit_a_row_is_cut_where_everybody_sees_it():
    census = replace(made_up.census(1), rows=(replace(made_up.census(1).rows[0], diagnosis="word " * 1000),))
    assert "more characters: see the chart" in flat(print_pack(WardPack(frame=made_up.frame(), census=census)))


def test_an_allergy_list_is_never_cut():
    part = made_up.summary(0)
    rows = tuple(replace(part.allergies.rows[0], substance=f"substance {number}", reaction="r" * 700) for number in range(20))
    pages = "\n".join(
        words_of(
            print_pack(WardPack(frame=made_up.frame(), summaries=(replace(part, allergies=replace(part.allergies, rows=rows)),)))
        )
    )
    assert all(f"substance {number}" in pages for number in range(20))
    assert "more characters" not in pages


def test_a_dose_outside_the_grid_is_refused_rather_than_lost():
    sheet = made_up.medication_sheet(0)
    stray = replace(sheet.medications.rows[0], doses=(Dose(column=24, state=DoseState.DUE),))
    with pytest.raises(ValueError, match="outside the grid"):
        replace(sheet, medications=replace(sheet.medications, rows=(stray,)))


@pytest.mark.parametrize("language", list(Language))
def test_a_pack_speaks_each_language(language):
    joined = flat(print_pack(made_up.ward_pack(3, language=language)))
    words = labels(language)
    for key in ("census", "handover", "summary", "medication_sheet", "problems", "results", "next_due", "checkpoint", "pen"):
        assert words[key] in joined, key


@pytest.mark.parametrize("kind", list(BandKind))
def test_the_band_reads_in_black_and_white(kind):
    pdf = print_pack(one_patient(kind=kind))
    band = millimetres(grey(pdf), **BAND)
    levels = Counter(level for row in band for level in row)
    ground = levels.most_common(1)[0][0]
    ink = max(levels, key=lambda level: contrast(level, ground))
    assert contrast(ink, ground) >= 7
    assert made_up.BANDS[kind][:12] in words_of(pdf)[0]


def test_the_bands_differ_without_colour():
    edges = {}
    for kind in BandKind:
        band = millimetres(
            grey(print_pack(one_patient(kind=kind, band="the same words"))), top=10.5, bottom=18, left=10.2, right=22
        )
        edges[kind] = tuple(bytes(255 if level > 128 else 0 for level in row) for row in band)
    assert len(set(edges.values())) == len(BandKind)


def test_an_exercise_is_written_across_the_page_in_the_language_of_the_reader():
    assert "EXERCICE" in words_of(print_pack(one_patient(kind=BandKind.REHEARSAL, language=Language.FRENCH)))[0]


def test_nothing_stands_in_the_outer_nine_millimetres(ward):
    for page in (0, 2, 8, -1 + len(words_of(ward))):
        rows = grey(ward, page, 100)
        dots = int(9 * 100 / 25.4)
        edge = [*rows[:dots], *rows[-dots:], *(row[:dots] for row in rows), *(row[-dots:] for row in rows)]
        assert all(set(row) == {255} for row in edge)


def test_handwriting_lines_stand_eight_millimetres_apart():
    pdf = print_pack(WardPack(frame=made_up.frame(), handover=made_up.handover(3)))
    column = millimetres(grey(pdf, dpi=300), top=30, bottom=110, left=120, right=190, dpi=300)
    ruled = [number for number, row in enumerate(column) if sum(level < 200 for level in row) > 0.95 * len(row)]
    lines = [number for number, before in zip(ruled, [-9, *ruled], strict=False) if number - before > 3]
    gaps = [after - before for before, after in pairwise(lines)]
    assert sum(abs(gap - 8 * 300 / 25.4) < 2.5 for gap in gaps) >= 3


def test_the_same_pack_gives_the_same_bytes():
    assert print_pack(made_up.ward_pack(3)) == print_pack(made_up.ward_pack(3))


def test_many_wards_come_in_order_with_the_bytes_that_one_process_makes():
    packs = [replace(one_patient(), frame=made_up.frame(ward=f"Ward {number}", pack=f"P{number}")) for number in range(10)]
    printed = list(print_packs(iter(packs)))
    assert [ward for ward, _ in printed] == [pack.frame.ward for pack in packs]
    assert printed[7][1] == print_pack(packs[7])


def test_a_printing_process_that_dies_is_trouble_worth_a_second_try():
    packs = [replace(one_patient(), frame=made_up.frame(ward=f"Ward {number}")) for number in range(8)]
    printing = print_packs(packs)
    next(printing)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(Trouble) as trouble:
        list(printing)
    assert trouble.value.retry


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
@example("ع\u0301\u0e31b\u20dd")
@example("\U0001f468\u200d\U0001f469\u200d\U0001f467 \ufffe\uffff\ue000")
def test_any_name_at_all_prints(name):
    part = made_up.summary(0)
    nameless = replace(part, identity=replace(part.identity, name=name, code=name))
    assert print_pack(WardPack(frame=made_up.frame(), summaries=(nameless,)))


def test_a_patient_without_a_name_is_said_to_have_none():
    part = made_up.summary(0)
    nameless = replace(part, identity=replace(part.identity, name=" \u200b"))
    assert "no name received" in flat(print_pack(WardPack(frame=made_up.frame(), summaries=(nameless,))))


def test_packs_are_taken_only_as_fast_as_they_print():
    taken = []

    def wards():
        for number in range(100):
            taken.append(number)
            yield replace(one_patient(), frame=made_up.frame(ward=f"Ward {number}"))

    first, _ = next(print_packs(wards()))
    assert first == "Ward 0"
    assert len(taken) <= 8


def test_a_sheet_alone_prints_alone():
    assert len(words_of(print_pack(WardPack(frame=made_up.frame(), census=made_up.census(5))))) == 1
