from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lrev.source.documents import MAX_CHUNK_CHARACTERS, kconfig, maintainers, sections, text_chunks
from lrev.types import ChunkKind, Span, SymbolKind

RST = b"""=====
Lamps
=====

A lamp gives light.

Locking
=======

.. code-block:: c

   mutex_lock(&lamp->lock);

  Indented
  ========

Short
-----
"""


def test_sections_are_named_by_title_and_heading() -> None:
    found = sections("Documentation/lamp.rst", RST, "b")
    assert [(one.name, one.span) for one in found] == [
        ("Lamps", Span(1, 5)),
        ("Lamps > Locking", Span(7, 15)),
        ("Lamps > Short", Span(17, 18)),
    ]
    assert "mutex_lock(&lamp->lock);" in found[1].text
    assert {one.kind for one in found} == {ChunkKind.DOCUMENT}


def test_a_document_without_headings_is_named_after_its_file() -> None:
    (only,) = sections("Documentation/notes.txt", b"just\ntext\n", "b")
    assert (only.name, only.span) == ("notes.txt", Span(1, 2))


def test_long_text_is_cut_at_empty_lines() -> None:
    data = "\n".join("x" * 60 if at % 10 else "" for at in range(200)).encode()
    found = text_chunks("scripts/x.sh", data, "b")
    assert len(found) > 4
    assert all(len(one.text) <= MAX_CHUNK_CHARACTERS for one in found)
    assert all(one.text == "\n".join(data.decode().split("\n")[one.span.start - 1 : one.span.end]) for one in found)


@given(st.text(alphabet="ab=-\n \t~#", max_size=300))
def test_every_written_line_is_in_one_section(text: str) -> None:
    lines = text.splitlines()
    found = sections("d.rst", text.encode(), "b")
    covered = [line for one in found for line in range(one.span.start, one.span.end + 1)]
    assert len(covered) == len(set(covered))
    assert {at for at, line in enumerate(lines, 1) if line.strip()} <= set(covered)


def test_maintainers_sections_with_their_patterns() -> None:
    lamps_section = b"LAMPS\nM:\tMax <max@example.org>\nS:\tMaintained\nF:\tdrivers/lamp/\nF:\tinclude/lamp.h\n"
    data = b"Preface\n=======\n\n" + lamps_section + b"\nSOFAS\nF:\tx/\n"
    lamps, sofas = maintainers(data, "b")
    assert (lamps.name, lamps.kind, lamps.span) == ("LAMPS", SymbolKind.MAINTAINERS, Span(4, 8))
    assert lamps.signature == "S: Maintained\nF: drivers/lamp/\nF: include/lamp.h"
    assert sofas.name == "SOFAS"


def test_kconfig_entries() -> None:
    data = (
        b'config LAMP\n\ttristate "Lamps"\n\tdepends on POWER\n\thelp\n\t  Light.\n\nmenuconfig SOFA\n\tbool "Sofas"\n'
    )
    lamp, sofa = kconfig(data, "b")
    assert (lamp.name, lamp.span) == ("CONFIG_LAMP", Span(1, 5))
    assert lamp.signature == 'config LAMP\ntristate "Lamps"\ndepends on POWER'
    assert (sofa.name, sofa.span) == ("CONFIG_SOFA", Span(7, 8))


def test_a_list_of_maintainers_without_a_section() -> None:
    assert maintainers(b"text\n", "blob") == ()
    assert maintainers(b"", "blob") == ()
