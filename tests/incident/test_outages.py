import pytest
from hypothesis import given
from hypothesis import strategies as st

from stormlamp.incident import actions, queries
from stormlamp.incident.rules import Ended, OutageKind, OutageView
from stormlamp.kernel.moments import HOUR, MINUTE, Moment
from stormlamp.kernel.refusals import NotAllowed
from stormlamp.ledger import rebuilding
from tests.makers import NOON, after, an_actor

LEAD = an_actor("outage.declare", "outage.end", name="Ines Lead", role="incident lead")
WARDS = ("3A", "3B", "ICU")


def declared(*, outage="o1", services=("records", "medication"), wards=(), since=NOON, kind=OutageKind.FAILURE, at=NOON, once=None):
    return actions.declare_outage(
        LEAD, at, outage=outage, kind=kind, services=services, wards=wards, since_at=since, reason="", once=once
    )


def ended(*, services=(), wards=(), at=None, outage="o1"):
    at = at or after(NOON, HOUR)
    return actions.end_outage(LEAD, at, outage=outage, services=services, wards=wards, cut_over_at=at)


@pytest.mark.django_db
class TestDeclaring:
    def test_a_declared_outage_holds_its_services_from_its_beginning_on(self, home):
        declared(since=after(NOON, -HOUR))
        assert queries.is_dark(service="records", ward="3B", at=NOON)
        assert not queries.is_dark(service="laboratory", ward="3B", at=NOON)
        assert not queries.is_dark(service="records", ward="3B", at=after(NOON, -2 * HOUR))

    def test_an_outage_of_some_wards_leaves_the_others_alone(self, home):
        declared(wards=("3B",))
        assert queries.is_dark(service="records", ward="3B", at=NOON)
        assert not queries.is_dark(service="records", ward="3A", at=NOON)
        assert not queries.is_dark(service="records", ward="", at=NOON)

    def test_the_same_form_sent_twice_declares_once(self, home):
        assert declared(once="form") == declared(once="form", outage="o2")
        assert len(queries.all_outages()) == 1

    def test_what_is_covered_already_is_refused_and_what_is_new_is_not(self, home):
        declared(wards=("3A",))
        with pytest.raises(actions.AlreadyDeclared):
            declared(outage="o2", wards=("3A",))
        declared(outage="o2", wards=("3A", "3B"))
        declared(outage="o3")
        assert len(queries.open_outages(NOON)) == 3

    def test_a_failure_cannot_be_announced_but_planned_work_can(self, home):
        with pytest.raises(actions.BeginsTooFarAhead):
            declared(since=after(NOON, HOUR))
        declared(since=after(NOON, HOUR), kind=OutageKind.PLANNED)
        assert queries.open_outages(NOON) == ()
        assert len(queries.open_outages(after(NOON, HOUR))) == 1

    @pytest.mark.parametrize("services", [(), ("records", "weather")])
    def test_an_outage_of_nothing_or_of_what_does_not_exist_is_refused(self, home, services):
        with pytest.raises(actions.NothingNamed):
            declared(services=services)

    def test_a_nurse_without_the_right_declares_nothing(self, home):
        with pytest.raises(NotAllowed):
            actions.declare_outage(
                an_actor("charts.read"), NOON, outage="o", kind=OutageKind.CYBER, services=("records",), wards=(), since_at=NOON
            )
        assert queries.all_outages() == ()


@pytest.mark.django_db
class TestEnding:
    def test_it_ends_per_service_and_ward(self, home):
        declared()
        ended(services=("records",), wards=("3B",))
        now = after(NOON, HOUR)
        assert not queries.is_dark(service="records", ward="3B", at=now)
        assert queries.is_dark(service="records", ward="3A", at=now)
        assert queries.is_dark(service="medication", ward="3B", at=now)
        assert queries.is_dark(service="records", ward="3B", at=after(NOON, MINUTE)), "before the cut-over it was dark"
        ended(at=after(NOON, 2 * HOUR))
        assert queries.open_outages(after(NOON, 2 * HOUR)) == ()
        assert queries.all_outages()[0].over_at() == after(NOON, 2 * HOUR)

    def test_what_has_ended_is_not_ended_again(self, home):
        declared()
        ended()
        with pytest.raises(actions.AlreadyEnded):
            ended(at=after(NOON, 2 * HOUR))

    def test_a_cut_over_before_the_beginning_is_refused(self, home):
        declared()
        with pytest.raises(actions.CutOverBeforeBeginning):
            ended(at=after(NOON, -1))

    def test_an_outage_that_is_not_there_cannot_end(self, home):
        with pytest.raises(actions.NoSuchOutage):
            ended(outage="nowhere")

    def test_a_service_or_ward_that_it_does_not_hold_cannot_end(self, home):
        declared(wards=("3A",), services=("records",))
        for wrong in ({"services": ("imaging",)}, {"wards": ("3B",)}):
            with pytest.raises(actions.NoSuchOutage):
                ended(**wrong)

    def test_the_tables_are_the_same_after_a_rebuild(self, home):
        declared()
        ended(services=("records",))
        declared(outage="o2", wards=("3A",), services=("imaging",))
        assert rebuilding.differences() == []


moments = st.integers(0, 50).map(lambda hours: Moment(NOON + hours * HOUR))
endings = st.lists(
    st.builds(
        Ended,
        services=st.sets(st.sampled_from(("records", "medication"))).map(lambda found: tuple(sorted(found))),
        wards=st.sets(st.sampled_from(WARDS)).map(lambda found: tuple(sorted(found))),
        cut_over_at=moments,
    ),
    max_size=6,
)
outages = st.builds(
    OutageView,
    id=st.just("o"),
    kind=st.just(OutageKind.CYBER),
    services=st.just(("records", "medication")),
    wards=st.sets(st.sampled_from(WARDS)).map(lambda found: tuple(sorted(found))),
    since_at=st.just(NOON),
    declared_at=st.just(NOON),
    declared_by=st.just("Ines"),
    reason=st.just(""),
    rehearsal=st.just(False),
    endings=endings.map(tuple),
)


@given(outages, moments, st.sampled_from(WARDS), st.sampled_from(("records", "medication")))
def test_what_is_over_everywhere_is_dark_nowhere(outage, at, ward, service):
    if not outage.is_open(at):
        assert not outage.holds(service, ward, at)


@given(outages, moments, moments, st.sampled_from(WARDS))
def test_what_has_ended_stays_ended(outage, at, later, ward):
    if at >= NOON and not outage.holds("records", ward, at):
        assert not outage.holds("records", ward, max(at, later))


@given(outages)
def test_over_at_is_the_first_moment_at_which_nothing_is_open(outage):
    over_at = outage.over_at()
    if over_at is not None:
        assert not outage.is_open(over_at)
        assert over_at <= NOON or outage.is_open(Moment(over_at - 1))
