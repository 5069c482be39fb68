"""Answers under a schema and at a temperature, on a real model."""

from __future__ import annotations

import json

import pytest

from lrev.errors import UsageError
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.types import Prompt, Sampling
from tests.model.plans import FUNCTIONS, LAMP, PATCH, SYSTEM, short, written

pytestmark = pytest.mark.model

PREFIX = (SYSTEM, PATCH, LAMP)
TEXTS = json.dumps(
    {
        "type": "object",
        "properties": {"quote": {"type": "string", "maxLength": 20}, "sure": {"type": "boolean"}},
        "required": ["quote", "sure"],
    }
)
WARM = Sampling(temperature=1.2, seed=3)


def test_json_is_under_its_schema(generator: LocalGenerator) -> None:
    first, second = generator.answer(
        [Prompt(PREFIX, written("What becomes of `name`?")), Prompt(PREFIX, written("Quote it.", 60, TEXTS))]
    )
    found = json.loads(first.text)
    assert list(found) == ["verdict", "line"]
    assert found["verdict"] in {"freed", "lost"}
    quoted = json.loads(second.text)
    assert isinstance(quoted["quote"], str) and len(quoted["quote"]) <= 20
    assert isinstance(quoted["sure"], bool)


def test_json_ends_with_its_last_brace(generator: LocalGenerator) -> None:
    """The closing brace is chosen, and nothing is evaluated to learn that nothing follows it."""
    (answer,) = generator.answer([Prompt(PREFIX, written("What becomes of `name`?", 100))])
    assert answer.text.endswith("}")
    assert 0 < answer.tokens_written < 100


def test_json_is_cut_at_its_bound(generator: LocalGenerator) -> None:
    (answer,) = generator.answer([Prompt(PREFIX, written("What becomes of `name`?", 3))])
    assert answer.tokens_written == 3
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.text)


def test_several_are_written_together_and_stay_apart(generator: LocalGenerator) -> None:
    """One by one and together may differ in the last bits of a score, but these are not close."""
    asked = [Prompt(PREFIX, short(f"Count on from {number}.", 8, lead=f"{number}, {number + 1},")) for number in (1, 5)]
    one_by_one = [generator.answer([prompt])[0].text for prompt in asked]
    assert [answer.text for answer in generator.answer(asked)] == one_by_one
    assert one_by_one[0].startswith("3") and one_by_one[1].startswith("7")


def test_a_seed_decides_at_a_temperature(generator: LocalGenerator) -> None:
    asked = [Prompt(PREFIX, short("Name a part of a lamp.", 16)) for _ in range(6)]
    first, again = (generator.answer(asked, WARM) for _ in range(2))
    assert [one.text for one in first] == [one.text for one in again]
    other = generator.answer(asked, Sampling(temperature=1.2, seed=4))
    assert [one.text for one in first] != [one.text for one in other]
    assert len({one.text for one in first}) > 1  # each place in the plan draws for itself
    cold = generator.answer(asked)
    assert len({one.text for one in cold}) == 1


def test_json_at_a_temperature_is_under_its_schema(generator: LocalGenerator) -> None:
    asked = [Prompt(PREFIX, written("What becomes of `name`?", 40)) for _ in range(5)]
    for answer in generator.answer(asked, Sampling(temperature=2.0, seed=1)):
        assert json.loads(answer.text)["verdict"] in {"freed", "lost"}


def test_closed_answers_do_not_depend_on_a_temperature(generator: LocalGenerator) -> None:
    warm, cold = generator.answer(FUNCTIONS[0][:2], WARM), generator.answer(FUNCTIONS[0][:2])
    assert [one.probabilities for one in warm] == [one.probabilities for one in cold]


@pytest.mark.parametrize("schema", ["", "[]", '{"$ref": "#/nowhere"}'])
def test_a_schema_without_a_grammar_is_refused(spec: EngineSpec, schema: str) -> None:
    with open_generator(spec) as generator, pytest.raises(UsageError, match="cannot make a grammar"):
        generator.answer([Prompt(PREFIX, written("?", 9, schema))])
