"""The examples from index to reply, with the fakes in place of both models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrev.evidence.knowledge import IndexKnowledge
from lrev.indexing.build import build
from lrev.indexing.reader import Index, open_index
from lrev.indexing.sources import sources_of
from lrev.model.fake import FakeEmbedder, FakeGenerator
from lrev.paths import prompts_directory
from lrev.report.json import document
from lrev.report.reply import reply
from lrev.review.inputs import laid_series
from lrev.review.pipeline import Resources, review_series
from lrev.review.plan import Limits
from lrev.review.prompts import Prompts
from lrev.review.scales import Scales
from lrev.rules.load import load_rules
from lrev.source.tree import DirectoryTree
from lrev.types import Provenance, ReadState, Review

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
TREE = EXAMPLES / "tree"
SERIES = EXAMPLES / "series" / "pebble-lantern-series.mbox"
CLEAN = EXAMPLES / "series" / "clean.patch"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    directory = tmp_path_factory.mktemp("index")
    mail = sorted((EXAMPLES / "messages").glob("*.eml"))
    build(sources_of([TREE, TREE / "Documentation"], mail), directory, FakeEmbedder())
    with open_index(directory) as opened:
        yield opened


def reviews(index: Index, patches: Path, generator: FakeGenerator | None, cache: Path) -> tuple[Review, ...]:
    prompts = Prompts(prompts_directory())
    resources = Resources(
        index=index,
        tree=DirectoryTree(TREE),
        embedder=FakeEmbedder(),
        knowledge=IndexKnowledge(index, DirectoryTree(TREE)),
        rules=load_rules(prompts_directory() / "rules"),
        prompts=prompts,
        limits=Limits(prompt_tokens=2400, review_tokens=24000),
        provenance=Provenance("test", "fake", "", "1", "fake", prompts.sha256(), 0, 2400),
        stale={},
        generator=generator,
        scales=Scales(generator, prompts, cache) if generator else None,
    )
    found = laid_series(str(patches), None, DirectoryTree(TREE), None)
    return tuple(review for series, base, tree in found for review in review_series(series, base, tree, resources))


def test_each_planted_defect_is_proven_and_nothing_else_is_reported(index: Index, tmp_path: Path) -> None:
    expected = json.loads((EXAMPLES / "series" / "expected.json").read_text())[SERIES.name]
    found = reviews(index, SERIES, None, tmp_path)
    assert len(expected) == len(found) == 3
    for defect in expected:
        (finding,) = found[defect["patch"] - 1].findings
        assert (finding.path, finding.function) == (defect["file"], defect["function"])
        assert finding.line in (defect["line"], defect["cause_line"])
        assert finding.certainty.value == "proven"


def test_the_clean_patch_gets_no_comment_and_says_what_was_read(index: Index, tmp_path: Path) -> None:
    (review,) = reviews(index, CLEAN, None, tmp_path)
    assert review.findings == ()
    assert any(line.state is ReadState.READ for line in review.coverage)
    assert "No comment on what was read" in reply(review)


@pytest.mark.parametrize("patches", [SERIES, CLEAN], ids=lambda path: path.name)
def test_every_quoted_line_stands_in_the_patch(index: Index, patches: Path, tmp_path: Path) -> None:
    mail = set(patches.read_text().split("\n"))
    for review in reviews(index, patches, None, tmp_path):
        quoted = [line[2:] for line in reply(review).split("\n") if line.startswith("> ")]
        # A reply's own lines end without trailing blanks, as mail does.
        stripped = {line.rstrip() for line in mail}
        assert [line for line in quoted if line != "[...]" and line not in stripped] == []


def test_a_model_that_sees_nothing_adds_nothing_and_each_match_is_accounted_for(index: Index, tmp_path: Path) -> None:
    with_model = reviews(index, SERIES, FakeGenerator(), tmp_path)
    without = reviews(index, SERIES, None, tmp_path)
    assert [review.findings for review in with_model] == [review.findings for review in without]
    for one, other in zip(with_model, without, strict=True):
        rules = [line.subject for line in one.coverage if line.kind == "rule"]
        assert rules == [line.subject for line in other.coverage if line.kind == "rule"]


def test_the_same_input_gives_the_same_bytes(index: Index, tmp_path: Path) -> None:
    first, second = (document(reviews(index, SERIES, FakeGenerator(), tmp_path / name)) for name in ("a", "b"))
    assert first == second


def test_a_function_with_too_many_paths_is_only_partly_read(index: Index, tmp_path: Path) -> None:
    # What is called through a pointer may drop the lock, so that no two of these paths are alike.
    branches = "".join(f"+\tif (lamp->f{number})\n+\t\tlamp->ops->n{number}(lamp);\n" for number in range(16))
    lock, unlock = (f"+\tmutex_{name}(&lamp->lock);\n" for name in ("lock", "unlock"))
    body = f"+int lamp_many(struct lamp *lamp)\n+{{\n{lock}{branches}{unlock}+\treturn 0;\n+}}\n"
    patch = tmp_path / "many.patch"
    patch.write_text(f"--- /dev/null\n+++ b/mm/many.c\n@@ -0,0 +1,{body.count(chr(10))} @@\n{body}")
    (review,) = reviews(index, patch, None, tmp_path)
    (line,) = [line for line in review.coverage if line.kind == "function"]
    assert line.state is ReadState.PARTLY
    assert "more paths than" in line.why


def test_a_patch_that_does_not_fit_those_before_it_names_file_and_hunk(index: Index, tmp_path: Path) -> None:
    head, file, rest = SERIES.read_text().rpartition("+++ b/fs/pebble/super.c\n")
    broken = tmp_path / "broken.mbox"
    broken.write_text(head + file + rest.replace(" #include", " #incl", 1))
    first, second, third = reviews(index, broken, None, tmp_path)
    assert (first.base.applies, second.base.applies, third.base.applies) == (True, True, False)
    problem = "'fs/pebble/super.c': hunk 1 at line 3 does not match"
    assert third.base.problem == f"on top of the patches before it, {problem}"
    assert {line.why for line in third.coverage if "super.c" in line.subject} == {problem}
    assert problem in " ".join(reply(third).split()) and problem not in " ".join(reply(first).split())


def test_what_cannot_be_read_is_said_and_never_called_clean(index: Index, tmp_path: Path) -> None:
    patch = tmp_path / "odd.patch"
    patch.write_text(
        "diff --git a/mm/nowhere.c b/mm/nowhere.c\n--- a/mm/nowhere.c\n+++ b/mm/nowhere.c\n@@ -1 +1 @@\n-a\n+b\n"
        "diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ\n"
        "diff --git a/net/ferry/lamp.dts b/net/ferry/lamp.dts\nnew file mode 100644\n"
        "--- /dev/null\n+++ b/net/ferry/lamp.dts\n@@ -0,0 +1 @@\n+/dts-v1/;\n"
    )
    (review,) = reviews(index, patch, None, tmp_path)
    why = {line.subject.split(":")[0]: line.why for line in review.coverage}
    assert "not in the tree" in why["mm/nowhere.c"]
    assert why["logo.png"] == "binary"
    assert "device tree" in why["net/ferry/lamp.dts"]
    text = reply(review)
    assert "Nothing of this patch could be read" in text
    assert not re.search(r"nothing (?:was )?found|looks good|no comment", text, re.IGNORECASE)
