from __future__ import annotations

import difflib

from lrev.source.changed import ChangedFile, changed_functions
from lrev.source.patch import parse_diff

BEFORE = """#define LAMPS 4

static int lamp_on(void)
{
	return 1;
}

int lamp_off(void)
{
	return 0;
}
"""


def change(after: str, before: str = BEFORE) -> ChangedFile:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "a/l.c", "b/l.c", lineterm="", n=1)
    (diff,) = parse_diff("\n".join(lines) + "\n")
    return changed_functions(diff, before.encode(), after.encode())


def test_only_the_function_with_a_changed_line_is_named() -> None:
    found = change(BEFORE.replace("return 1;", "return 2;"))
    (one,) = found.functions
    assert (one.name, one.changed, one.removed, one.hunks) == ("lamp_on", frozenset({5}), frozenset({5}), (0,))
    assert one.before is not None and one.after is not None and one.after.static
    assert found.outside == ()


def test_a_new_and_a_removed_function() -> None:
    (new,) = change(BEFORE + "\nvoid lamp_new(void)\n{\n}\n").functions
    assert (new.name, new.before) == ("lamp_new", None)
    gone = change(BEFORE.replace("int lamp_off(void)\n{\n\treturn 0;\n}\n", ""))
    assert [(one.name, one.after) for one in gone.functions] == [("lamp_off", None)]


def test_a_line_outside_every_function_is_said() -> None:
    found = change(BEFORE.replace("LAMPS 4", "LAMPS 5"))
    assert (found.functions, found.outside) == ((), (0,))


def test_empty_lines_and_comments_outside_say_nothing() -> None:
    assert (
        change(BEFORE.replace("int lamp_off", "\n/* Dark. */\n/**\n * lamp_off() - off\n */\nint lamp_off")).outside
        == ()
    )


def test_two_definitions_under_ifdef_are_told_apart() -> None:
    twice = "#ifdef A\nint f(void)\n{\n\treturn 1;\n}\n#else\nint f(void)\n{\n\treturn 2;\n}\n#endif\n"
    (one,) = change(twice.replace("return 2", "return 3"), twice).functions
    assert one.changed == frozenset({9})
    assert one.after is not None and one.after.span.start == 7
