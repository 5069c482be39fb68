from __future__ import annotations

from itertools import pairwise

from lrev.source.c_chunks import MAX_LINES, OVERLAP_LINES
from lrev.source.c_code import chunks, parse
from lrev.types import Chunk, ChunkKind
from tests.unit.samples import read_sample

SAMPLE = read_sample("c/spelling.c")


def named(name: str, kind: ChunkKind) -> Chunk:
    (found,) = [chunk for chunk in chunks(parse(SAMPLE), "b") if chunk.name == name and chunk.kind is kind]
    return found


def long_function(lines: int) -> bytes:
    return b"int f(void)\n{\n" + b"".join(b"\tg(%d);\n" % n for n in range(lines - 3)) + b"}\n"


def test_a_function_comes_with_the_comment_above_it() -> None:
    text = named("lamp_find", ChunkKind.FUNCTION).text
    assert text.startswith("/* Finds a lamp. */\nstatic struct lamp *\n")
    assert text.endswith("}")
    assert named("lamp_light", ChunkKind.FUNCTION).text.startswith("SYSCALL_DEFINE2(lamp_light, int")


def test_a_type_is_one_chunk_with_what_it_holds() -> None:
    text = named("lamp", ChunkKind.TYPE).text
    assert text.startswith("/**\n * struct lamp - one lamp\n */\nstruct lamp {")
    assert "union lamp_colour" in text
    assert not [chunk for chunk in chunks(parse(SAMPLE), "b") if chunk.name == "lamp_colour"]


def test_macros_that_stand_together_are_one_chunk() -> None:
    assert named("LAMP_MAX", ChunkKind.MACRO).text == "#define LAMP_MAX\t8\n#define LAMP_MIN\t1"
    assert named("lamp_each", ChunkKind.MACRO).text.count("\n") == 1


def test_a_function_of_the_largest_size_is_not_cut() -> None:
    (whole,) = chunks(parse(long_function(MAX_LINES)), "b")
    assert (whole.span.start, whole.span.end) == (1, MAX_LINES)


def test_a_long_function_is_cut_with_an_overlap_and_nothing_is_lost() -> None:
    data = long_function(3 * MAX_LINES)
    parts = chunks(parse(data), "b")
    assert {part.name for part in parts} == {"f"}
    assert all(part.text.count("\n") < MAX_LINES + OVERLAP_LINES for part in parts)
    for before, after in pairwise(parts):
        assert after.span.start == before.span.end + 1 - OVERLAP_LINES
    lines = data.decode().split("\n")
    assert parts[-1].span.end == 3 * MAX_LINES
    assert all(part.text.split("\n") == lines[part.span.start - 1 : part.span.end] for part in parts)


def test_a_comment_behind_code_stays_there() -> None:
    (only,) = chunks(parse(b"int a; /* the a */\nint f(void)\n{\n\treturn a;\n}\n"), "b")
    assert only.text.startswith("int f(void)")


def test_unnamed_enums_take_the_name_of_their_first_value() -> None:
    (only,) = chunks(parse(b"enum {\n\tLAMP_OFF,\n\tLAMP_ON,\n};\n"), "b")
    assert (only.name, only.kind) == ("LAMP_OFF", ChunkKind.TYPE)


def test_a_cut_is_made_behind_the_outermost_statement_near_the_end() -> None:
    block = b"\tif (a) {\n" + b"\t\tg(1);\n" * 5 + b"\t}\n"
    data = b"int f(int a)\n{\n" + block * 20 + b"\treturn 0;\n}\n"
    parts = chunks(parse(data), "b")
    assert len(parts) > 2
    assert all(part.text.split("\n")[-1] == "\t}" for part in parts[:-1])


def test_a_doc_comment_is_a_document_of_its_own() -> None:
    data = b"/**\n * DOC: Lamps of a room\n *\n * All of them.\n */\n\nint a;\n/** not one */\n"
    (found,) = chunks(parse(data), "b")
    assert (found.kind, found.name, found.span.start, found.span.end) == (ChunkKind.DOCUMENT, "Lamps of a room", 1, 5)
