from stormlamp.drills.rules import Life, outage_script
from stormlamp.drills.rules.deeds import (
    Admit,
    Death,
    Discharge,
    GiveDose,
    Identify,
    Move,
    Register,
    RegisterNewborn,
    RegisterUnknown,
    StrikeOut,
)
from tests.drills.story import NORTHGATE, after


def written(rounds=40):
    life = Life(NORTHGATE)
    for _ in life.until(after(2)):
        pass
    present = life.everybody()
    return present, outage_script(NORTHGATE, present, after(2), after(6), rounds=rounds)


def test_the_script_is_the_same_each_time_and_in_order():
    _, first = written()
    _, second = written()

    assert first == second
    assert list(first) == sorted(first, key=lambda one: one.at)
    assert all(after(2) <= one.at <= after(6) for one in first)
    assert len({one.key for one in first}) == len(first)


def test_the_story_has_each_of_its_turns():
    _, script = written()

    assert {one.kind for one in script} == {
        "Register", "RegisterUnknown", "RegisterNewborn", "Identify", "Admit", "Move", "Discharge", "Death",
        "ChartVitals", "GiveDose", "WriteNote", "NoteAllergy", "StrikeOut", "GoOnPaper", "ComeOffPaper",
    }  # fmt: skip


def test_every_patient_is_here_or_was_registered_before_and_nobody_acts_on_the_departed():
    present, script = written(rounds=300)
    here = {visit.person.number for visit in present}
    for one in script:
        if isinstance(one.deed, Register | RegisterUnknown | RegisterNewborn):
            here.add(one.deed.person)
        elif hasattr(one.deed, "patient"):
            assert one.deed.patient in here
        if isinstance(one.deed, Discharge | Death):
            here.remove(one.deed.patient)


def test_beds_given_are_free():
    present, script = written()
    taken = {visit.bed for visit in present}
    for one in script:
        if isinstance(one.deed, Admit | Move):
            assert one.deed.bed not in taken
            taken.add(one.deed.bed)


def test_a_strike_out_follows_the_dose_it_takes_back():
    _, script = written()
    doses = {one.key: one for one in script if isinstance(one.deed, GiveDose)}
    strikes = [one for one in script if isinstance(one.deed, StrikeOut)]

    assert strikes
    assert all(doses[one.deed.key].at < one.at and doses[one.deed.key].deed.patient == one.deed.patient for one in strikes)


def test_the_unknown_patient_is_identified_by_two_people_and_never_gets_an_invented_birth_date():
    _, script = written()
    unknown = next(one.deed for one in script if isinstance(one.deed, RegisterUnknown))
    known = next(one for one in script if isinstance(one.deed, Identify))

    assert not hasattr(unknown, "birth_date")
    assert known.deed.patient == unknown.person
    assert known.deed.confirmed_by.code != known.by.code


def test_nobody_types_on_a_ward_that_writes_on_paper():
    _, script = written(rounds=300)
    paper = {one.kind: one for one in script if one.kind.endswith("Paper")}
    from_at, until_at = paper["GoOnPaper"].at, paper["ComeOffPaper"].at
    ward = paper["GoOnPaper"].ward

    rounds = {"ChartVitals", "GiveDose", "WriteNote"}
    typed = [one for one in script if one.ward == ward and one.kind in rounds and from_at < one.at < until_at]
    assert [one for one in typed if getattr(one.deed, "patient", "").isdigit()] == []
