"""What people write during an outage, and what the acts refuse."""

import pytest

from stormlamp.charts import actions, facts, queries
from stormlamp.charts.actions import refusals
from stormlamp.charts.queries import people, places
from stormlamp.charts.queries.finding import by_number, find
from stormlamp.charts.rules import (
    Admission,
    Allergy,
    Consciousness,
    Dose,
    EntryKind,
    FlagKind,
    Leaving,
    Note,
    NoteKind,
    Sex,
    Vitals,
)
from stormlamp.kernel.identifiers import PatientId, new_id
from stormlamp.kernel.moments import DAY, HOUR, MINUTE
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from stormlamp.numbers import actions as numbers
from stormlamp.numbers.queries import allotment
from stormlamp.numbers.rules import NumberKind, number_text, numbers_from, read_number
from tests.charts.ward import (
    BEN,
    JOZEF,
    LEAD,
    MARIE,
    MORNING,
    NORA,
    a_ward,
    admitted,
    an_outage,
    ended,
    results,
    unknown_man,
)
from tests.makers import NOON, actor, after, an_actor

pytestmark = pytest.mark.django_db


def note(text="slept well", by=NORA, at=NOON, patient=MARIE, **more):
    told = Note(kind=NoteKind.NURSING, text=text, language="nl")
    return actions.write_note(by, at, entry=new_id(), patient=patient, occurred_at=more.pop("occurred_at", at), note=told, **more)


def vitals(by=NORA, at=NOON, patient=MARIE, although="", **values):
    return actions.chart_vitals(by, at, entry=new_id(), patient=patient, measured_at=at, vitals=Vitals(**values), although=although)


def dose(by=NORA, at=NOON, drug="furosemide", although="", **more):
    told = Dose(drug=drug, value="40", unit="mg", route="oral", **more)
    return actions.chart_dose(by, at, entry=new_id(), patient=MARIE, given_at=at, dose=told, although=although)


def move(patient=MARIE, bed="14", ward="3B", by=NORA, at=NOON, **more):
    return actions.move_patient(by, at, entry=new_id(), patient=patient, ward=ward, bed=bed, moved_at=at, **more)


@pytest.fixture
def outage(home):
    a_ward()
    return an_outage()


class TestWhatMayBeWritten:
    def test_a_class_whose_system_is_up_is_read_only_here(self, home):
        a_ward()
        for write in (note, dose, lambda: vitals(pulse_per_min=80), move):
            with pytest.raises(refusals.ReadOnlyHere):
                write()
        an_outage(services=("medication",))
        assert dose().outage
        with pytest.raises(refusals.ReadOnlyHere):
            note()

    def test_an_outage_of_another_ward_opens_nothing_here(self, home):
        a_ward()
        an_outage(wards=("3A",))
        with pytest.raises(refusals.ReadOnlyHere):
            note()

    def test_what_happened_in_the_outage_is_still_written_after_its_end(self, outage):
        ended(outage, at=after(NOON, HOUR))
        late = after(NOON, 3 * HOUR)
        with pytest.raises(refusals.ReadOnlyHere):
            note(at=late)
        told = note("from the sheet", at=late, occurred_at=NOON)
        assert (told.outage, told.occurred_at) == (outage, NOON)
        assert queries.entries_of_outage(outage)[0].written_at == late

    def test_a_right_is_needed(self, outage):
        with pytest.raises(NotAllowed):
            note(by=an_actor("charts.read"))

    def test_nobody_writes_for_a_patient_who_does_not_exist(self, outage):
        with pytest.raises(refusals.NoSuchPatient):
            note(patient=PatientId("nobody"))

    def test_a_refused_entry_leaves_nothing_in_the_chart(self, outage):
        with pytest.raises(refusals.NothingSaid):
            note("  ")
        assert queries.entries_of_outage(outage) == ()


