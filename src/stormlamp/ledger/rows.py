"""How projections write rows: the three forms that converge, as one SQL statement for a whole batch.

The SQL is common to SQLite (3.24 on) and PostgreSQL. Only a room's projections.py calls these.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connection, models

from stormlamp.ledger.fields import SqueezedField, squeezed

Row = Mapping[str, Any]


def insert_new(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert rows keyed by their entry; one that is already there stays as it is."""
    if rows:
        _many(_insert_sql(model, "DO NOTHING"), model, rows)


def upsert(model: type[models.Model], rows: Sequence[Row], *, latest_by: str = "order") -> None:
    """Insert rows, or replace the row of the same key where the new one is later by the column `latest_by`."""
    if rows:
        _many(_insert_sql(model, _newer(model, latest_by)), model, rows)


def recompute(model: type[models.Model], *, column: str, subjects: Collection[str], rows: Sequence[Row]) -> None:
    """Replace all rows of some subjects by freshly computed ones."""
    table, quoted = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(column)
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {table} WHERE {quoted} = %s", [(subject,) for subject in sorted(subjects)])  # noqa: S608
    if rows:
        _many(_insert_sql(model, "DO NOTHING"), model, rows)


def _many(sql: str, model: type[models.Model], rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(map(_values(model), rows)))


@lru_cache(maxsize=256)
def _values(model: type[models.Model]) -> Callable[[Row], tuple[Any, ...]]:
    """What takes the columns' values out of a row, in the order in which they are written."""
    fields = _in_order(model)
    names = [field.attname for field in fields]
    if len(names) == 1:
        return lambda row: (row[names[0]],)
    if not isinstance(fields[-1], SqueezedField):
        return itemgetter(*names)
    taken, last = itemgetter(*names[:-1]), names[-1]
    return lambda row: (*taken(row), squeezed(row[last]))


def _in_order(model: type[models.Model]) -> list[Any]:
    """The columns as they are written: the squeezed one, of which a table has one at most, comes last."""
    found = sorted(model._meta.concrete_fields, key=lambda field: isinstance(field, SqueezedField))
    if len(found) > 1 and isinstance(found[-2], SqueezedField):
        raise TypeError(f"{model.__name__} has two squeezed columns")
    return found


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], on_conflict: str) -> str:
    quote, names = connection.ops.quote_name, [_column(field) for field in _in_order(model)]
    key = quote(_key_column(model))
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, names))})"  # noqa: S608
        f" VALUES ({', '.join(['%s'] * len(names))}) ON CONFLICT ({key}) {on_conflict}"
    )


def _newer(model: type[models.Model], latest_by: str) -> str:
    quote = connection.ops.quote_name
    columns = [_column(field) for field in model._meta.concrete_fields if not field.primary_key]
    pairs = ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in columns)
    order = quote(latest_by)
    return f"DO UPDATE SET {pairs} WHERE excluded.{order} > {quote(model._meta.db_table)}.{order}"


def _key_column(model: type[models.Model]) -> str:
    return _column(model._meta.pk)


def _column(field: "models.Field[Any, Any]") -> str:
    return str(field.get_attname_column()[1])
