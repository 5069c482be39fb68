"""bench.engine: its work is that of a review, its limit counts each token once, and it runs from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.engine import main
from bench.engine_sides import Speeds, limit
from bench.engine_work import CLOSED_QUESTIONS, WRITTEN_QUESTIONS, Work, work
from lrev.model.leaves import Leaf
from lrev.paths import prompts_directory
from lrev.review.prompts import Prompts
from lrev.types import QuestionKind
from tests.model.tiny import write_gemma2


def words(text: str) -> int:
    return len(text.split())


def asked(functions: int, tree: Path | None = None) -> Work:
    return work(functions, 100, words, Prompts(prompts_directory()), tree)


def test_half_of_the_functions_are_asked_about_again() -> None:
    visits = asked(5).visits
    names = [visit[0].segments[-1] for visit in visits]
    assert names[5:] == names[:3] and len(set(names)) == 5
    for visit in visits:
        kinds = [prompt.question.kind for prompt in visit]
        assert kinds.count(QuestionKind.CLOSED) == CLOSED_QUESTIONS
        assert kinds.count(QuestionKind.JSON) == WRITTEN_QUESTIONS
        assert len({prompt.segments for prompt in visit}) == 1
    every = [prompt.question.id for visit in visits for prompt in visit]
    assert len(set(every)) == len(every)


def test_functions_are_as_long_as_asked_and_the_same_every_time() -> None:
    assert asked(3) == asked(3)
    assert all(100 < words(visit[0].segments[-1]) < 160 for visit in asked(3).visits)


def test_functions_can_come_from_a_tree(tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    for name in ("dimmer", "lamp"):
        (tmp_path / "drivers" / f"{name}.c").write_text("#include <linux/lamp.h>\n" + f"int {name} = 1;\n" * 3000)
    (tmp_path / "drivers" / "short.c").write_text("int a;\n")
    visits = asked(3, tmp_path).visits
    assert ["int dimmer = 1;" in visit[0].segments[-1] for visit in visits] == [True, False, True]


def test_the_limit_counts_each_token_once() -> None:
    """Head 2, functions 3 each; tails ??1 and ??2 are 4 tokens: 1 s a token in the first batch of 4, 2 s behind it."""
    head, tails = (1, 2), ((9, 9, 1), (9, 9, 2))
    leaves = [[Leaf((head, (function,) * 3), tail, ((1,),)) for tail in tails] for function in (3, 4, 3)]
    found = Speeds((1.0, 2.0), 0.5, 4)
    prefixes = 2 * 1 + 2 * (2 * 1 + 1 * 2)
    questions = 3 * 4 * 2
    assert limit(found, leaves, 10, 4) == prefixes + questions + 10 * 0.5


@pytest.mark.model
def test_it_runs_and_says_for_each_bar_whether_it_was_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = write_gemma2(tmp_path / "tiny.gguf")
    main(["--model", str(model), "--functions", "1", "--tokens", "300", "--runs", "1", "--threads", "1"])
    lines = capsys.readouterr().out.splitlines()
    verdicts = [line for line in lines if line.endswith((" ok", " missed"))]
    assert len(verdicts) == 6
    assert verdicts[-1].startswith("agreement with one by one: ")