class TestDoubt:
    def test_an_odd_value_asks_for_a_reason_and_stays_marked(self, outage):
        with pytest.raises(refusals.Doubtful) as refusal:
            vitals(temperature_c=42.6, pulse_per_min=80)
        assert refusal.value.facts == {"doubts": ("temperature_c",)}
        vitals(temperature_c=42.6, although="measured twice, heat stroke")
        (entry,) = queries.entries_of_outage(outage)
        assert (entry.doubts, entry.although) == (("temperature_c",), "measured twice, heat stroke")

    def test_what_no_instrument_shows_is_asked_for_again(self, outage):
        with pytest.raises(refusals.Impossible):
            vitals(temperature_c=376, although="sure")

    def test_the_future_asks_for_a_reason_and_a_sound_entry_keeps_none(self, outage):
        with pytest.raises(refusals.Doubtful):
            note(occurred_at=after(NOON, HOUR))
        assert note(occurred_at=after(NOON, HOUR), although="clock is wrong").doubts == ("in-the-future",)
        assert note(although="no need").although == ""

    def test_a_dose_is_recorded_even_when_it_should_not_have_been_given(self, outage):
        dose(drug="amoxicillin")
        (entry,) = queries.entries_of_outage(outage)
        assert entry.body == Dose(drug="amoxicillin", value="40", unit="mg", route="oral")

    def test_an_omitted_dose_needs_its_reason(self, outage):
        with pytest.raises(refusals.ReasonMissing):
            dose(given=False)
        assert not dose(given=False, omitted_because="systolic 84").body.given


class TestEntries:
    def test_entries_of_an_outage_come_per_patient_in_the_order_in_which_things_happened(self, outage):
        note("second", at=after(NOON, HOUR), occurred_at=after(NOON, 30 * MINUTE))
        note("other", patient=JOZEF)
        note("first", at=after(NOON, 2 * HOUR), occurred_at=NOON)
        told = queries.entries_of_outage(outage)
        assert [one.patient for one in told] == sorted(one.patient for one in told)
        assert [one.body.text for one in told if one.patient == MARIE] == ["first", "second"]
        assert {one.record_class for one in told} == {"note"}
        assert (told[0].author, told[0].author_name, told[0].ward) == ("nora", "Nora Peeters", "3B")

    def test_two_people_who_write_at_once_both_keep_their_words(self, outage):
        note("awake")
        note("asleep", by=BEN)
        assert {one.body.text for one in queries.entries_of((MARIE,))} == {"awake", "asleep"}

    def test_the_same_form_sent_twice_is_one_entry(self, outage):
        told = Note(kind=NoteKind.NURSING, text="once")
        for _ in range(2):
            actions.write_note(NORA, NOON, entry="form", patient=MARIE, occurred_at=NOON, note=told, once="form")
        assert len(queries.entries_of((MARIE,))) == 1

    def test_a_struck_entry_stays_readable_with_who_struck_it_and_why(self, outage):
        told = note("wrong patient")
        with pytest.raises(refusals.ReasonMissing):
            actions.strike_entry(BEN, NOON, entry=told.entry, reason=" ")
        actions.strike_entry(BEN, after(NOON, MINUTE), entry=told.entry, reason="was for bed 11")
        (entry,) = queries.entries_of_outage(outage)
        assert entry.body.text == "wrong patient"
        assert entry.struck is not None
        assert (entry.struck.author_name, entry.struck.reason) == ("Ben Claes", "was for bed 11")
        with pytest.raises(refusals.AlreadyStruck):
            actions.strike_entry(NORA, NOON, entry=told.entry, reason="again")

    def test_entries_between_two_moments_go_by_when_they_were_written(self, outage):
        note(at=NOON)
        note(at=after(NOON, HOUR))
        assert len(queries.entries_between(NOON, after(NOON, HOUR))) == 1


def numbers_of_sheet(key):
    out = allotment(key)
    return list(numbers_from(out.kind, out.block, out.first, out.count, exercise=out.exercise))


