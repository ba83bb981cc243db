"""A Django database backend that opens SQLite files through SQLCipher with a raw 256-bit key.

`OPTIONS["key"]` is 64 hexadecimal digits. Where the file `OPTIONS["begun"]` exists the database was made before: one that is gone
or empty is then Trouble, and never quietly begun anew. Pages carry an HMAC-SHA256, so a changed byte on disk is an error and not a
value.
"""

import datetime as dt
import decimal
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, tee
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.sqlite3 import base as plain
from django.db.backends.sqlite3._functions import register as register_functions  # type: ignore[import-untyped]
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from sqlcipher3 import dbapi2 as Database  # noqa: N812 - the name that Django's backends use

from stormlamp.kernel.refusals import Trouble

SQLITE_BUSY = 5
FOLDING_MS = 20
FOLD_PAGES, LONG_LOG = 2000, 8000
MANY_PAGES = "PRAGMA cache_size = -128000"  # KiB, negative: https://www.sqlite.org/pragma.html#pragma_cache_size
LEAVE_LOG = "PRAGMA wal_autocheckpoint = 65536"  # pages; a bound for when nobody folds
_CONVERTERS: tuple[tuple[str, Any], ...] = (
    ("bool", b"1".__eq__),
    ("date", plain.decoder(parse_date)),
    ("time", plain.decoder(parse_time)),
    ("datetime", plain.decoder(parse_datetime)),
    ("timestamp", plain.decoder(parse_datetime)),
)
for _name, _converter in _CONVERTERS:
    Database.register_converter(_name, _converter)
Database.register_adapter(decimal.Decimal, str)
Database.register_adapter(dt.date, plain.adapt_date)
Database.register_adapter(dt.datetime, plain.adapt_datetime)


class Cursor(Database.Cursor):  # type: ignore[misc]  # sqlcipher3 ships no types
    """Django's placeholders turned into SQLite's."""

    convert_query = plain.SQLiteCursorWrapper.convert_query

    def execute(self, query: str, params: Any = None) -> Any:
        """Run one statement; `params` as Django gives them."""
        if params is None:
            return super().execute(query)
        if isinstance(params, Mapping):
            return super().execute(self.convert_query(query, param_names=list(params)), params)
        return super().execute(_with_marks(query), params)

    def executemany(self, query: str, rows: Iterable[Any]) -> Any:
        """Run one statement for every row."""
        if isinstance(rows, list) and rows and isinstance(rows[0], list | tuple):
            return super().executemany(_with_marks(query), rows)
        peek, rest = tee(iter(rows))
        first = next(peek, None)
        names = list(first) if isinstance(first, Mapping) else None
        return super().executemany(self.convert_query(query, param_names=names), rest)


