"""The laws over the whole house: whatever facts the rooms declare, on whatever nodes, in whatever order, with whatever in them."""

import dataclasses
import enum
import types
import typing

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stormlamp.kernel.identifiers import PatientId
from stormlamp.kernel.moments import MINUTE, Moment
from stormlamp.ledger import entries, facts, projector, rebuilding
from stormlamp.ledger.entries import ACTS, FEEDS, Draft
from stormlamp.ledger.models import LedgerAside
from stormlamp.ledger.verifying import verify
from tests.convergence import assert_converges
from tests.makers import NOON, after
from tests.mirror.makers import adt, merge, oru

pytestmark = pytest.mark.django_db
LAW = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

# A small world, so that what three nodes say is about the same things; and words that nobody expected.
IDS = st.sampled_from(["a", "b", "c"])
WORDS = st.sampled_from(
    ["a", "b", "3B", "12", "", " ", "2026-01-13", "2026-13-45", "²", "x\x00y", "🩺" * 40, "None", "adt:1", "-1"]
)
NUMBERS = st.sampled_from([0, 1, 2, 3, -1, 10**15])
MOMENTS = st.integers(-3, 3).map(lambda minutes: after(NOON, minutes * MINUTE)) | st.sampled_from([Moment(0), Moment(-1)])
FLOATS = st.sampled_from([0.0, 1.0, 37.5, -1.0, 1e300])
RAW = st.sampled_from(
    [
        b"",
        b"junk \xff\xfe",
        b"{}",
        b'{"resourceType": "Patient", "id": "77"}',
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/"}}}]}',
        *(adt(kind) for kind in ("A01", "A03", "A08", "A11")),
        oru("4.1"),
        merge(),
    ]
)
PLAIN = {str: IDS | WORDS, int: NUMBERS, float: FLOATS, bool: st.booleans(), bytes: RAW, type(None): st.none()}
NAMED = {PatientId: IDS.map(PatientId), Moment: MOMENTS}
BY_FIELD = {"zone": st.sampled_from(["Europe/Brussels", "UTC"])}  # a home opens with no other: tests/nodes


def values(hint):
    """What a field of this type may hold."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint in NAMED:
        return NAMED[hint]
    if isinstance(hint, typing.NewType):
        return IDS if hint.__supertype__ is str else values(hint.__supertype__)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin in (typing.Union, types.UnionType):
        return st.one_of([values(one) for one in inner])
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[1:] == (...,):
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(values(one) for one in inner))
    if origin is dict:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(list(hint))
    if dataclasses.is_dataclass(hint):
        return told(hint)
    raise TypeError(f"facts hold no {hint}")


def told(cls):
    """A fact, or a value inside one."""
    hints = typing.get_type_hints(cls)
    fields = {one.name: BY_FIELD[one.name] if one.name in BY_FIELD else values(hints[one.name]) for one in dataclasses.fields(cls)}
    return st.builds(cls, **fields)


def declared(room=None):
    """The facts that rooms declare; those of tests are not the house's."""
    return [
        one.cls
        for name, one in sorted(facts.FACTS.items())
        if one.cls.__module__.startswith("stormlamp.") and room in (None, name.partition(".")[0])
    ]


def rooms():
    """Rooms with facts."""
    return sorted({name.partition(".")[0] for name, one in facts.FACTS.items() if one.cls in declared()})


def any_fact(room=None):
    """Some fact of a room, or of any."""
    return st.one_of([told(cls) for cls in declared(room)])


def stories(of):
    """What three origins tell."""
    story = st.lists(st.tuples(st.integers(0, 3).map(lambda minutes: after(NOON, minutes * MINUTE)), of), max_size=6)
    return st.fixed_dictionaries({"north/acts": story, "north/feeds": story, "south/acts": story})


@pytest.mark.parametrize("room", rooms())
def test_facts_of_a_room_converge_and_none_is_refused(home, room):
    @LAW
    @given(told=stories(any_fact(room)), data=st.data())
    def law(told, data):
        assert_converges(told, data)

    law()


@LAW
@given(told=stories(any_fact()), data=st.data())
def test_facts_of_all_rooms_together_converge_and_none_is_refused(home, told, data):
    assert_converges(told, data)


@LAW
@given(told=st.lists(st.tuples(st.booleans(), any_fact(), st.booleans()), min_size=1, max_size=14))
def test_what_a_living_node_has_is_what_a_rebuild_makes(home, told):
    """Acts are projected as they are written, feeds behind them in batches; a rebuild goes origin by origin."""
    for is_act, fact, follow in told:
        draft = Draft(fact=fact, actor="nora", actor_name="Nora", act="test", at=NOON)
        with transaction.atomic():
            written = entries.append(ACTS if is_act else FEEDS, [draft])
            if is_act:
                projector.follow(written)
        if follow:
            projector.catch_up()
    projector.catch_up()
    assert rebuilding.differences() == []
    assert list(LedgerAside.objects.values_list("fact", "reason")) == []
    assert verify().ok


def test_the_whole_house_is_tried(home):
    names = {one.__module__.split(".")[1] for one in declared()}
    assert {"ledger", "people", "mirror", "incident", "charts"} <= names
    for cls in declared():
        told(cls)


def test_a_projection_that_refuses_a_fact_is_found(home):
    @facts.fact("test.refused")
    class Refused:
        """A fact that its projection will not have."""

        words: str

    @projector.projects(Refused)
    def refuse(batch):
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        assert_converges({"north/acts": [(NOON, Refused(words="x"))], "south/acts": []}, None)
