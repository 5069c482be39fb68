"""The queue's SQLite file: its tables, and how a transaction fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lrev.errors import LockHeld, MachineError

# Raised when a table changes; an older queue is told to the user.
SCHEMA = 1
_BUSY_SECONDS = 30
_TABLES = """
create table series (sha256 text primary key, text text not null) strict;
create table job (
    number integer primary key,
    identity text not null unique,
    series text not null references series,
    place integer not null,
    subject text not null,
    author text not null,
    message_id text not null,
    state text not null,
    reason text not null default '',
    worth real not null default 0,
    weighed text not null default '',
    weighed_for text not null default '',
    key text not null default '',
    done_key text not null default '',
    in_hand integer not null default 0,
    crashes integer not null default 0,
    begun_in integer not null default 0
) strict;
create table review (
    job integer primary key references job,
    run integer not null,
    name text not null,
    model text not null,
    code_seconds real not null,
    context_seconds real not null,
    model_seconds real not null,
    planned_tokens integer not null,
    read integer not null,
    reused integer not null,
    written integer not null
) strict;
create table run (
    number integer primary key,
    started integer not null,
    ended integer,
    deadline integer,
    model text not null,
    tree text not null,
    ending text not null default '',
    stop integer not null default 0
) strict;
create table told (mark text primary key, run integer not null) strict;
"""


def connect(path: Path) -> sqlite3.Connection:
    """Made if it is not there. Raises MachineError for a file that is no queue of this schema."""
    with told_plainly(path):
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # a power cut takes nothing back
        with transaction(connection):
            (found,) = connection.execute("pragma user_version").fetchone()
            if found == 0:
                for statement in _TABLES.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"pragma user_version = {SCHEMA}")
    if found not in (0, SCHEMA):
        raise MachineError(f"queue '{path}' is of schema {found}, not {SCHEMA}", "remove it, or name another: --queue")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    connection.execute("commit")


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """What SQLite raises of the machine as MachineError, a wait that took too long as LockHeld."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise LockHeld(f"queue '{path}' is busy: {error}", "try again") from error
        raise MachineError(f"cannot use queue '{path}': {error}") from error
    except sqlite3.DatabaseError as error:
        raise MachineError(f"queue '{path}' is damaged: {error}", "name another with --queue") from error
