"""The twins are what they claim to be: C that parses, alike but for the defect, with the lines that are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from tree_sitter import Language, Parser
from tree_sitter_c import language

from lrev.errors import ManifestError
from lrev.evaluate.qualify.questions import Questions, Twin
from lrev.paths import prompts_directory
from lrev.qualification import questions_sha256

QUESTIONS = Questions.load(prompts_directory())
TWINS = QUESTIONS.all_twins
every_twin = pytest.mark.parametrize("twin", TWINS, ids=[twin.id for twin in TWINS])


def lines(code: str) -> list[str]:
    return [line.strip() for line in code.split("\n")]


def test_there_are_a_few_dozen_in_families_of_one_size() -> None:
    assert len({twin.id for twin in TWINS}) == len(TWINS) == 36
    assert {len(family) for family in QUESTIONS.twins.values()} == {6}


@every_twin
def test_twins_are_alike(twin: Twin) -> None:
    assert twin.right != twin.wrong
    assert 6 <= len(twin.wrong.strip().split("\n")) <= 25
    assert f"{twin.name}(" in twin.wrong
    assert twin.sound != twin.defect


@every_twin
def test_the_lines_that_are_named_are_there(twin: Twin) -> None:
    assert twin.looked_at(twin.right) and twin.looked_at(twin.wrong)
    assert set(twin.faulty) <= set(lines(twin.wrong))


@every_twin
def test_a_line_can_be_a_choice_under_a_grammar(twin: Twin) -> None:
    """llama-cpp-python writes a quote or a backslash inside an enum into a grammar that llama.cpp cannot read."""
    assert not set(twin.right + twin.wrong) & set('"\\')


@every_twin
@pytest.mark.parametrize("side", ["right", "wrong"])
def test_a_twin_is_c(twin: Twin, side: str) -> None:
    """The macros of lists and __user are no C of their own; a twin without them has no error."""
    code = getattr(twin, side)
    if "list_for_each" in code or "__user" in code:
        return
    assert not Parser(Language(language())).parse(code.encode()).root_node.has_error


def test_other_questions_have_another_hash(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    for path in sorted(prompts_directory().rglob("*")):
        if path.is_file() and path.relative_to(prompts_directory()).parts[0] != "rules":
            place = folder / path.relative_to(prompts_directory())
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    assert questions_sha256(folder) == questions_sha256(prompts_directory())
    asked = folder / "questions" / "closed.md"
    asked.write_text(asked.read_text() + "Think.")
    assert questions_sha256(folder) != questions_sha256(prompts_directory())


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "qualification").mkdir()
    (tmp_path / "qualification" / "questions.toml").write_text('open = "?"\nopne = "?"\n')
    with pytest.raises(ManifestError, match=r"questions.toml' cannot be read"):
        Questions.load(tmp_path)