class TestRegistering:
    def test_numbers_count_up_and_are_found_however_typed(self, outage):
        told = [unknown_man() for _ in range(3)]
        numbers = [one.downtime_numbers[0] for one in told]
        first = read_number(numbers[0])
        assert first.kind == NumberKind.PATIENT
        assert [read_number(number).counter - first.counter for number in numbers] == [0, 1, 2]
        for typed in (numbers[1], numbers[1].lower().replace("-", " ")):
            assert [one.patient for one in find(typed, now=NOON)] == [told[1].patient]
        assert by_number(numbers[2], now=NOON)[0].number == numbers[2]

    def test_a_number_that_somebody_wears_already_from_a_sheet_becomes_theirs(self, outage):
        numbers.allot_numbers(actor("nurse"), MORNING, allotment="s", kind=NumberKind.PATIENT, count=24, ward="3B")
        out = numbers_of_sheet("s")
        worn = unknown_man(number=out[5].lower().replace("-", ""))
        assert worn.downtime_numbers == (out[5],)
        assert [one.patient for one in find(out[5], now=NOON)] == [worn.patient]
        with pytest.raises(numbers.NumberTaken):
            unknown_man(number=out[5])
        with pytest.raises(numbers.Mistyped):
            unknown_man(number=out[6][:-1] + out[7][-1])
        assert unknown_man().downtime_numbers[0] not in out

    def test_a_worn_number_that_nobody_knows_to_be_out_needs_a_reason_and_keeps_the_doubt(self, outage):
        stray = number_text(NumberKind.PATIENT, 77, 5)
        with pytest.raises(refusals.Doubtful) as refused:
            unknown_man(number=stray)
        assert refused.value.facts["doubts"] == (numbers.NEVER_ALLOTTED,)
        told = unknown_man(number=stray, although="sheet of ward 5, which is cut off")
        assert told.registered.doubts == (numbers.NEVER_ALLOTTED,)
        with pytest.raises(numbers.AnotherKind):
            unknown_man(number=number_text(NumberKind.SPECIMEN, 77, 5))

    def test_every_stay_has_a_number_of_its_own_by_which_its_patient_is_found(self, outage):
        told = unknown_man(to=Admission(ward="3B", bed="13"))
        (stay,) = queries.entries_of([told.patient], EntryKind.ADMISSION)
        assert read_number(stay.body.visit).kind == NumberKind.VISIT
        assert [one.patient for one in find(stay.body.visit, now=NOON)] == [told.patient]
        actions.discharge_patient(NORA, NOON, entry=new_id(), patient=told.patient, to=Leaving.HOME, left_at=NOON)
        again = after(NOON, MINUTE)
        bed = Admission(ward="3B", bed="13")
        actions.admit_patient(NORA, again, entry=new_id(), patient=told.patient, to=bed, admitted_at=again)
        assert len({one.body.visit for one in queries.entries_of([told.patient], EntryKind.ADMISSION)}) == 2

    def test_an_unknown_patient_has_an_alias_and_an_age_from_to_and_no_birth_date(self, outage):
        found = unknown_man()
        assert found.alias
        assert (found.birth_date, found.age_from, found.age_to, found.family) == (None, 40, 60, "")
        assert [one.patient for one in find(found.alias, now=NOON)] == [found.patient]
        with pytest.raises(refusals.AgeNotSound):
            actions.register_unknown(NORA, NOON, entry=new_id(), sex=Sex.MALE, age_from=60, age_to=40, occurred_at=NOON)

    def test_somebody_known_is_found_by_name_and_birth_date_and_lies_in_the_bed(self, outage):
        bed = Admission(ward="3B", bed="13")
        actions.register_patient(
            NORA,
            NOON,
            entry=new_id(),
            family="Müller",
            given="Jan",
            birth_date="1969-11-30",
            sex=Sex.MALE,
            occurred_at=NOON,
            to=bed,
        )
        for asked in ("muller", "Mueller jan", "30.11.1969"):
            assert [one.family for one in find(asked, now=NOON)] == ["Müller"]
        (found,) = find("muller", now=NOON)
        assert (found.place.bed, found.place.here, found.present) == ("13", True, True)
        assert [one.place.bed for one in places.census("3B", now=NOON)] == ["11", "12", "13"]

    def test_a_known_patient_needs_a_name(self, outage):
        with pytest.raises(refusals.NameMissing):
            actions.register_patient(NORA, NOON, entry=new_id(), family=" ", occurred_at=NOON)

    def test_twins_are_linked_to_their_mother_by_birth_order(self, outage):
        first = actions.register_newborn(
            NORA, NOON, entry=new_id(), mother=MARIE, born_at=NOON, births=2, sex=Sex.FEMALE, weight_g=2310
        )
        actions.register_newborn(BEN, NOON, entry=new_id(), mother=MARIE, born_at=NOON, birth_order=2, births=2)
        with pytest.raises(refusals.BirthOrderNotSound):
            actions.register_newborn(BEN, NOON, entry=new_id(), mother=MARIE, born_at=NOON, birth_order=2, births=2)
        child = people.who(first[0].patient, now=NOON)
        assert child is not None
        assert child.mother is not None
        assert (child.mother.patient, child.birth_order, child.births, child.birth_date) == (MARIE, 1, 2, "2026-01-13")
        assert child.place.ward == "3B"
        assert len(queries.newborns_of((MARIE,))) == 2

    def test_a_mistaken_registration_leaves_the_lists_once_struck(self, outage):
        found = unknown_man(to=Admission(ward="3B", bed="13"))
        assert found.registered is not None
        actions.strike_entry(NORA, NOON, entry=found.registered.id, reason="was already in")
        assert found.patient not in {one.patient for one in places.census("3B", now=NOON)}
        assert find(found.alias, now=NOON) == ()


