"""Sources -> one new generation: only blobs that no segment holds are parsed and embedded (docs/index-format.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lrev.errors import IndexMissing
from lrev.indexing import listing
from lrev.indexing.archives import mail_reading
from lrev.indexing.holdings import Holdings
from lrev.indexing.inferred import infer_into
from lrev.indexing.layout import (
    REBUILD_HINT,
    Generation,
    SkippedRecord,
    current_number,
    inferred_path,
    listing_path,
    load,
    recorded_sources,
)
from lrev.indexing.pool import Tasks, parse_all
from lrev.indexing.progress import Progress, silent
from lrev.indexing.publish import builder_lock, full_disk_told, prepare, publish, sweep
from lrev.indexing.record import generation_of, same
from lrev.indexing.remembered import RememberingEmbedder
from lrev.indexing.rows import Parsed
from lrev.indexing.segment_writer import SegmentWriter, embedder_id, file_sha256
from lrev.indexing.sources import Sources, merged
from lrev.indexing.trees import ListedTree, list_trees, new_files
from lrev.types import Embedder

# A segment is finished at this size, so that a killed build of a whole kernel loses minutes, not all of it.
_SEGMENT_CHUNKS = 250_000
_REPORT_EVERY_BLOBS = 100


def build(
    sources: Sources,
    directory: Path,
    embedder: Embedder,
    *,
    progress: Progress = silent,
    rebuild: bool = False,
    keep_vectors: bool = False,
) -> Generation:
    """Add `sources` to those the index has, bring all of them up to date, and publish; nothing new publishes nothing.

    `rebuild` keeps the recorded sources and makes everything anew. `keep_vectors` is for an embedder that takes hours:
    what it made survives a killed build. Raises UsageError when there is nothing to index,
    IndexMissing when the index is of another schema, chunker or embedder, LockHeld when another process builds, and
    MachineError when the disk is full; the published generation is intact after each of them.
    """
    with full_disk_told(directory):
        prepare(directory)
        with builder_lock(directory):
            if not keep_vectors:
                return _Build(sources, directory, embedder, progress, rebuild).run()
            with RememberingEmbedder(embedder, directory) as remembering:
                generation = _Build(sources, directory, remembering, progress, rebuild).run()
            remembering.forget()
            return generation


@dataclass(slots=True)
class _Build:
    """One run; what it finds and makes is in the fields below."""

    sources: Sources
    directory: Path
    embedder: Embedder
    progress: Progress
    rebuild: bool
    number: int = 0
    skipped: list[SkippedRecord] = field(default_factory=list)

    def run(self) -> Generation:
        number = current_number(self.directory)
        self.number = (number or 0) + 1
        recorded = recorded_sources(self.directory, number)
        before = self._before(number)
        sources = merged(self.sources, recorded)
        held = self._held(before, recorded, sources)
        trees = self._list(sources, before)
        mail = mail_reading(sources.mail, before, held)
        self._write("parsing source", new_files(trees, held.known()), held)
        self._write("reading mail", Tasks(mail.tasks()), held)
        self.skipped += [SkippedRecord(source=path, path="", why=why, lasting=False) for path, why in mail.problems]
        _forget_unused(held, trees)
        generation = generation_of(self.number, self.embedder, held, trees, mail, self._skipped(before), before)
        if before is not None and same(before, generation, trees):
            return before
        return self._publish(generation, trees, before)

    def _before(self, number: int | None) -> Generation | None:
        if number is None or self.rebuild:
            return None
        before = load(self.directory)
        if before.embedder != embedder_id(self.embedder):
            raise IndexMissing(f"the index was built with embedder '{before.embedder.name}'", REBUILD_HINT)
        return before

    def _held(self, before: Generation | None, recorded: Generation | None, sources: Sources) -> Holdings:
        """Also sweeps away what a killed build left unfinished; what is published stays until the new one is."""
        held = Holdings(self.directory)
        if before is not None:
            held.take(before.segments)
        if not self.rebuild:
            held.adopt(embedder_id(self.embedder), sources.mail)
        published = recorded.segments if recorded is not None else ()
        sweep(self.directory, frozenset(record.id for record in (*published, *held.segments)))
        held.drop_smallest(sources.mail)
        return held

    def _list(self, sources: Sources, before: Generation | None) -> tuple[ListedTree, ...]:
        trees = list_trees(sources.trees, self.directory, before, self.progress)
        for tree in trees:
            self.skipped += [
                SkippedRecord(source=tree.source.name, path=one.path, why=one.why, lasting=False)
                for one in tree.skipped
            ]
        return trees

    def _write(self, stage: str, tasks: Tasks, held: Holdings) -> None:
        """Parse the tasks into as many new segments as they need, none when there is nothing to add."""
        writer: SegmentWriter | None = None
        for done, parsed in enumerate(parse_all(tasks.each), 1):
            if done % _REPORT_EVERY_BLOBS == 0:
                self.progress(stage, done, tasks.total)
            if not self._wanted(parsed, held):
                continue
            writer = writer or SegmentWriter(self.directory, self.embedder, self.number).open()
            writer.add(parsed)
            if writer.chunks >= _SEGMENT_CHUNKS:
                held.take([writer.close()])
                writer = None
        if writer is not None:
            held.take([writer.close()])

    def _wanted(self, parsed: Parsed, held: Holdings) -> bool:
        """Mail that came by another list is left out; what could not be read is kept, not to be read again."""
        if parsed.problem:
            path = parsed.path or parsed.blob
            self.skipped.append(SkippedRecord(source=parsed.archive, path=path, why=parsed.problem, lasting=True))
        if parsed.message is None:
            return True
        fresh = parsed.message.message_id not in held.message_ids
        held.message_ids.add(parsed.message.message_id)
        return fresh

    def _skipped(self, before: Generation | None) -> list[SkippedRecord]:
        """What earlier builds could not parse is not parsed again, and stays on the list."""
        lasting = [one for one in before.skipped if one.lasting] if before is not None else []
        return list(dict.fromkeys((*self.skipped, *lasting)))

    def _publish(self, generation: Generation, trees: tuple[ListedTree, ...], before: Generation | None) -> Generation:
        path = listing_path(self.directory, generation.number)
        listing.write(path, (file for tree in trees for file in tree.files))
        live = frozenset(file.blob for tree in trees for file in tree.files)
        inferred = self._infer(generation, live, before)
        sums = {"listing_sha256": file_sha256(path), "inferred_sha256": file_sha256(inferred)}
        generation = generation.model_copy(update=sums)
        publish(self.directory, generation)
        sweep(self.directory, frozenset(record.id for record in generation.segments))
        return generation

    def _infer(self, generation: Generation, live: frozenset[str], before: Generation | None) -> Path:
        path = inferred_path(self.directory, generation.number)
        aside = path.with_suffix(".tmp")
        aside.unlink(missing_ok=True)
        if before is not None and _same_source(before, generation):
            aside.hardlink_to(inferred_path(self.directory, before.number))
        else:
            self.progress("inferring facts", 0, 0)
            infer_into(aside, self.directory, generation, live)
        aside.replace(path)
        return path


def _same_source(before: Generation, after: Generation) -> bool:
    """Whether only mail came: the facts are in the numbers of segments that stand where they stood."""
    count = len(before.segments)
    added = after.segments[count:]
    listings = [[(tree.name, tree.listing) for tree in one.trees] for one in (before, after)]
    return (
        listings[0] == listings[1]
        and after.segments[:count] == before.segments
        and not any(record.symbols for record in added)
    )


def _forget_unused(held: Holdings, trees: tuple[ListedTree, ...]) -> None:
    """Segments of source of which no file is left."""
    standing = {file.blob for tree in trees for file in tree.files}
    for record in [one for one in held.segments if not one.messages]:
        if held.blobs[record.id].isdisjoint(standing):
            held.forget(record)
