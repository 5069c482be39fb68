"""What bench/ computes and says; what it measures is nobody's to assert."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from bench.index import BARS, Bar, main
from bench.measuring import in_child, megabytes, percentile, table
from bench.processes import lrev, run
from bench.queries import Query, from_patches

PATCH = """\
From: Ada Example <ada@example.org>
Subject: [PATCH] lamp: switch under the lock

The lamp was switched without its mutex, so that two callers could leave it half lit.

Signed-off-by: Ada Example <ada@example.org>
---
diff --git a/lamp.c b/lamp.c
--- a/lamp.c
+++ b/lamp.c
@@ -1,3 +1,3 @@ static int lamp_light(struct lamp *lamp)
 \tmutex_lock(&lamp->lock);
-\tlamp->lit = 1;
+\tlamp->lit = true;
diff --git a/other.c b/other.c
--- a/other.c
+++ b/other.c
@@ -1,1 +1,1 @@
-old
+new
"""


def fail() -> object:
    raise ValueError("on purpose")


@pytest.mark.parametrize(
    ("bar", "found", "verdict"),
    [
        (Bar("seconds", 3), 2.5, "seconds: 2.5 (bar 3) ok"),
        (Bar("seconds", 3), 3.51, "seconds: 3.51 (bar 3) missed"),
        (Bar("messages", 1500, least=True), 1499, "messages: 1499 (bar 1500) missed"),
        (Bar("messages", 1500, least=True), 2000, "messages: 2000 (bar 1500) ok"),
    ],
)
def test_a_bar_says_whether_it_was_met(bar: Bar, found: float, verdict: str) -> None:
    assert bar.verdict(found) == verdict


def test_each_bar_is_told_once() -> None:
    assert len({bar.figure for bar in BARS}) == len(BARS)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "nothing"], "no stage 'nothing'"),
        (["--only", "mail"], "the stage 'mail' wants --mail"),
        (["--only", "query"], "either the stage 'build' or --index"),
        (["--only", "update", "--index", "x"], "the stage 'update' wants 'build'"),
    ],
)
def test_stages_that_cannot_run_are_refused(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--tree", str(tmp_path), *arguments])
    assert said in capsys.readouterr().err


def test_queries_of_a_patch(tmp_path: Path) -> None:
    (tmp_path / "1.patch").write_text(PATCH)
    sentence = "The lamp was switched without its mutex, so that two callers could leave it half lit."
    assert from_patches(tmp_path) == [
        Query("name", "lamp_light", "lamp_light"),
        Query("lines", "lamp_light\n\tmutex_lock(&lamp->lock);\n\tlamp->lit = true;", "lamp_light"),
        Query("sentence", sentence),
    ]


def test_a_child_answers_and_its_memory_is_its_own() -> None:
    small = in_child(partial(len, "lamp"))
    large = in_child(lambda: len(bytearray(200 << 20)))
    assert (small.answer, large.answer) == (4, 200 << 20)
    assert large.peak_megabytes > small.peak_megabytes + 150


def test_a_child_that_fails_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError, match="the stage failed"):
        in_child(fail)
    assert "ValueError: on purpose" in capfd.readouterr().err


def test_a_program_is_watched_and_its_failure_told() -> None:
    found = run(["python3", "-c", "import time; kept = bytearray(100 << 20); time.sleep(0.5); print(len(kept))"])
    assert found.output == f"{100 << 20}\n"
    assert found.peak_megabytes > 100
    assert lrev("--version").output.startswith("lrev ")
    with pytest.raises(RuntimeError, match="no index in"):
        lrev("search", "--index", "/nonexistent", "lamp")


def test_a_file_with_two_names_counts_once(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(bytes(1 << 20))
    os.link(tmp_path / "one", tmp_path / "other")
    assert megabytes(tmp_path) == pytest.approx(1)


def test_percentiles_and_tables() -> None:
    assert percentile(range(100), 0.5) == 50
    assert percentile([7.0], 0.99) == 7
    assert table(("a", "b"), [("long", 1)]) == "| a    | b |\n|------|---|\n| long | 1 |"
