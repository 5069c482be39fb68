"""Beginnings that questions share, as a tree."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lrev.model.stems import Stems
from lrev.model.tokenizer import Tokens

TAILS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), min_size=1, max_size=8)


@given(TAILS)
def test_each_beginning_is_there_once_and_every_tail_can_be_read_off(tails: list[Tokens]) -> None:
    stems = Stems()
    for place, tail in enumerate(tails):
        assert len(tail) - stems.shared(tail) == stems.add(place, tail)
    assert len(stems.nodes) == len({tail[:end] for tail in tails for end in range(1, len(tail) + 1)})
    for place, tail in enumerate(tails):
        through = [node for node in stems.nodes if place in node.leaves]
        assert tuple(node.token for node in through) == tail
        assert [node.position for node in through] == list(range(len(tail)))
        assert place in through[-1].ending


@given(TAILS)
def test_a_sequence_never_joins_tokens_that_it_was_parted_from(tails: list[Tokens]) -> None:
    """llama.cpp refuses a batch in which sequences part and meet again."""
    stems = Stems()
    for place, tail in enumerate(tails):
        stems.add(place, tail)
    together = {place: set(range(len(tails))) for place in range(len(tails))}
    for node in stems.nodes:
        for place in node.leaves:
            assert set(node.leaves) <= together[place]
            together[place] = set(node.leaves)
