"""All measurements of a real small model, over a few twins and one short length."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lrev.errors import UsageError
from lrev.evaluate.qualify.facts import LEAST_TOKENS
from lrev.evaluate.qualify.qualify import Subject, qualify, read_tokens, require_room, work_tokens
from lrev.evaluate.qualify.questions import Questions
from lrev.manifest import Tier
from lrev.model.generator import LocalGenerator
from lrev.model.metadata import stated
from lrev.paths import prompts_directory
from lrev.qualification import MeasuredWith, store, stored

pytestmark = pytest.mark.model

ALL = Questions.load(prompts_directory())
FEW = replace(ALL, twins={"locking": ALL.twins["locking"][:3]})


def test_a_real_model_is_measured(generator: LocalGenerator, smollm2_path: Path) -> None:
    known = MeasuredWith("ab" * 32, "cd" * 32, "as it is", LEAST_TOKENS)
    said: list[tuple[int, int]] = []
    subject = Subject(generator, stated(smollm2_path), 8192, "chatml", known)
    measured = qualify(subject, FEW, lambda done, total: said.append((done, total)))
    found = measured.qualification
    assert (found.trained_tokens, found.stated_tokens) == (8192, 8192)
    assert [one.depth_percent for one in found.facts] == [0, 25, 50, 75, 100]
    assert {one.share.asked for one in found.facts} == {4}
    assert (found.forms_kept.asked, found.in_order.asked) == (24, 3)
    assert found.tier is Tier.TEST  # three pairs are too few to tell anything from chance
    assert not found.spoken.problems
    assert measured.speed.written.alone > 0 and measured.speed.read[0][1] > 0
    assert said[-1][0] == pytest.approx(said[-1][1], rel=0.3)
    store(found)
    assert stored("ab" * 32) == found


def test_the_work_is_known_before(generator: LocalGenerator) -> None:
    read = read_tokens(generator, FEW, LEAST_TOKENS)
    assert 1000 < read < work_tokens(generator, FEW, LEAST_TOKENS) < read_tokens(generator, ALL, LEAST_TOKENS)


def test_a_length_without_room_is_refused() -> None:
    require_room(LEAST_TOKENS)
    with pytest.raises(UsageError, match="prompts have 799 tokens"):
        require_room(LEAST_TOKENS - 1)
