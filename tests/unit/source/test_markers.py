from __future__ import annotations

import pytest

from lrev.source.markers import fixed, reverted, same_commit, upstream_markers

FULL = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "line",
    [
        f"commit {FULL} upstream.",
        f"commit {FULL} upstream",
        f"[ Upstream commit {FULL} ]",
        f"[Upstream commit {FULL}]",
        f"[ commit {FULL} upstream ]",
        f"(cherry picked from commit {FULL})",
        f"(cherry-picked from commit {FULL} linux-next)",
        f"(backported from commit {FULL})",
        f"Backport of {FULL}",
        f"This is commit {FULL} from upstream",
        f'commit {FULL} ("lamp: dim") upstream.',
        f"Upstream commit {FULL}.",
        f'Mainline commit {FULL} ("lamp: dim")',
        f"commit {FULL} upstream, with the lamp left out",
        f"Upstream-commit: {FULL}",
        f"Git-commit: {FULL}",
        f"upstream: commit {FULL}",
        f"mainline commit {FULL}",
        f"commit {FULL}",
    ],
)
def test_every_form_of_a_backport_is_known(line: str) -> None:
    (found,) = upstream_markers(f"Dark.\n\n{line}\n")
    assert (found.commit, found.line) == (FULL, 3)


@pytest.mark.parametrize(
    "line",
    [
        f"Since commit {FULL} the lamp is dark.",
        f"commit {FULL[:12]}",
        f"commit {FULL} broke the lamp upstream of the switch",
        f'Fixes: {FULL[:12]} ("lamp: dim")',
        f"This reverts commit {FULL}.",
        f'Upstream commit {FULL[:12]} ("lamp: dim") broke the lamp',
        f"commit {FULL[:12]} in mainline changed the lamp",
        "commit --upload-pack=x upstream.",
        "commit 012345 upstream.",
        f"commit {FULL}89 upstream.",
        f"commit {FULL[:12]}g upstream.",
        "[ Upstream commit ]",
        " " * 1_000_000 + f"commit {FULL} upstream.",
    ],
)
def test_other_mentions_are_none(line: str) -> None:
    assert upstream_markers(line) == ()


def test_abbreviated_and_repeated_ids() -> None:
    other = "f" * 40
    short = FULL[:12]
    text = f"commit {short.upper()} upstream.\n\n[ Upstream commit {short} ]\n(cherry picked from commit {other})"
    assert [(one.commit, one.line) for one in upstream_markers(text)] == [(short, 1), (other, 4)]
    assert same_commit(FULL, FULL[:7]) and same_commit(FULL[:7], FULL)
    assert not same_commit(FULL, "1" + FULL[1:]) and not same_commit("", FULL)


def test_what_a_commit_fixes_and_reverts() -> None:
    text = (
        f'Dark since fixes: x.\n\nThis reverts commit {FULL}.\nFixes: {FULL[:8]} ("lamp")\nfixes: commit {FULL[:12]}\n'
    )
    assert fixed(text) == (FULL[:8], FULL[:12])
    assert reverted(text) == (FULL,)
    assert fixed("Fixes: https://example.org/1") == ()