class TestStays:
    def test_a_move_into_a_taken_bed_is_refused_and_leaves_nothing(self, outage):
        with pytest.raises(refusals.BedTaken) as refusal:
            move(bed="11")
        assert refusal.value.facts["patients"] == (JOZEF,)
        assert queries.movements() == ()

    def test_two_in_one_bed_are_recorded_with_a_reason_and_shown_as_a_conflict(self, outage):
        assert move(bed="11", although="bed 11 is being swapped").doubts == ("two-in-one-bed",)
        (conflict,) = places.beds_twice(places.census("3B", now=NOON))
        assert (conflict.bed, set(conflict.patients)) == ("11", {MARIE, JOZEF})

    def test_what_was_written_counts_more_than_the_picture_from_before(self, outage):
        move(bed="14")
        found = people.who(MARIE, now=NOON)
        assert found is not None
        assert (found.place.bed, found.place.here) == ("14", True)
        assert found.other_place is not None
        assert found.other_place.bed == "12"

    def test_in_the_outage_a_late_result_does_not_move_anybody_back(self, outage):
        move(bed="14")
        results(("2823-3", "Potassium", "4.0", "mmol/L", "", ""), at=after(NOON, HOUR))
        found = people.who(MARIE, now=after(NOON, 2 * HOUR))
        assert found is not None
        assert found.place.bed == "14"

    def test_after_the_outage_the_ehr_has_the_last_word_and_the_difference_shows(self, outage):
        move(bed="14")
        ended(outage, at=after(NOON, HOUR))
        admitted(bed="15", at=after(NOON, 2 * HOUR))
        found = people.who(MARIE, now=after(NOON, 3 * HOUR))
        assert found is not None
        assert (found.place.bed, found.place.here) == ("15", False)
        assert found.other_place is not None
        assert found.other_place.bed == "14"

    def test_a_stay_of_an_older_outage_does_not_come_back_in_a_new_one(self, outage):
        move(bed="14")
        ended(outage, at=after(NOON, HOUR))
        admitted(bed="15", at=after(NOON, 2 * HOUR))
        an_outage(since=after(NOON, 30 * DAY))
        found = people.who(MARIE, now=after(NOON, 31 * DAY))
        assert found is not None
        assert found.place.bed == "15"

    def test_a_struck_move_puts_the_patient_back(self, outage):
        told = move(bed="14")
        actions.strike_entry(NORA, NOON, entry=told.entry, reason="stayed")
        found = people.who(MARIE, now=NOON)
        assert found is not None
        assert (found.place.bed, found.place.here) == ("12", False)

    def test_the_discharged_leave_the_census_and_may_be_admitted_again(self, outage):
        actions.discharge_patient(NORA, NOON, entry=new_id(), patient=MARIE, to=Leaving.HOME, left_at=NOON)
        assert MARIE not in {one.patient for one in places.census("3B", now=NOON)}
        with pytest.raises(refusals.NotIn):
            move()
        bed = Admission(ward="3A", bed="1")
        actions.admit_patient(NORA, NOON, entry=new_id(), patient=MARIE, to=bed, admitted_at=NOON)
        with pytest.raises(refusals.AlreadyIn):
            actions.admit_patient(NORA, NOON, entry=new_id(), patient=MARIE, to=bed, admitted_at=NOON)
        assert "3A" in places.wards()

    def test_the_dead_keep_their_bed_until_they_leave(self, outage):
        actions.record_death(NORA, NOON, entry=new_id(), patient=MARIE, died_at=NOON, stated_by="Dr Verhaegen")
        found = people.who(MARIE, now=NOON)
        assert found is not None
        assert (found.died_at, found.present, found.place.bed) == (NOON, True, "12")


