"""The draft of a new rule, with every key that a rule has."""

from __future__ import annotations

import re
from pathlib import Path

from lrev.errors import UsageError

_NAME = re.compile(r"[a-z0-9-]+")
_DRAFT = '''+++
id = "{id}"
title = "What goes wrong, in a few words"
severity = "medium"
refuters = ["result-checked"]
needs = ["function"]
comment = "What a finding says: {{call}}() can fail, and `{{variable}}` is used."
claims = [{{exists = "lamp_get"}}]
tokens = 80

[trigger]
calls = ["lamp_get"]

[question]
sound = "a statement that holds for sound code"
defect = "the statement that holds for faulty code"

[example]
right = """
static int lamp_probe(struct lamp *lamp)
{{
	return {{call}}(lamp);
}}
"""
wrong = """
static int lamp_probe(struct lamp *lamp)
{{
	return {{call}}(lamp);
}}
"""
+++

What a reviewer has to know, in two or three sentences.
'''


def draft(directory: Path, name: str, subsystem: str) -> Path:
    """Writes `directory`/SUBSYSTEM/NAME.md. Raises UsageError for a name that will not do or is taken."""
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(subsystem):
        raise UsageError(f"'{name}' in '{subsystem}' is no name of a rule", "use lower case, digits and hyphens")
    if taken := next(iter(directory.glob(f"*/{name}.md")), None):
        raise UsageError(f"rule '{name}' is there: '{taken}'")
    path = directory / subsystem / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_DRAFT.format(id=name), encoding="utf-8")
    return path
