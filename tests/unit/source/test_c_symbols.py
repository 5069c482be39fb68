from __future__ import annotations

import pytest

from lrev.source.c_code import parse, symbols
from lrev.types import Symbol, SymbolKind
from tests.unit.samples import read_sample


def found(data: bytes) -> list[tuple[str, SymbolKind]]:
    return [(one.name, one.kind) for one in symbols(parse(data), "b")]


def test_every_kind_of_symbol_in_order() -> None:
    sample = found(read_sample("c/spelling.c"))
    assert sample[:3] == [(name, SymbolKind.MACRO) for name in ("LAMP_MAX", "LAMP_MIN", "lamp_each")]
    assert set(sample) >= {
        ("lamp", SymbolKind.STRUCT),
        ("lamp_colour", SymbolKind.UNION),
        ("lamp_state", SymbolKind.ENUM),
        ("LAMP_OFF", SymbolKind.ENUMERATOR),
        ("LAMP_ON", SymbolKind.ENUMERATOR),
        ("lamp_hook_t", SymbolKind.TYPEDEF),
        ("lamps", SymbolKind.GLOBAL),
        ("lamp_count", SymbolKind.GLOBAL),
        ("lamp_register", SymbolKind.DECLARATION),
        ("lamp_unlit", SymbolKind.DECLARATION),
        ("lamp_find", SymbolKind.FUNCTION),
        ("lamp_light", SymbolKind.FUNCTION),
    }


def test_what_is_inside_a_function_is_no_symbol_of_the_file() -> None:
    assert not {"first", "rgb"} & {name for name, _ in found(read_sample("c/spelling.c"))}
    assert found(b"int f(void)\n{\n#ifdef A\n\tint x;\n#endif\n\treturn 0;\n}\n") == [("f", SymbolKind.FUNCTION)]


def test_a_signature_is_as_written_without_the_body() -> None:
    one = {symbol.name: symbol for symbol in symbols(parse(read_sample("c/spelling.c")), "b")}
    assert one["lamp_find"].signature == (
        "static struct lamp * lamp_find(struct list_head *head, u32 rgb) __must_hold(&lamp_lock)"
    )
    assert one["lamp"].signature == "struct lamp"
    assert one["lamp_each"].signature.startswith("#define lamp_each(lamp, room) list_for_each_entry(")
    assert one["lamps"].static and not one["lamp_register"].static
    assert one["lamp_register"].signature == "int __must_check lamp_register(struct lamp *lamp)"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"int (*f)(int);\n", SymbolKind.GLOBAL),
        (b"int *f(int);\n", SymbolKind.DECLARATION),
        (b"#ifdef A\nint f(int);\n#endif\n", SymbolKind.DECLARATION),
        (b"struct a f = { .b = 1 };\n", SymbolKind.GLOBAL),
        (b"typedef struct { int a; } f;\n", SymbolKind.TYPEDEF),
        (b"#define f\n", SymbolKind.MACRO),
        (b"static const struct a f[] __initconst = {\n\t{ }\n};\n", SymbolKind.GLOBAL),
    ],
)
def test_forms_of_a_declaration(data: bytes, kind: SymbolKind) -> None:
    assert ("f", kind) in found(data)


def test_both_branches_of_a_conditional_are_found() -> None:
    data = b"#ifdef A\nint f(void)\n{\n\treturn 1;\n}\n#else\nint f(void)\n{\n\treturn 2;\n}\n#endif\n"
    both: list[Symbol] = [one for one in symbols(parse(data), "b") if one.name == "f"]
    assert [one.span.start for one in both] == [2, 7]


def test_a_macro_of_several_lines_spans_them() -> None:
    (macro,) = symbols(parse(b"#define f(x) \\\n\tdo { g(x); } \\\n\twhile (0)\nint"), "b")
    assert (macro.span.start, macro.span.end) == (1, 3)