class TestIdentifying:
    def test_an_identification_takes_two_people_and_joins_the_charts(self, outage):
        unknown = unknown_man()
        note("came with a head wound", patient=unknown.patient)
        actions.propose_identification(NORA, NOON, identification="i", patient=unknown.patient, is_patient=JOZEF, reason="wife")
        with pytest.raises(refusals.NeedsAnotherPerson):
            actions.confirm_identification(NORA, NOON, identification="i")
        assert people.canonical(unknown.patient) == unknown.patient
        actions.confirm_identification(BEN, NOON, identification="i")
        found = people.who(unknown.patient, now=NOON)
        assert found is not None
        assert (found.patient, found.family, found.alias) == (JOZEF, "De Smet", "")
        assert set(found.members) == {JOZEF, unknown.patient}
        assert [one.patient for one in find(unknown.downtime_numbers[0], now=NOON)] == [JOZEF]
        assert [one.body.text for one in queries.entries_of(found.members, EntryKind.NOTE)] == ["came with a head wound"]

    def test_it_can_be_undone_and_each_keeps_what_was_written_for_them(self, outage):
        unknown = unknown_man()
        note("for the unknown", patient=unknown.patient)
        actions.propose_identification(NORA, NOON, identification="i", patient=unknown.patient, is_patient=JOZEF, reason="wife")
        actions.confirm_identification(BEN, NOON, identification="i")
        actions.undo_identification(NORA, NOON, identification="i", reason="his brother")
        found = people.who(unknown.patient, now=NOON)
        assert found is not None
        assert (found.patient, found.alias) == (unknown.patient, unknown.alias)
        assert queries.entries_of((JOZEF,)) == ()
        with pytest.raises(refusals.NoSuchIdentification):
            actions.confirm_identification(BEN, NOON, identification="i")

    def test_somebody_whom_the_hospital_knows_is_not_identified_as_somebody_else(self, outage):
        with pytest.raises(refusals.NotUnknown):
            actions.propose_identification(NORA, NOON, identification="i", patient=MARIE, is_patient=JOZEF, reason="x")


class TestMasking:
    def test_a_flagged_name_is_masked_until_the_reader_gives_a_reason(self, outage):
        actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.STAFF, reason="works here")
        (found,) = find("janssens", reader=NORA, now=NOON)
        assert found.masked
        assert not find("janssens", reader=LEAD, now=NOON)[0].masked
        actions.reveal_name(NORA, NOON, patient=MARIE, reason="I am her nurse tonight")
        assert not find("janssens", reader=NORA, now=after(NOON, HOUR))[0].masked
        assert find("janssens", reader=NORA, now=after(NOON, 13 * HOUR))[0].masked
        assert find("janssens", reader=BEN, now=NOON)[0].masked

    def test_a_removed_flag_shows_the_name_again(self, outage):
        actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.VIP, reason="minister")
        with pytest.raises(refusals.AlreadyFlagged):
            actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.VIP, reason="minister")
        actions.remove_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.VIP, reason="no longer")
        assert not find("janssens", reader=NORA, now=NOON)[0].masked
        with pytest.raises(refusals.NotFlagged):
            actions.remove_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.VIP, reason="no longer")


class TestPaper:
    def test_a_time_on_paper_goes_on_until_its_sheets_are_entered_or_lost(self, outage):
        actions.open_paper(NORA, NOON, period="p", ward="3B", from_at=MORNING)
        with pytest.raises(refusals.AlreadyOnPaper):
            actions.open_paper(NORA, NOON, period="q", ward="3B", from_at=MORNING)
        with pytest.raises(refusals.NoSuchPaper):
            actions.enter_paper(NORA, NOON, period="p")
        with pytest.raises(refusals.EndsBeforeBeginning):
            actions.close_paper(NORA, NOON, period="p", until_at=after(MORNING, -1))
        actions.close_paper(NORA, NOON, period="p", until_at=NOON)
        assert [one.period for one in queries.unresolved_paper("3B")] == ["p"]
        with pytest.raises(refusals.ReasonMissing):
            actions.declare_paper_lost(NORA, NOON, period="p", reason="")
        actions.declare_paper_lost(NORA, NOON, period="p", reason="burnt")
        assert queries.unresolved_paper() == ()


def test_everything_written_is_there_again_after_a_rebuild(outage):
    unknown = unknown_man(to=Admission(ward="3B", bed="13"))
    told = note()
    dose()
    move(bed="14")
    actions.strike_entry(BEN, NOON, entry=told.entry, reason="x")
    actions.record_allergy(NORA, NOON, entry=new_id(), patient=MARIE, occurred_at=NOON, allergy=Allergy(substance="latex"))
    actions.record_no_allergies(NORA, NOON, entry=new_id(), patient=JOZEF, occurred_at=NOON, asked="his son")
    vitals(consciousness=Consciousness.ALERT, spo2_percent=97)
    actions.propose_identification(NORA, NOON, identification="i", patient=unknown.patient, is_patient=JOZEF, reason="wife")
    actions.confirm_identification(BEN, NOON, identification="i")
    actions.set_flag(LEAD, NOON, patient=MARIE, flag=FlagKind.STAFF, reason="works here")
    actions.open_paper(NORA, NOON, period="p", ward="3B", from_at=MORNING)
    assert rebuilding.differences() == []
    assert facts.NoteWritten is not None
