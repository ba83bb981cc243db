"""The write lock and the write-ahead log of this node's database: who takes the lock when, and who folds the log.

The engine has the verbs; here they have types. A database server needs none of them: there, each is nothing.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import connection


def begins_late() -> AbstractContextManager[None]:
    """Transactions begun inside take the write lock at their first statement only."""
    engine = _engine()
    return engine.begins_late() if engine is not None else nullcontext()


def locked_at() -> float:
    """When this connection last took the write lock (monotonic seconds); 0 where that is not known."""
    engine = _engine()
    return float(engine.locked_at) if engine is not None else 0.0


def leave_log() -> None:
    """What this connection commits never waits for the folding of the log: another part of the node does that."""
    if (engine := _engine()) is not None:
        engine.leave_log()


def fold_log() -> None:
    """Bring the log into the database file where it has grown."""
    if (engine := _engine()) is not None:
        engine.fold_log()


def settle_log() -> bool:
    """Begin the log anew, with all of it durable in the database file; False while somebody else is at it. DatabaseError: the disk.

    When a sync fails, Linux keeps what was written in memory and never tries again. Whoever opens the log then takes it for
    durable, and what is written behind it is lost with it when the power fails, however well it was synced itself. So a log
    that was left behind, by a failed sync or by who was killed, is settled before anything is acknowledged. See
    https://wiki.postgresql.org/wiki/Fsync_Errors, and `sqlite3WalClose` and `walIndexRecover` of SQLite.
    """
    engine = _engine()
    return bool(engine.settle_log()) if engine is not None else True


def write_at_once_or_fail() -> None:
    """This connection never waits for the write lock: it has it at once, or the statement fails as busy."""
    if (engine := _engine()) is not None:
        engine.write_at_once_or_fail()


def _engine() -> Any:
    return connection if hasattr(connection, "begins_late") else None
