"""How projections write rows: the three forms that converge, as one SQL statement for a whole batch.

The SQL is common to SQLite (3.24 on) and PostgreSQL. Only a room's projections.py calls these. A model may name columns that its
key implies (`implied`): they are written once and never again, which spares the trees of their indexes.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, cast

from django.db import connection, models

from stormlamp.ledger.fields import SqueezedField, squeezer
from stormlamp.ledger.frames import stretched

# By name, or as a tuple in the order of `columns`, which costs half as much.
Row = Mapping[str, Any] | tuple[Any, ...]
_SIZES = (1, 4, 16, 64, 400)


def insert_new(model: type[models.Model], rows: Sequence[Row]) -> None:
    """Insert rows keyed by their entry; one that is already there stays as it is."""
    if rows:
        _many(_insert_sql(model, "DO NOTHING"), model, rows)


def upsert(model: type[models.Model], rows: Sequence[Row], *, latest_by: str = "order", implied: tuple[str, ...] = ()) -> None:
    """Insert rows, or replace the row of the same key where the new one is later by the column `latest_by`.

    `implied` are further columns that the keys of these rows imply.
    """
    if rows:
        _many(_insert_sql(model, _newer(model, latest_by, implied)), model, rows)


def recompute(model: type[models.Model], *, column: str, subjects: Collection[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace all rows of some subjects by freshly computed ones; a row whose key was there already is changed in its place."""
    key = model._meta.pk.attname
    gone = _keys(model, column, sorted(subjects)) - {row[key] for row in rows}
    if gone:
        table, quoted = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(_key_column(model))
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {table} WHERE {quoted} = %s", [(one,) for one in sorted(gone)])  # noqa: S608
    if rows:
        _many(_insert_sql(model, _changed(model)), model, rows)


def held(model: type[models.Model], names: Sequence[str], *, column: str, subjects: Collection[str]) -> Iterator[tuple[Any, ...]]:
    """The named columns of all rows of some subjects, in no order; a squeezed one, which is named last, as it was written.

    Django's own way composes each question anew: of a batch that tells of three patients it took as long as their rows.
    """
    squeezed = isinstance(model._meta.get_field(names[-1]), SqueezedField)
    with connection.cursor() as cursor:
        for some in pages(subjects):
            cursor.execute(_held_sql(model, tuple(names), column, len(some)), some)
            for row in cursor.fetchall():
                yield (*row[:-1], stretched(row[-1])) if squeezed else row


def pages(keys: Collection[str]) -> Iterator[list[str]]:
    """Keys in order, as many at a time as one question may name, the last one repeated: of few lengths, each prepared once."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), _SIZES[-1]):
        some = ordered[start : start + _SIZES[-1]]
        yield some + some[-1:] * (next(size for size in _SIZES if size >= len(some)) - len(some))


def columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns in the order in which they are written: the squeezed one, of which a table has one at most, comes last."""
    return tuple(field.attname for field in _in_order(model))


def _keys(model: type[models.Model], column: str, subjects: Sequence[str]) -> set[Any]:
    """The keys of the rows of some subjects."""
    if column == model._meta.pk.attname:
        return set(subjects)
    return {key for (key,) in held(model, [model._meta.pk.attname], column=column, subjects=subjects)}


def _many(sql: str, model: type[models.Model], rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, _written(model, rows))


def _written(model: type[models.Model], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """The values of rows in the order of the columns, the last one squeezed where the table has it so."""
    told = cast("Iterable[tuple[Any, ...]]", rows) if isinstance(rows[0], tuple) else map(_values(model), rows)
    if not isinstance(_in_order(model)[-1], SqueezedField):
        return list(told)
    squeeze = squeezer()
    return [(*row[:-1], squeeze(row[-1])) for row in told]


@lru_cache(maxsize=256)
def _values(model: type[models.Model]) -> Callable[[Any], tuple[Any, ...]]:
    """What takes the columns' values out of a row that has names."""
    names = columns(model)
    return itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)


@lru_cache(maxsize=256)
def _in_order(model: type[models.Model]) -> list[Any]:
    found = sorted(model._meta.concrete_fields, key=lambda field: isinstance(field, SqueezedField))
    if len(found) > 1 and isinstance(found[-2], SqueezedField):
        raise TypeError(f"{model.__name__} has two squeezed columns")
    return found


@lru_cache(maxsize=256)
def _held_sql(model: type[models.Model], names: tuple[str, ...], column: str, size: int) -> str:
    quote, of = connection.ops.quote_name, {field.attname: _column(field) for field in model._meta.concrete_fields}
    told = ", ".join(quote(of[name]) for name in names)
    return f"SELECT {told} FROM {quote(model._meta.db_table)} WHERE {quote(of[column])} IN ({', '.join(['%s'] * size)})"  # noqa: S608


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], on_conflict: str) -> str:
    quote, names = connection.ops.quote_name, [_column(field) for field in _in_order(model)]
    key = quote(_key_column(model))
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(map(quote, names))})"  # noqa: S608
        f" VALUES ({', '.join(['%s'] * len(names))}) ON CONFLICT ({key}) {on_conflict}"
    )


@lru_cache(maxsize=256)
def _newer(model: type[models.Model], latest_by: str, implied: tuple[str, ...]) -> str:
    order = connection.ops.quote_name(latest_by)
    return f"{_changed(model, implied)} WHERE excluded.{order} > {connection.ops.quote_name(model._meta.db_table)}.{order}"


@lru_cache(maxsize=256)
def _changed(model: type[models.Model], implied: tuple[str, ...] = ()) -> str:
    """What a row of a key that is there already becomes."""
    quote, implied = connection.ops.quote_name, (*getattr(model, "implied", ()), *implied)
    told = [_column(field) for field in model._meta.concrete_fields if not field.primary_key and field.attname not in implied]
    return "DO UPDATE SET " + ", ".join(f"{quote(column)} = excluded.{quote(column)}" for column in told)


def _key_column(model: type[models.Model]) -> str:
    return _column(model._meta.pk)


def _column(field: "models.Field[Any, Any]") -> str:
    return str(field.get_attname_column()[1])
