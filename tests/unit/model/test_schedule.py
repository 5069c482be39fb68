"""The schedule: what is evaluated in which order and shape, as a function of the questions alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrev.errors import ContextOverflow
from lrev.model.leaves import Chunks, Leaf
from lrev.model.parking import Parking
from lrev.model.schedule import Discard, Limits, Park, Read, Restore, Trim, Visit, schedule

LIMITS = Limits(batch_tokens=4, cells=40, width=3)
SAVED = Limits(batch_tokens=4, cells=40, width=1, trims=False)


def tokens(text: str) -> tuple[int, ...]:
    return tuple(map(ord, text))


def chunks(*texts: str) -> Chunks:
    return tuple(map(tokens, texts))


def closed(prefix: str, tail: str = "?") -> Leaf:
    """Groups of the prefix are parted by spaces."""
    return Leaf(tuple(map(tokens, prefix.split())), tokens(tail), (tokens("A"), tokens("B")))


def written(prefix: str, tail: str = "?", max_tokens: int = 5) -> Leaf:
    return Leaf(tuple(map(tokens, prefix.split())), tokens(tail), max_tokens=max_tokens)


def parking(limit: int = 1000) -> Parking:
    return Parking(limit, lambda count: count)


def planned(*leaves: Leaf, held: Chunks = (), limits: Limits = LIMITS, room: int = 1000) -> list[Visit]:
    return schedule(leaves, held, parking(room), limits)


def test_a_prefix_is_read_once_in_chunks_that_end_where_its_groups_do() -> None:
    (visit,) = planned(closed("system f"), closed("system f"))
    assert visit.moves == (Read(chunks("syst", "em"), head=True), Read(chunks("f")))
    assert (visit.read_tokens, visit.tokens) == (7, 7)
    assert visit.waves == ((0, 1),)


def test_what_the_next_function_shares_stays() -> None:
    first, second = planned(closed("s f"), closed("s g"))
    assert second.moves == (Park(chunks("s", "f")), Trim(chunks("s")), Read(chunks("g")))
    assert (first.read_tokens, second.read_tokens, second.tokens) == (2, 1, 2)


def test_nothing_shared_is_nothing_kept() -> None:
    (visit,) = planned(closed("g"), held=chunks("f"))
    assert visit.moves == (Park(chunks("f")), Trim(()), Read(chunks("g"), head=True))


def test_a_function_that_comes_back_is_not_read_again() -> None:
    *_, third = planned(closed("s f"), closed("s g"), closed("s f"))
    assert third.moves == (Park(chunks("s", "g")), Restore(chunks("s", "f")))
    assert third.read_tokens == 0


def test_a_state_that_is_parked_is_not_parked_again() -> None:
    *_, fourth, fifth = planned(closed("s f"), closed("s g"), closed("s f"), closed("s g"), closed("s f"))
    assert fourth.moves == (Restore(chunks("s", "g")),)
    assert fifth.moves == (Restore(chunks("s", "f")),)


def test_a_parked_state_that_has_more_of_a_prefix_than_the_cache_is_cut_to_it() -> None:
    *_, third = planned(closed("s p f"), closed("t"), closed("s p g"))
    assert third.moves == (Park(chunks("t")), Restore(chunks("s", "p", "f")), Trim(chunks("s", "p")), Read(chunks("g")))


def test_what_comes_again_is_kept_before_what_does_not() -> None:
    """Room for one state: f comes back, so g, which does not, is not parked in its place."""
    *_, third, last = planned(closed("f"), closed("g"), closed("h"), closed("f"), room=1)
    assert Park(chunks("g")) not in third.moves
    assert last.moves == (Restore(chunks("f")),)


def test_what_was_used_longest_ago_goes_first() -> None:
    *_, third, _ = planned(closed("f"), closed("g"), closed("h"), closed("i"), room=1)
    assert third.moves[:2] == (Discard(chunks("f")), Park(chunks("g")))


def test_closed_questions_fill_a_batch_and_written_ones_follow_together() -> None:
    leaves = [written("s"), closed("s", "1?"), closed("s", "2?"), closed("s", "3?"), written("s")]
    (visit,) = planned(*leaves)
    assert visit.waves == ((1, 2), (3,), (0, 4))


def test_what_questions_begin_with_alike_counts_once() -> None:
    (visit,) = planned(closed("s", "??1"), closed("s", "??2"), closed("s", "?"), closed("s", "!"))
    assert visit.waves == ((0, 1, 2), (3,))


def test_a_wave_has_room_for_its_answers() -> None:
    (visit,) = planned(*[written("s", "?", 18)] * 3)
    assert visit.waves == ((0, 1), (2,))
    (visit,) = planned(*[written("s", "?", 1)] * 5)
    assert visit.waves == ((0, 1, 2), (3, 4))


def test_a_leaf_that_does_not_fit_is_refused_with_the_numbers() -> None:
    books = parking()
    with pytest.raises(ContextOverflow, match="needs 41 cells of the cache, which has 40"):
        schedule([closed("s f"), written("s", "?", 39)], chunks("f"), books, LIMITS)
    assert not books.kept()


def test_choices_of_several_tokens_are_followed_to_their_last_but_one() -> None:
    leaf = Leaf((), tokens("?"), tuple(map(tokens, ("no", "not", "now", "yes", "A"))))
    assert leaf.paths == (tokens("no"), tokens("ye"))
    assert leaf.cells == 3


def test_a_model_that_does_not_trim_goes_back_through_what_was_saved() -> None:
    first, second = planned(closed("s f"), closed("s g"), limits=SAVED)
    assert first.moves == (Read(chunks("s"), head=True), Park(chunks("s")), Read(chunks("f")))
    assert second.moves == (Park(chunks("s", "f")), Restore(chunks("s")), Read(chunks("g")))
    assert second.read_tokens == 1


PREFIXES = st.lists(st.sampled_from(["s f", "s g", "s f h", "t", "s"]), min_size=1, max_size=8)


@given(before=PREFIXES, asked=PREFIXES, room=st.integers(0, 6), trims=st.booleans())
def test_the_waves_of_a_plan_do_not_depend_on_what_came_before(
    before: list[str], asked: list[str], room: int, trims: bool
) -> None:
    """Nor does the layout that they start from: the moves end with the prefix in the cache, whatever was in it."""
    limits = LIMITS if trims else SAVED
    books = parking(room)
    earlier = schedule([closed(one) for one in before], (), books, limits)
    held, states = _carried_out(earlier, (), set())
    later = schedule([closed(one) for one in asked], held, books, limits)
    fresh = planned(*(closed(one) for one in asked), limits=limits, room=room)
    assert [visit.waves for visit in later] == [visit.waves for visit in fresh]
    assert [visit.chunks for visit in later] == [visit.chunks for visit in fresh]
    _carried_out(later, held, states)
    assert sum(len(one) for state in books.kept() for one in state) <= room


def _carried_out(visits: list[Visit], held: Chunks, states: set[Chunks]) -> tuple[Chunks, set[Chunks]]:
    """What a cache and the parked states hold after all moves, each of which must be possible."""
    for visit in visits:
        for move in visit.moves:
            match move:
                case Park(found):
                    assert found == held
                    states.add(found)
                case Discard(found):
                    states.remove(found)
                case Restore(found):
                    assert found in states
                    held = found
                case Trim(found):
                    assert held[: len(found)] == found
                    held = found
                case Read(found):
                    held += found
        assert held == visit.chunks
    return held, states
