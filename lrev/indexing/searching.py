"""Search over all segments of an open index: words, vectors, exact names, and the three fused.

Fusion is by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009): scores of unlike kinds are never compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from heapq import heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING

from lrev.indexing.found import Hit
from lrev.indexing.layout import KIND_CODES
from lrev.types import ChunkKind, Embedder, SymbolKind

if TYPE_CHECKING:
    import numpy

    from lrev.indexing.reader import Index

# The constant of the paper: it damps the difference between the first ranks.
_RANK_DAMPING = 60
# Words beat a small static embedder on code; its vectors still bring in what is said in other words.
_WORDS_WEIGHT = 1.0
_VECTORS_WEIGHT = 0.6
# A symbol that the query names is what was asked for.
_NAMED_WEIGHT = 3.0
# Selftests, samples and tools repeat the words of the code they exercise, and are rarely what a reviewer needs.
_ASIDE = re.compile(r"^(?:tools|samples)/|/(?:self)?tests?/|(?:^|/|[-_])(?:kunit|test)[-_.]|[-_]test\.c$")
_ASIDE_FACTOR = 0.6
# Stubs and one-line macros share a query's two words and say nothing; BM25 and vectors both love short texts.
_SLIGHT_CHARACTERS = 160
_SLIGHT_FACTOR = 0.6
# Each list is read this much deeper than asked, because the best of two lists is in neither's first places.
_DEPTH = 3
# More from one file or one mail crowd out the others.
_MAX_PER_FILE = 3
_MAX_PER_MAIL = 2
# More definitions of one name are variants of one thing.
_MAX_NAMED = 3
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{2,}")
_SUBJECT_MARKS = re.compile(r"^(?:\s*(?:re|fwd?|aw)\s*:|\s*\[[^\]]*\])+\s*", re.IGNORECASE)
_CODE_KINDS = frozenset({ChunkKind.FUNCTION, ChunkKind.TYPE, ChunkKind.MACRO})
# Chunks that a symbol can be defined in: of documents and mail there are none.
_DEFINING_KINDS = _CODE_KINDS | {ChunkKind.TEXT}
_NAMED_KINDS = frozenset(SymbolKind) - {SymbolKind.ENUMERATOR, SymbolKind.MAINTAINERS}
# The position of a segment in the index, and the number of a chunk in it.
_Found = tuple[int, int]


def words(index: Index, query: str, limit: int, kinds: Sequence[ChunkKind], before: int | None) -> tuple[Hit, ...]:
    return _hits(index, _by_words(index, query, limit, kinds, before))


def vectors(
    index: Index, vector: numpy.ndarray, limit: int, kinds: Sequence[ChunkKind], before: int | None
) -> tuple[Hit, ...]:
    return _hits(index, _by_vectors(index, vector, limit, kinds, before))


def fused(
    index: Index, text: str, embedder: Embedder, limit: int, kinds: Sequence[ChunkKind], before: int | None
) -> tuple[Hit, ...]:
    depth = limit * _DEPTH
    # Both engines work outside of Python's lock, so that on two cores an answer takes as long as the slower of them.
    with ThreadPoolExecutor(1) as beside:
        by_words = beside.submit(_by_words, index, text, depth, kinds, before)
        vector = embedder.encode([text])[0]
        by_vectors = _by_vectors(index, vector, depth, kinds, before)
        named = _named(index, text, kinds)
    lists = ((_NAMED_WEIGHT, named), (_WORDS_WEIGHT, by_words.result()), (_VECTORS_WEIGHT, by_vectors))
    scores: dict[_Found, float] = {}
    for weight, ranked in lists:
        for rank, found in enumerate(dict.fromkeys(ranked), 1):
            scores[found] = scores.get(found, 0.0) + weight / (_RANK_DAMPING + rank)
    return tuple(_without_crowds(_by_worth(index, scores), limit))


def _by_words(
    index: Index, query: str, limit: int, kinds: Sequence[ChunkKind], before: int | None
) -> dict[_Found, float]:
    codes = [KIND_CODES[kind] for kind in kinds]
    return _best([segment.words(query, limit, codes, before) for segment in index.segments], limit)


def _by_vectors(
    index: Index, vector: numpy.ndarray, limit: int, kinds: Sequence[ChunkKind], before: int | None
) -> dict[_Found, float]:
    codes = [KIND_CODES[kind] for kind in kinds]
    return _best([segment.vectors(vector, limit, codes, before) for segment in index.segments], limit)


def _best(lists: Sequence[Sequence[tuple[int, float]]], limit: int) -> dict[_Found, float]:
    """Of the lists of all segments, in the order of the segments; the best first."""
    found = ((-score, at, number) for at, one in enumerate(lists) for number, score in one)
    return {(at, number): -score for score, at, number in sorted(found)[:limit]}


def _by_worth(index: Index, scores: dict[_Found, float]) -> Iterator[Hit]:
    """Best first. Worth only lowers a score, so no chunk is read before those that may be better are used up."""
    waiting: list[tuple[float, str, _Found, Hit]] = []
    for found in sorted(scores, key=lambda one: (-scores[one], one)):
        while waiting and -waiting[0][0] > scores[found]:
            yield heappop(waiting)[-1]
        hit = _hit(index, found, scores[found])
        if hit is not None:
            hit = replace(hit, score=hit.score * _worth(hit))
            heappush(waiting, (-hit.score, hit.source, found, hit))
    while waiting:
        yield heappop(waiting)[-1]


def _worth(hit: Hit) -> float:
    """What a hit counts for besides its ranks; at most 1."""
    aside = _ASIDE_FACTOR if _ASIDE.search(hit.path) else 1.0
    slight = hit.chunk.kind in _CODE_KINDS and len(hit.chunk.text) < _SLIGHT_CHARACTERS
    return aside * (_SLIGHT_FACTOR if slight else 1.0)


def _named(index: Index, text: str, kinds: Sequence[ChunkKind]) -> tuple[_Found, ...]:
    """The chunks that define symbols named in the text. A plain word counts only when it is the whole query."""
    if kinds and _DEFINING_KINDS.isdisjoint(kinds):
        return ()
    names = dict.fromkeys(_IDENTIFIER.findall(text))
    wanted = [name for name in names if "_" in name.strip("_") or name == text.strip()]
    return tuple(found for name in wanted for found in islice(_defining(index, name, kinds), _MAX_NAMED))


def _defining(index: Index, name: str, kinds: Sequence[ChunkKind]) -> Iterator[_Found]:
    for definition in index.definitions(name, _NAMED_KINDS):
        for at, segment in enumerate(index.segments):
            number = segment.chunk_at(definition.symbol.blob, definition.symbol.span.start)
            if number is not None and (not kinds or segment.chunk(number).chunk.kind in kinds):
                yield at, number


def _hits(index: Index, scores: dict[_Found, float]) -> tuple[Hit, ...]:
    hits = (_hit(index, found, score) for found, score in scores.items())
    return tuple(hit for hit in hits if hit is not None)


def _hit(index: Index, found: _Found, score: float) -> Hit | None:
    at, number = found
    stored = index.segments[at].chunk(number)
    chunk = stored.chunk
    if stored.message_id:
        return Hit(chunk, stored.message_id, "", score, stored.message_id, stored.date)
    places = index.locate(chunk.blob)
    if not places:
        return None
    path = places[0].path
    trees = tuple(place.tree for place in places if place.path == path)
    return Hit(chunk, f"{path}:{chunk.span.start}-{chunk.span.end}", path, score, trees=trees)


def _without_crowds(hits: Iterator[Hit], limit: int) -> Iterator[Hit]:
    """Without text seen before, versions of one patch, pieces of one function, and more than a few from one place."""
    seen: set[str] = set()
    counts: dict[str, int] = {}
    left = limit
    for hit in hits:
        place = hit.message_id or hit.path
        counts[place] = counts.get(place, 0) + 1
        fingerprint = _fingerprint(hit)
        if fingerprint in seen or counts[place] > (_MAX_PER_MAIL if hit.message_id else _MAX_PER_FILE):
            continue
        seen.add(fingerprint)
        yield hit
        left -= 1
        if not left:
            return


def _fingerprint(hit: Hit) -> str:
    """Versions of a patch have one subject; pieces and #ifdef variants have one name; the rest is told by its text."""
    if hit.chunk.kind is ChunkKind.PATCH:
        return "patch " + _SUBJECT_MARKS.sub("", hit.chunk.name).lower()
    if hit.chunk.kind in _CODE_KINDS and hit.chunk.name:
        return f"{hit.path} {hit.chunk.name}"
    return "".join(hit.chunk.text.split())
