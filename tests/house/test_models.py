"""Each table is ledger, projection or local; projections can be filled in any order."""

from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from tests.house.tree import nothing

KINDS = {"ledger", "projection", "local"}
# Tables of the framework: all of them belong to this node only and are never replicated.
FOREIGN = {"sessions.Session"}

Table = type[models.Model]


def odd_tables(tables: Iterable[Table]) -> Iterator[str]:
    """Tables of no kind, and projections that the order of arrival could break."""
    for table in tables:
        if not table.__module__.startswith(("stormlamp.", "tests.")):
            if table._meta.label not in FOREIGN:
                yield f"{table._meta.label}: a foreign table that is not on the reviewed list"
        elif getattr(table, "kind", None) not in KINDS:
            yield f"{table._meta.label}: say its kind, one of {sorted(KINDS)}"
        elif table.kind == "projection":
            yield from (f"{table._meta.label}: {fault}" for fault in _order_dependent(table))


def _order_dependent(table: Table) -> Iterator[str]:
    for field in table._meta.get_fields(include_hidden=True):
        if field.is_relation:
            yield f"{field.name} is a relation; keep the other's key as text"
        elif isinstance(field, models.AutoField):
            yield f"{field.name} is numbered by the database; two nodes would number differently"
        elif field.unique and not field.primary_key:
            yield f"{field.name} is unique; the second of two rivals would be lost"
        elif isinstance(field, models.DateTimeField | models.DateField) and (field.auto_now or field.auto_now_add):
            yield f"{field.name} takes the time of projection, which differs on a rebuild"
    if table._meta.unique_together or table._meta.total_unique_constraints:
        yield "has a unique constraint; the second of two rivals would be lost"


def test_each_table_has_its_kind_and_projections_can_be_filled_in_any_order():
    nothing(odd_tables(apps.get_models(include_auto_created=True)))


def test_the_tables_of_the_ledger_are_looked_at():
    if not apps.is_installed("stormlamp.ledger"):
        pytest.skip("the ledger is not built yet")
    assert {"ledger", "projection", "local"} <= {getattr(table, "kind", "") for table in apps.get_models()}


@isolate_apps("tests.house")
def test_a_table_that_breaks_the_law_is_found():
    class Nameless(models.Model):
        class Meta:
            app_label = "house"

    class Numbered(models.Model):
        kind = "projection"
        bed = models.TextField(unique=True)
        mother = models.ForeignKey(Nameless, on_delete=models.CASCADE, related_name="+")
        seen = models.DateTimeField(auto_now=True)

        class Meta:
            app_label = "house"
            constraints = (models.UniqueConstraint(fields=["bed", "seen"], name="one"),)

    class Sound(models.Model):
        kind = "projection"
        entry = models.TextField(primary_key=True)

        class Meta:
            app_label = "house"

    assert len(list(odd_tables([Nameless]))) == 1
    assert len(list(odd_tables([Numbered]))) == 5
    assert list(odd_tables([Sound])) == []
