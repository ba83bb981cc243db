import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.kernel.moments import HOUR, SECOND, Moment
from stormlamp.people import rules
from stormlamp.people.rules import ROLE_RIGHTS, Role, Tries, passwords
from stormlamp.people.rules.throttle import ADDRESS, NAME, NAME_AT_ADDRESS
from tests.makers import NOON

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SLOWINGS = st.sampled_from([NAME_AT_ADDRESS, ADDRESS, NAME])
moments = st.integers(0, 4_000_000_000 * SECOND).map(Moment)


def test_every_role_of_the_design_is_there():
    assert {role.value for role in Role} == {
        "nurse", "midwife", "physician", "shift-lead", "medical-lead", "pharmacist", "laboratory", "blood-bank", "radiographer",
        "front-desk", "billing", "bed-coordinator", "communications", "incident-lead", "recovery-lead", "forensic-analyst",
        "data-protection-officer", "drill-lead", "auditor", "administrator", "other-tool",
    }  # fmt: skip


def test_who_manages_people_reads_no_charts_and_who_reads_charts_manages_nobody():
    for rights in ROLE_RIGHTS.values():
        assert not {"people.manage", "charts.read"} <= rights


def test_no_role_may_do_everything_and_each_may_look_after_its_own_account():
    for rights in ROLE_RIGHTS.values():
        assert "*" not in rights
        assert "people.system" not in rights
        assert "people.self" in rights


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        ("people.manage", {"administrator"}),
        ("verdict.sign", {"medical-lead", "incident-lead"}),
        ("outage.end", {"medical-lead", "incident-lead", "recovery-lead"}),
        ("handback.send", {"recovery-lead"}),
        ("story.drive", {"drill-lead"}),
        ("charts.flag", {"shift-lead", "medical-lead", "front-desk"}),
        ("charts.print", {"nurse", "midwife", "physician", "shift-lead", "medical-lead", "pharmacist"}),
        ("quarantine.read", {"recovery-lead", "forensic-analyst"}),
        ("fhir.read", {"other-tool"}),
        ("fhir.export", {"other-tool"}),
        ("audit.read", {"auditor", "data-protection-officer", "forensic-analyst"}),
    ],
)
def test_a_grave_right_is_held_by_few(right, roles):
    assert {role.value for role, rights in ROLE_RIGHTS.items() if right in rights} == roles


def test_a_role_of_a_newer_node_has_no_rights_here():
    assert rules.rights_of("astronaut") == frozenset()


def test_the_verifier_is_argon2id_with_19_mib_two_passes_and_one_lane():
    held = rules.verifier("seven lamps in the storm", salt=b"0123456789abcdef")
    assert held.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert held.rsplit("$", 2)[0] == passwords.NOBODY.rsplit("$", 2)[0]
    assert rules.matches("seven lamps in the storm", held)
    assert not rules.matches("seven lamps in the storm ", held)


def test_a_password_typed_on_another_keyboard_is_the_same_password():
    held = rules.verifier("caf\u00e9 au lait du matin", salt=b"0123456789abcdef")
    assert rules.matches("cafe\u0301 au lait du matin", held)


@given(moments, st.integers(-3, 3))
def test_a_code_of_this_step_and_of_its_neighbours_is_taken_and_no_other(at, off):
    code = pyotp.HOTP(SECRET).at(max(0, at // (30 * SECOND) + off))
    step = rules.step_shown(code, SECRET, at=at, after=-10)
    if abs(off) <= 1:
        assert step is not None
        assert abs(step - at // (30 * SECOND)) <= 1
    else:
        assert step is None or pyotp.HOTP(SECRET).at(step) == code


@given(moments)
def test_a_step_is_taken_once(at):
    step = rules.step_shown(pyotp.HOTP(SECRET).at(at // (30 * SECOND)), SECRET, at=at, after=-1)
    assert step is not None
    again = rules.step_shown(pyotp.HOTP(SECRET).at(step), SECRET, at=at, after=step)
    assert again is None or again > step


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "１２３４５６", "1" * 400])
def test_what_is_no_code_is_no_code(typed):
    assert rules.step_shown(typed, SECRET, at=NOON, after=0) is None


@given(st.integers(0, 10_000), SLOWINGS, moments, moments)
def test_a_wait_is_bounded_whatever_was_tried_and_whatever_the_clock_did(wrong, slowing, last, at):
    wait = rules.wait_for(Tries(wrong, last), slowing, at=at)
    assert 0 <= wait <= slowing.longest <= 30 * SECOND


@given(st.integers(0, 10_000), SLOWINGS, moments)
def test_who_waits_as_told_is_let_try(wrong, slowing, last):
    tries = Tries(wrong, last)
    wait = rules.wait_for(tries, slowing, at=last)
    assert rules.wait_for(tries, slowing, at=Moment(last + wait)) == 0


@given(st.integers(0, 200), SLOWINGS, moments)
def test_waits_never_shrink_with_more_wrong_tries(wrong, slowing, last):
    assert rules.wait_for(Tries(wrong, last), slowing, at=last) <= rules.wait_for(Tries(wrong + 1, last), slowing, at=last)


def test_the_first_wrong_tries_are_free_and_an_hour_forgets_them():
    tries = Tries()
    for _ in range(NAME_AT_ADDRESS.free):
        assert rules.wait_for(tries, NAME_AT_ADDRESS, at=NOON) == 0
        tries = rules.after_wrong(tries, at=NOON)
    assert rules.wait_for(tries, NAME_AT_ADDRESS, at=NOON) == SECOND
    late = Moment(NOON + HOUR + 1)
    assert rules.wait_for(tries, NAME_AT_ADDRESS, at=late) == 0
    assert rules.after_wrong(tries, at=late) == Tries(1, late)


@given(st.binary(min_size=8, max_size=8))
def test_a_recovery_code_is_three_groups_of_four_signs_that_are_not_mistaken_for_each_other(noise):
    code = rules.fresh_code(noise)
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("01OILU")


def test_a_recovery_code_is_the_same_however_it_is_typed():
    digests = rules.code_digests(["ABCD-EFGH-JKMN", " abcd efgh jkmn ", "abcdefghjkmn"], salt=b"0123456789abcdef")
    assert len(set(digests)) == 1


@given(st.text(max_size=60))
def test_a_clean_sign_in_name_stays_as_it_is(text):
    clean = rules.clean_login(text)
    assert clean is None or rules.clean_login(clean) == clean
