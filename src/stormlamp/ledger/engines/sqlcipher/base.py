"""A Django database backend that opens SQLite files through SQLCipher with a raw 256-bit key.

`OPTIONS["key"]` is 64 hexadecimal digits. Where the file `OPTIONS["begun"]` exists the database was made before: one that is gone or
empty is then Trouble, and never quietly begun anew. Pages carry an HMAC-SHA256, so a changed byte on disk is an error and not a value.
"""

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, tee
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.sqlite3 import base as plain
from django.db.backends.sqlite3._functions import register as register_functions  # type: ignore[import-untyped]
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from sqlcipher3 import dbapi2 as Database  # noqa: N812 - the name that Django's backends use

from stormlamp.kernel.refusals import Trouble

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
        names = list(params) if isinstance(params, Mapping) else None
        return super().execute(self.convert_query(query, param_names=names), params)

    def executemany(self, query: str, rows: Iterable[Any]) -> Any:
        """Run one statement for every row."""
        peek, rest = tee(iter(rows))
        first = next(peek, None)
        names = list(first) if isinstance(first, Mapping) else None
        return super().executemany(self.convert_query(query, param_names=names), rest)


class DatabaseWrapper(plain.DatabaseWrapper):
    """SQLite, encrypted."""

    Database = Database

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
        for pragma in chain(self._opening_pragmas(), self._wanted_pragmas()):
            connection.execute(pragma)
        register_functions(connection)
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that understands Django's placeholders."""
        return self.connection.cursor(factory=Cursor)

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