@lru_cache(maxsize=512)
def _with_marks(query: str) -> str:
    """A statement with SQLite's marks for its values: the same few come again and again."""
    return str(plain.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


class DatabaseWrapper(plain.DatabaseWrapper):
    """SQLite, encrypted."""

    Database = Database
    patience: float | None = None  # seconds to wait for the write lock; None: as OPTIONS["timeout"] says
    locked_at = 0.0  # when the write lock was last taken (monotonic)
    own_pragmas: tuple[str, ...] = ()
    _late = _due = False

    @contextmanager
    def begins_late(self) -> Iterator[None]:
        """Transactions begun inside take the write lock at their first statement: what is computed before it holds up nobody.

        What was read before the transaction may have changed by then, and has to be looked at again inside.
        """
        self._late = True
        try:
            yield
        finally:
            self._late = False

    def fold_log(self) -> int:
        """Bring a grown write-ahead log into the database file, and begin it anew when it has become long; how many pages it had.

        Whoever writes is held up for the last few pages only; a reader of an old picture is not waited for.
        """
        with self.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(NOOP)")
            _, pages, done = cursor.fetchone()
            if pages - done < FOLD_PAGES and pages < LONG_LOG:
                return int(pages)
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages >= LONG_LOG:
                cursor.execute(f"PRAGMA busy_timeout = {FOLDING_MS}")
                cursor.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
                cursor.execute(f"PRAGMA busy_timeout = {int(float(self.settings_dict['OPTIONS'].get('timeout', 5.0)) * 1000)}")
        return int(pages)

    def settle_log(self) -> bool:
        """Bring all of the log into the database file and begin it anew; False while somebody else reads or writes it.

        OperationalError when the disk fails.
        """
        with self.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(RESTART)")
            return not cursor.fetchone()[0]

    def write_at_once_or_fail(self) -> None:
        """For who must never wait inside the database: the write lock is there or BUSY is raised, and others fold the log."""
        self.close()
        self.patience = 0.0
        self.own_pragmas = ("PRAGMA busy_timeout = 0", LEAVE_LOG)

    def leave_log(self) -> None:
        """Let others fold the log: what this process commits never waits for that. It touches all pages, and keeps more of them."""
        self.close()
        self.own_pragmas = (LEAVE_LOG, MANY_PAGES)

    def get_connection_params(self) -> dict[str, Any]:
        """Django's parameters without the key, which only the first statement may see."""
        params: dict[str, Any] = super().get_connection_params()
        self.key = params.pop("key", "")
        begun, place = params.pop("begun", ""), Path(params["database"])
        if begun and Path(begun).exists() and not (place.exists() and place.stat().st_size):
            raise Trouble(f"{place} is gone or empty", hint="restore it from a copy, with its -wal file; nothing was begun anew")
        if len(self.key) != 64 or not set(self.key) <= set("0123456789abcdef"):
            raise ImproperlyConfigured("the database key is 64 lower-case hexadecimal digits")
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that can read the file; DatabaseError at the first statement when the key is wrong."""
        connection = Database.connect(**conn_params)
        for pragma in chain(self._opening_pragmas(), self._wanted_pragmas(), self.own_pragmas):
            connection.execute(pragma)
        register_functions(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that understands Django's placeholders."""
        if self._due:
            self._due = False
            self._begin()
        return self.connection.cursor(factory=Cursor)

    def _set_autocommit(self, autocommit: bool) -> None:
        self._due = False
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # Django's stubs leave it out

    def _start_transaction_under_autocommit(self) -> None:
        if self._late:
            self._due = True
        else:
            self._begin()

    def _begin(self) -> None:
        """Take the write lock, asking every few milliseconds.

        SQLite's own waiting sleeps up to 100 ms between two looks, so that who waits loses to who comes back at once: an act
        then waited seconds behind a busy feed.
        """
        patience = float(self.settings_dict["OPTIONS"].get("timeout", 5.0)) if self.patience is None else self.patience
        if not patience:
            self._began(last=True)
            return
        until = time.monotonic() + patience
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._began(last=time.monotonic() >= until):
                time.sleep(random.uniform(0.0005, 0.003))  # noqa: S311 - spreads those who wait
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {int(patience * 1000)}")

    def _began(self, *, last: bool) -> bool:
        try:
            with self.cursor() as cursor:
                cursor.execute("BEGIN IMMEDIATE")
        except OperationalError as error:
            if last or getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF != SQLITE_BUSY:
                raise
            return False
        self.locked_at = time.monotonic()
        return True

    def _opening_pragmas(self) -> Sequence[str]:
        return (
            "PRAGMA cipher_log_level = NONE",
            "PRAGMA cipher_default_hmac_algorithm = HMAC_SHA256",  # of copies too, which VACUUM INTO writes
            f"PRAGMA key = \"x'{self.key}'\"",
            "PRAGMA cipher_hmac_algorithm = HMAC_SHA256",
            "PRAGMA foreign_keys = ON",
            "PRAGMA legacy_alter_table = OFF",
        )

    def _wanted_pragmas(self) -> Sequence[str]:
        commands: Sequence[str] = getattr(self, "init_commands", None) or ()
        return tuple(command.strip() for command in commands if command.strip())
