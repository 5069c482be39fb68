"""Patches to the examples' tree that are made up by number: each adds one function, about which a rule asks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

_FUNCTION = """\
#include "pebble.h"

/* Buffers that nobody has touched for {number} rounds go to the other list. */
void pebble_cache_settle_{number}(struct list_head *from, struct list_head *to)
{{
	struct pebble_buffer *buffer;
	unsigned int moved = 0;

	list_for_each_entry(buffer, from, lru) {{
		if (moved++ > {number})
			list_move(&buffer->lru, to);
	}}
}}
"""


_QUIET = """\
/* What {number} rounds are in sectors. */
unsigned int pebble_rounds_{number}(unsigned int shift)
{{
	return {number} << shift;
}}
"""


def generated(number: int, part: int = 1, total: int = 1, *, is_quiet: bool = False) -> str:
    """A mail with a patch of its own subject, maybe a part of a series; nobody asks about a quiet one."""
    text = (_QUIET if is_quiet else _FUNCTION).format(number=number)
    lines = "".join(f"+{line}\n" for line in text.splitlines())
    path = f"fs/pebble/settle-{number}.c"
    numbered = f"[PATCH {part}/{total}]" if total > 1 else "[PATCH]"
    first = number - part + 1
    thread = f"In-Reply-To: <{first}.settle@example.org>\n" if part > 1 else ""
    return (
        f"From {number:040x} Mon Sep 17 00:00:00 2001\n"
        f"From: Ann Author <ann@example.org>\nDate: Mon, 4 Mar 2024 12:00:00 +0000\n"
        f"Subject: {numbered} pebble: settle buffers after {number} rounds\n"
        f"Message-ID: <{number}.settle@example.org>\n{thread}\n"
        f"They are in the way.\n\nSigned-off-by: Ann Author <ann@example.org>\n---\n"
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n"
        f"@@ -0,0 +1,{len(text.splitlines())} @@\n{lines}-- \n2.43.0\n\n"
    )


def write_mailbox(path: Path, numbers: Iterable[int], *, are_quiet: bool = False) -> Path:
    path.write_text("".join(generated(number, is_quiet=are_quiet) for number in numbers))
    return path


def write_series(path: Path, first: int, total: int) -> Path:
    path.write_text("".join(generated(first + part - 1, part, total) for part in range(1, total + 1)))
    return path
