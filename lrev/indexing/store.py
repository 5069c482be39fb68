"""The tables of a segment and of a listing, and opening them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

SEGMENT_TABLES = """
create table blob(id integer primary key, sha text not null, path text not null, archive text not null);
create table name(id integer primary key, text text not null);
create table symbol(name integer not null, kind text not null, blob integer not null, start integer not null,
                    end integer not null, static integer not null, signature text not null);
create table fact(function integer not null, kind text not null, detail text not null, origin text not null,
                  blob integer not null, line integer not null, condition text not null);
create table chunk(id integer primary key, kind integer not null, name text not null, blob integer not null,
                   start integer not null, end integer not null, text blob not null, date integer,
                   message text not null);
create table message(blob integer primary key, message_id text not null, subject text not null,
                     sender_name text not null, sender_address text not null, date integer,
                     in_reply_to text not null, reference_ids text not null, recipients text not null,
                     texts blob not null, bot integer not null, root text not null);
create table patch(blob integer primary key, version integer not null, part integer not null, total integer not null,
                   base_commit text not null, patch_id text not null);
create table patch_file(blob integer not null, path text not null);
"""
# Made when all rows are in, so that they are sorted once and not kept up to date row by row.
SEGMENT_INDICES = """
create unique index blob_sha on blob(sha);
create unique index name_text on name(text);
create index symbol_name on symbol(name);
create index chunk_blob on chunk(blob);
create index fact_function on fact(function);
create unique index message_id on message(message_id);
create index message_root on message(root);
create index message_parent on message(in_reply_to);
create index patch_patch_id on patch(patch_id);
create index patch_file_path on patch_file(path);
"""
LISTING_TABLES = """
create table file(tree text not null, path text not null, blob text not null, size integer not null,
                  mtime_ns integer not null, primary key (tree, path)) without rowid;
"""
LISTING_INDICES = "create index file_blob on file(blob);"


def create(path: Path, tables: str) -> sqlite3.Connection:
    """A file that is written once and thrown away if that fails: neither journal nor flushing helps it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("pragma journal_mode=off; pragma synchronous=off; pragma locking_mode=exclusive;")
    connection.executescript(tables)
    connection.execute("begin")
    return connection


def finish(connection: sqlite3.Connection, indices: str) -> None:
    connection.execute("commit")
    connection.executescript(indices + "pragma optimize;")
    connection.close()


def open_read_only(path: Path) -> sqlite3.Connection:
    """`immutable` takes no lock and writes nothing, so that the file may belong to somebody else."""
    address = f"file:{quote(str(path.resolve()))}?immutable=1"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
