"""Numbers for names and blobs that hold in all segments, and where the blobs stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from lrev.indexing.names import name_hash
from lrev.indexing.relations import Relation
from lrev.indexing.segment import Segment

_OTHER_PROGRAMS = re.compile(r"^(?:tools|scripts|samples|usr|Documentation)/")
# What watches a kernel for defects is called from everywhere and is no part of what a function does; some of it
# allocates where its caller may not sleep, with precautions of its own.
_INSTRUMENTS = re.compile(
    r"^(?:mm/k[a-z]*(?:san|fence|memleak)[/.]|kernel/kcsan/|lib/(?:stackdepot|debugobjects)\.c$|"
    r"kernel/locking/lockdep\.c$|kernel/trace/)"
)
# With PREEMPT_RT a spin lock sleeps; what is said here is of the kernel that is not built for it.
_REAL_TIME = re.compile(r"(?:spinlock|rwlock)_rt\.[ch]$|rtmutex_api\.c$")
KEY_SHIFT = 32
NAME_MASK = 0xFFFFFFFF
NO_NAME = -1


@dataclass(frozen=True, slots=True)
class Places:
    """Where blobs stand: a directory's number for each blob, the number of the one above each directory (-1 for none),
    and whether the blob is a header for everybody, below some include/, or one of its directory.
    """

    directories: numpy.ndarray
    above: numpy.ndarray
    public: numpy.ndarray
    of_directory: numpy.ndarray


@dataclass(frozen=True, slots=True)
class Numbering:
    """`hashes` (names.name_hash) are sorted: a name's number is its place. For each segment: the numbers of its own
    names, NO_NAME for some, what is added to its blob numbers, and whether a blob belongs to the graph."""

    segments: tuple[Segment, ...]
    hashes: numpy.ndarray
    names: tuple[numpy.ndarray, ...]
    blob_offsets: tuple[int, ...]
    used: tuple[numpy.ndarray, ...]
    places: Places

    def rows(self, at: int, relation: Relation) -> numpy.ndarray:
        """Those of blobs that belong to the graph, as stored."""
        rows = self.segments[at].relation(relation)
        return rows[:, self.used[at][rows[2]]]

    def keys(self, at: int, blobs: numpy.ndarray, names: numpy.ndarray) -> numpy.ndarray:
        """int64, blob << 32 | name, of a segment's own numbers."""
        keys: numpy.ndarray = (blobs.astype(numpy.int64) + self.blob_offsets[at]) << KEY_SHIFT
        keys |= self.names[at][names - 1]
        return keys

    def own(self, at: int, numbers: numpy.ndarray) -> numpy.ndarray:
        """The reverse for names: a segment's own numbers of names that it has."""
        names = self.names[at]
        known = numpy.flatnonzero(names != NO_NAME)
        reverse = numpy.zeros(len(self.hashes), dtype=numpy.int64)
        reverse[names[known]] = known + 1
        found: numpy.ndarray = reverse[numbers]
        return found

    def of(self, name: str) -> int:
        """-1 for a name that no segment has."""
        hashed = name_hash(name)
        at = int(numpy.searchsorted(self.hashes, hashed))
        return at if at < len(self.hashes) and int(self.hashes[at]) == hashed else -1


def numbered(segments: Sequence[Segment]) -> Numbering:
    """Names that neither are nor call a function, such as all the registers of a chip, get no number."""
    all_hashes = [segment.name_hashes() for segment in segments]
    related = [_related(segment, len(hashes)) for segment, hashes in zip(segments, all_hashes, strict=True)]
    own = [hashes[at] for hashes, at in zip(all_hashes, related, strict=True)]
    hashes, places = numpy.unique(numpy.concatenate(own), return_inverse=True)
    names = []
    for at, numbers in zip(related, numpy.split(places, numpy.cumsum([len(one) for one in own])[:-1]), strict=True):
        of_segment = numpy.full(len(at), NO_NAME, dtype=numpy.int64)
        of_segment[at] = numbers
        names.append(of_segment)
    offsets = numpy.cumsum([0, *(segment.blob_count for segment in segments)])[:-1]
    used, where = _places_of(segments)
    return Numbering(tuple(segments), hashes, tuple(names), tuple(offsets.tolist()), used, where)


def _related(segment: Segment, names: int) -> numpy.ndarray:
    related = numpy.zeros(names, dtype=bool)
    for relation in (Relation.SHAPES, Relation.CALLS):
        rows = segment.relation(relation)
        related[rows[0] - 1] = True
        related[rows[1] - 1] = True
    return related


def _places_of(segments: Sequence[Segment]) -> tuple[tuple[numpy.ndarray, ...], Places]:
    """Which blobs of each segment belong to the graph, a bool a blob number from 0, and where all of them stand."""
    numbers: dict[str, int] = {"": 0}
    above = [-1]
    used: list[numpy.ndarray] = []
    columns: tuple[list[numpy.ndarray], ...] = ([], [], [])
    for segment in segments:
        count = segment.blob_count
        live, directory = segment.live_blobs().copy(), numpy.zeros(count, dtype=numpy.int32)
        is_public, is_own = numpy.zeros(count, dtype=bool), numpy.zeros(count, dtype=bool)
        for number, path in segment.blob_paths():
            live[number] &= not any(one.search(path) for one in (_OTHER_PROGRAMS, _INSTRUMENTS, _REAL_TIME))
            directory[number] = _directory(path.rpartition("/")[0], numbers, above)
            is_header = path.endswith(".h")
            is_public[number] = is_header and "include/" in path
            is_own[number] = is_header and "include/" not in path
        used.append(live)
        for column, array in zip(columns, (directory, is_public, is_own), strict=True):
            column.append(array)
    directory, is_public, is_own = map(numpy.concatenate, columns)
    return tuple(used), Places(directory, numpy.array(above), is_public, is_own)


def _directory(path: str, numbers: dict[str, int], above: list[int]) -> int:
    """Its number, given when first met, as are those of the directories above it."""
    if path not in numbers:
        parent = _directory(path.rpartition("/")[0], numbers, above)
        numbers[path] = len(above)
        above.append(parent)
    return numbers[path]
