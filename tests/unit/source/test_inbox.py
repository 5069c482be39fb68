from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from lrev.errors import InputError
from lrev.source.inbox import EpochKind, continues, epochs, read, read_epoch
from lrev.source.mail import MAX_MAIL_BYTES, parse
from tests.unit.indexing.trees import V2Epoch, mail, thread

MAIL = Path(__file__).parents[2] / "data" / "mail"


def ids(path: Path) -> list[str]:
    return [parse(one.data).message_id for one in read(path)]


def test_v2_epochs_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (0, 2, 10):
        V2Epoch(tmp_path / "git" / f"{number}.git").add(mail(number, "one", "text\n"))
    assert ids(tmp_path) == ["0@example.org", "2@example.org", "10@example.org"]
    assert ids(tmp_path / "git" / "2.git") == ["2@example.org"]


def test_v2_deleted_mail_is_left_out_and_told_to_who_asks(tmp_path: Path) -> None:
    epoch = V2Epoch(tmp_path / "git" / "0.git")
    blobs = [epoch.add(one) for one in thread()]
    epoch.add(thread()[1], "d")
    assert ids(tmp_path) == ["1@example.org", "3@example.org"]
    (only,) = epochs(tmp_path)
    assert [one.blob for one in read_epoch(only) if one.removed] == [blobs[1]]


def test_v2_reads_on_from_a_position_and_starts_again_after_a_purge(tmp_path: Path) -> None:
    epoch = V2Epoch(tmp_path / "git" / "0.git")
    epoch.add(mail(1, "one", "text\n"))
    before = epochs(tmp_path)[0].position
    epoch.add(mail(2, "two", "text\n"))
    assert [parse(one.data).message_id for one in read_epoch(epochs(tmp_path)[0], before)] == ["2@example.org"]
    assert list(read_epoch(epochs(tmp_path)[0], epochs(tmp_path)[0].position)) == []
    epoch.rewind()
    epoch.add(mail(3, "three", "text\n"))
    (after,) = epochs(tmp_path)
    assert not continues(after, before)
    assert [parse(one.data).message_id for one in read_epoch(after, before)] == ["3@example.org"]


def test_v2_epoch_without_a_commit(tmp_path: Path) -> None:
    V2Epoch(tmp_path / "git" / "0.git")
    assert ids(tmp_path) == []


def test_v1(tmp_path: Path) -> None:
    subprocess.run(("git", "init", "-q", "-b", "master", tmp_path), check=True)
    folder = tmp_path / "ab"
    folder.mkdir()
    (folder / ("c" * 38)).write_bytes(mail(7, "seven", "text\n"))
    (tmp_path / "README").write_text("no mail")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(("git", "-C", tmp_path, "add", "-A"), check=True)
    subprocess.run(("git", "-C", tmp_path, *identity, "commit", "-qm", "mail"), check=True)
    assert epochs(tmp_path)[0].kind is EpochKind.V1
    assert ids(tmp_path) == ["7@example.org"]


def test_mbox_is_split_where_a_mail_begins_and_unquoted() -> None:
    bodies = [parse(one.data).body for one in read(MAIL / "two.mbox")]
    assert bodies == ["From here on\n>From there\nFrom the start this line was not quoted\n", "second\n"]


def test_a_single_file_is_one_mail() -> None:
    assert ids(MAIL / "crlf.eml") == ["crlf@example.org"]


def test_a_mail_of_hundreds_of_megabytes_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "huge.mbox"
    from_line = b"From mboxrd@z Thu Jan  1 00:00:00 1970\n"
    with path.open("wb") as stream:
        stream.write(from_line + mail(1, "huge", ""))
        stream.seek(300 * 1024 * 1024, os.SEEK_CUR)
        stream.write(b"\n\n" + from_line + mail(2, "small", "text\n"))
    sizes = [(parse(one.data).message_id, len(one.data)) for one in read(path)]
    assert [name for name, _ in sizes] == ["1@example.org", "2@example.org"]
    assert sizes[0][1] <= 2 * MAX_MAIL_BYTES


def test_maildir(tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / folder).mkdir()
    (tmp_path / "new" / "2.host").write_bytes(mail(2, "two", "text\n"))
    (tmp_path / "cur" / "1.host:2,S").write_bytes(mail(1, "one", "text\n"))
    (tmp_path / "tmp" / "3.host").write_bytes(mail(3, "half", "text\n"))
    assert ids(tmp_path) == ["1@example.org", "2@example.org"]


@pytest.mark.parametrize("name", ["missing", "."])
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="mail"):
        epochs(tmp_path / name)
