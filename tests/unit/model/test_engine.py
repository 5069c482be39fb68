"""The engine over a model that reads letters: what is evaluated, in which shape, and what is left after a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from lrev.errors import ContextOverflow, MachineError
from lrev.model.leaves import Leaf
from lrev.model.prefixes import Prefixes
from lrev.types import LIKELIEST
from tests.unit.model.letters import LetterCells, letter_engine

FOLLOWS = {"": {"A": 0.6, "B": 0.4}, "A": {"B": 0.9, "\n": 0.1}, "AB": {"\n": 1.0}, "B": {"\n": 1.0}}


def closed(prefix: str, tail: str, *choices: str) -> Leaf:
    return Leaf(groups(prefix), letters(tail), tuple(map(letters, choices)))


def written(prefix: str, tail: str, max_tokens: int = 9) -> Leaf:
    return Leaf(groups(prefix), letters(tail), max_tokens=max_tokens)


def groups(prefix: str) -> tuple[tuple[int, ...], ...]:
    return tuple(map(letters, prefix.split()))


def letters(text: str) -> tuple[int, ...]:
    return tuple(text.encode())


def test_questions_over_one_prefix_are_evaluated_in_one_batch() -> None:
    cells = LetterCells(FOLLOWS)
    letter_engine(cells).run([closed("sys f", tail, "A", "B") for tail in ("1?", "22?", "3?")], LIKELIEST)
    assert cells.batches == [{0: 3}, {0: 1}, {1: 2, 2: 3, 3: 2}]


def test_what_questions_begin_with_alike_is_evaluated_once() -> None:
    cells = LetterCells(FOLLOWS)
    tails = ("which? A", "which? B", "what?", "which? A")
    found = letter_engine(cells).run([closed("s", tail, "A", "B") for tail in tails], LIKELIEST)
    assert cells.batches == [{0: 1}, {1: 8, 2: 1, 3: 3}]
    assert [(one.read, one.reused) for one in found] == [(9, 0), (1, 8), (3, 3), (0, 9)]
    assert len({one.scores for one in found}) == 1


def test_choices_of_several_tokens_are_evaluated_in_one_batch() -> None:
    cells = LetterCells(FOLLOWS)
    found = letter_engine(cells).run([closed("s", "?", "AB", "A\n", "B\n"), closed("s", "!", "A", "AB\n")], LIKELIEST)
    assert cells.batches == [{0: 1}, {1: 1, 2: 1}, {3: 1, 4: 1, 5: 2}]
    assert [round(2.718281828**one, 6) for one in found[0].scores] == [0.54, 0.06, 0.4]
    assert [one.evaluated for one in found] == [2, 2]


def test_answers_are_written_together_until_the_last_is_done() -> None:
    cells = LetterCells(FOLLOWS)
    found = letter_engine(cells).run([written("s", "?"), written("s", "!", 1), written("s", "-", 2)], LIKELIEST)
    assert cells.batches == [{0: 1}, {1: 1, 2: 1, 3: 1}, {1: 1, 3: 1}, {1: 1}]
    assert [bytes(one.written) for one in found] == [b"AB\n", b"A", b"AB"]


def test_a_function_that_comes_back_is_not_evaluated_again() -> None:
    cells = LetterCells(FOLLOWS)
    engine = letter_engine(cells)
    engine.run([closed("s f", "?", "A", "B"), closed("s g", "?", "A", "B")], LIKELIEST)
    (again,) = engine.run([closed("s f", "!", "A", "B")], LIKELIEST)
    assert cells.log[-3:] == ["park sg", "back sf", "ask sf!"]
    assert (again.read, again.reused) == (1, 2)


def test_what_the_prompts_cost_is_told_to_the_token() -> None:
    cells = LetterCells(FOLLOWS)
    found = letter_engine(cells).run(
        [written("sys f", "??"), closed("sys f", "?", "A"), closed("t", "?", "A")], LIKELIEST
    )
    assert [(one.read, one.reused) for one in found] == [(6, 0), (1, 4), (2, 0)]


@pytest.mark.parametrize("trims", [True, False])
def test_after_a_failure_nothing_is_taken_for_known(trims: bool) -> None:
    cells = LetterCells(FOLLOWS, trims=trims)
    engine = letter_engine(cells)
    plan = [closed("s f", "?", "A", "B"), closed("s g", "?", "A", "B")]
    before = engine.run(plan, LIKELIEST)
    cells.fails = True
    with pytest.raises(MachineError, match="on purpose"):
        engine.run(plan, LIKELIEST)
    cells.fails = False
    after = engine.run(plan, LIKELIEST)
    assert [one.scores for one in after] == [one.scores for one in before]
    assert [one.read for one in after] == [one.read for one in before]


def test_what_does_not_fit_is_refused_before_anything_is_evaluated() -> None:
    cells = LetterCells(FOLLOWS, count=8)
    with pytest.raises(ContextOverflow, match="needs 9 cells of the cache, which has 8"):
        letter_engine(cells).run([closed("s", "?", "A"), written("s", "?", 7)], LIKELIEST)
    assert not cells.log


def test_the_head_comes_from_the_disk_and_is_counted_as_read(tmp_path: Path) -> None:
    """A replay must give the same account, whatever the disk has."""
    prefixes = Prefixes(tmp_path / "prefixes", "letters")
    plan = [closed(f"{'s' * 20} f", "?", "A", "B"), closed(f"{'s' * 20} g", "?", "A", "B")]
    logs, accounts = [], []
    for _ in range(2):
        cells = LetterCells(FOLLOWS)
        found = letter_engine(cells, prefixes=prefixes).run(plan, LIKELIEST)
        logs.append(cells.log)
        accounts.append([(one.read, one.reused, one.scores) for one in found])
    assert logs[0][:2] == [f"read {'s' * 20}", f"park {'s' * 20}"]
    assert logs[1][:2] == [f"back {'s' * 20}", "read f"]
    assert accounts[0] == accounts[1]
