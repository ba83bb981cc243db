"""Drop the projections, replay the ledger, and the same rows are back; the check that says whether that is so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from stormlamp.ledger import once, projector
from stormlamp.ledger.fields import SqueezedField
from stormlamp.ledger.frames import stretched
from stormlamp.ledger.troubles import told_as_trouble

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only the living tables have, or only the rebuilt ones."""

    table: str
    side: str
    row: str


def projection_models(room: str | None = None) -> list[type[models.Model]]:
    """The tables that are made from the ledger, of one room or all."""
    found = [model for model in apps.get_models() if getattr(model, "kind", "") == "projection"]
    return sorted((m for m in found if room in (None, m._meta.app_label)), key=lambda m: m._meta.db_table)


def rebuild(*, progress: Callable[[int], None] = lambda _: None) -> int:
    """Empty every projection and replay the whole ledger in one transaction; returns how many entries were replayed.

    The index of once keys is made again too. Nobody else can write meanwhile. Trouble, and the old rows, when the disk fails.
    """
    with told_as_trouble("the tables could not be made again"), transaction.atomic():
        with connection.cursor() as cursor:
            for model in projection_models():
                cursor.execute(f"DELETE FROM {_name(model)}")  # noqa: S608
            cursor.execute("DELETE FROM ledger_position")
        once.remake()
        done = 0
        while moved := projector.catch_up():
            done += moved
            progress(done)
        return done


def rebuild_what_was_learned() -> int:
    """Rebuild when an earlier version set facts aside that this one knows; how many entries that replayed. For every start."""
    return rebuild() if projector.learned() else rebuild_what_counts_no_more()


def rebuild_what_counts_no_more() -> int:
    """Rebuild when entries are in the tables that their node wrote after it was revoked; how many entries that replayed."""
    return rebuild() if projector.counted_too_far() else 0


def differences() -> list[Difference]:
    """Rebuild beside the living rows and say where they differ; nothing is changed. Empty when they are equal."""
    with told_as_trouble("the tables could not be compared"), transaction.atomic():
        projector.catch_up()
        tables = [_name(model) for model in projection_models()]
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"CREATE TEMPORARY TABLE before_{table.strip(chr(34))} AS SELECT * FROM {table}")  # noqa: S608
        rebuild()
        found = [one for model in projection_models() for one in _compare(model)]
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DROP TABLE before_{table.strip(chr(34))}")
        transaction.set_rollback(True)
    return found


def snapshot(place: Path) -> None:
    """Write a whole, still encrypted copy of the database, so that a check need not hold up the living one."""
    with told_as_trouble("the copy could not be written"), connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(place)])


def _compare(model: type[models.Model]) -> Sequence[Difference]:
    table, named = _name(model), model._meta.db_table
    before, squeezed = f"before_{named}", [str(one.column) for one in model._meta.concrete_fields if isinstance(one, SqueezedField)]
    plain = [str(one.column) for one in model._meta.concrete_fields if one.column not in squeezed]
    columns = ", ".join(map(connection.ops.quote_name, plain))
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for side, one, other in (("only live", before, table), ("only rebuilt", table, before)):
            cursor.execute(f"SELECT {columns} FROM {one} EXCEPT SELECT {columns} FROM {other} LIMIT {SHOWN}")  # noqa: S608
            found += [Difference(named, side, repr(row)[:400]) for row in cursor.fetchall()]
        for column in squeezed:
            found += _compare_squeezed(cursor, model, before, connection.ops.quote_name(column))
        cursor.execute(f"SELECT (SELECT COUNT(*) FROM {before}), (SELECT COUNT(*) FROM {table})")  # noqa: S608
        live, rebuilt = cursor.fetchone()
        if live != rebuilt and not found:
            found.append(Difference(named, "row counts", f"live {live}, rebuilt {rebuilt}"))
    return found


def _compare_squeezed(cursor: CursorWrapper, model: type[models.Model], before: str, column: str) -> list[Difference]:
    """What is squeezed is compared as it reads: another release of the library may squeeze the same bytes otherwise."""
    key = connection.ops.quote_name(str(model._meta.pk.column))
    cursor.execute(
        f"SELECT one.{key}, one.{column}, other.{column} FROM {before} one JOIN {_name(model)} other ON one.{key} = other.{key}"  # noqa: S608
        f" WHERE one.{column} <> other.{column}"
    )
    found: list[Difference] = []
    for number, live, rebuilt in cursor:
        if len(found) < SHOWN and stretched(bytes(live)) != stretched(bytes(rebuilt)):
            found.append(Difference(model._meta.db_table, "only live", f"{number}: {column}"))
    return found


def _name(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
