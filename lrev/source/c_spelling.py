"""Kernel spellings that are no C for the grammar, respelled at equal length, so that every position stays true."""

from __future__ import annotations

import re

# Words between declaration specifiers or around a declarator that say nothing about its shape.
_WORDS = (
    rb"__(?:init|exit|initdata|initconst|exitdata|user|iomem|rcu|percpu|kernel|force|bitwise|private|safe|nocast|pure|"
    rb"must_check|always_inline|always_unused|maybe_unused|unused|used|weak|cold|hot|visible|ref|refdata|refconst|"
    rb"read_mostly|ro_after_init|sched|kprobes|latent_entropy|noreturn|packed|malloc|cacheline_aligned|"
    rb"cacheline_aligned_in_smp|____cacheline_aligned|net_init|net_exit|net_initdata|meminit|memexit|cpuinit|cpuexit|"
    rb"devinit|devexit|deprecated|flatten|randomize_layout|no_randomize_layout|page_aligned_data|page_aligned_bss|"
    rb"lockfunc|noclone|notrace|no_kcsan|no_sanitize_address|no_kasan_or_inline|no_sanitize_undefined|noendbr|"
    rb"attribute_const__|section|cpuidle|bpf_kfunc|fallthrough|nonstring|initcall|head|irq_entry|softirq_entry|"
    rb"exception_irq_entry|read_overflow|ksym_ref|compat_user|must_check_fn|nosavedata|inittext|earlyonly_init|"
    rb"no_caller_saved_registers|lsm_ro_after_init|copy|rte_always_inline|nocfi|kcfi|earlycon_used_or_unused)|"
    rb"__init_or_module|__init_or_acpilib|__initdata_or_module|__init_memblock|__initdata_memblock|__acpi_init|"
    rb"__attribute_const__|____cacheline_aligned(?:_in_smp)?|____cacheline_internodealigned_in_smp|"
    rb"noinline(?:_for_stack|_for_kasan)?|noinstr|asmlinkage|__visible|__net_init|notrace|nokprobe_inline|"
    rb"__naked|__noclone|__cpuidle|__lockfunc|__ref|__iomem|__force|__weak|__init_refok|__latent_entropy|"
    rb"__no_kcsan|__no_sanitize_address|__noreturn|__hyp_text|__percpu|INDIRECT_CALLABLE_SCOPE|TRACE_NOINLINE|"
    rb"STATIC_IFN_KUNIT|VISIBLE_IF_KUNIT|ACPI_SYSTEM_XFACE|ACPI_INTERNAL_VAR_XFACE|__no_context_analysis|acpi_printf_like|"
    rb"RT_RESERVED|__rte_unused|fastcall|__randomize_layout|__used|__packed|__nonstring|__always_unused|__maybe_unused"
)
_ARGUMENTS = rb"[ \t]*\((?:[^()\n]|\n(?!\n)|\((?:[^()\n]|\([^()\n]*\))*\))*\)"
_CALLED = (
    rb"__(?:must_hold(?:_shared)?|acquires(?:_shared)?|releases(?:_shared)?|cond_acquires|printf|scanf|free|cleanup|"
    rb"counted_by(?:_le|_be)?|guarded_by|pt_guarded_by|section|aligned|alloc_size|realloc_size|diagnose_as|"
    rb"assume_aligned|no_sanitize|page_aligned|alias|print|gcc_hidden|requires_ctx_lock|signal_handler|"
    rb"compiletime_error|compiletime_warning|rcu_guarded|diag)|__user_at|ACPI_PRINTF_LIKE|__bpf_md_ptr_attr"
)
_BLANKED = re.compile(rb"\b(?:(?:" + _CALLED + rb")" + _ARGUMENTS + rb"|(?:" + _WORDS + rb")(?![\w(]))")
_SCOPED_GUARD = re.compile(rb"^[ \t]+(?P<all>scoped_(?:cond_)?guard" + _ARGUMENTS + rb")(?=\s*[^\s;])", re.MULTILINE)

# A call with a block behind it is a loop, as is a `for_each` before a statement: while takes the same shape.
_ITERATOR = re.compile(
    rb"^[ \t]+(?:else[ \t]+)?(?P<name>(?!(?:if|while|for|switch|return|sizeof|do|else|defined|__attribute__)\b)"
    rb"(?:\w*(?:for_?each|list_for)\w*(?=" + _ARGUMENTS + rb"[ \t]*(?:\n[ \t]*)?[^\s;,)&|?.:=-])"
    rb"|[A-Za-z_]\w{4,}(?=" + _ARGUMENTS + rb"[ \t]*(?:\\?\n[ \t]*)?\{)))",
    re.MULTILINE,
)
_LOOP = b"while"

_SYSCALL = re.compile(rb"^(?P<macro>\w*SYSCALL_DEFINE\d\()(?P<name>\w+)(?P<rest>,[^){;]*)\)(?=\s*\{)", re.MULTILINE)

# Types as arguments of macros: `container_of(p, struct lamp, node)`.
_TYPE_ARGUMENT = re.compile(
    rb"[,(](?:(?<=,)\s*|(?<=\w\()(?<!sizeof\()(?<!typeof\()(?<!alignof__\())"
    rb"(?P<type>(?:(?:const|struct|union|enum|unsigned|signed|long)[ \t]+)+\w+(?:[ \t*]*\*)?|\w+[ \t]*\*+)"
    rb"[ \t]*(?=[,)])"
)
_STATIC_MACRO = re.compile(rb"^[ \t]+(?P<static>static)(?=[ \t]+[A-Z_]+\()", re.MULTILINE)
_CASE_RANGE = re.compile(rb"\bcase\b[^:;\n{}]*?(?P<range>\.\.\.[^:;\n{}]*)(?=:)")
_DIRECTIVE = re.compile(rb"^[ \t]*#[ \t]*(?P<word>if|ifdef|ifndef|elif|else|endif)\b(?:[^\n]|\\\n)*", re.MULTILINE)
_BLANK = bytes(byte if byte == 10 else 32 for byte in range(256))
_OFFSETOF = re.compile(rb"\boffsetof\b")


def respell(data: bytes) -> tuple[bytes, frozenset[int]]:
    """`data` as the grammar likes it, and where in it `while` stands for the name of an iterator macro."""
    text = _BLANKED.sub(lambda found: _spaces(found[0]), data)
    # To look for the word first is many times quicker than the expression, and most files have none.
    if b"scoped_" in text:
        text = _SCOPED_GUARD.sub(lambda found: _blank_group(found, "all"), text)
    if b"SYSCALL_DEFINE" in text:
        text = _SYSCALL.sub(_plain_function, text)
    text = _STATIC_MACRO.sub(lambda found: _blank_group(found, "static"), text)
    if b"..." in text:
        text = _CASE_RANGE.sub(lambda found: _blank_group(found, "range"), text)
    if b"offsetof" in text:
        text = _OFFSETOF.sub(b"offset_f", text)
    text = _TYPE_ARGUMENT.sub(_one_word, text)
    iterators: list[int] = []

    def loop(found: re.Match[bytes]) -> bytes:
        iterators.append(found.start("name"))
        return _loop(found)

    return _ITERATOR.sub(loop, text), frozenset(iterators)


def one_branch(text: bytes, start: int, end: int) -> bytes:
    """`text` with only the first branch of every conditional in start..end; braces then pair up as for a compiler."""
    parts: list[bytes] = []
    at, depth, dropping = start, 0, 0
    for found in _DIRECTIVE.finditer(text, start, end):
        word = found["word"]
        between = text[at : found.start()]
        parts.append(_spaces(between) if dropping else between)
        parts.append(_spaces(found[0]))
        at = found.end()
        depth += word.startswith(b"if")
        if word in {b"else", b"elif"} and not dropping:
            dropping = depth
        elif word == b"endif":
            dropping = 0 if dropping == depth else dropping
            depth -= 1
    return text[:start] + b"".join(parts) + text[at:]


def _spaces(text: bytes) -> bytes:
    return text.translate(_BLANK)


def _blank_group(found: re.Match[bytes], group: str) -> bytes:
    start, end = (position - found.start() for position in found.span(group))
    return found[0][:start] + _spaces(found[group]) + found[0][end:]


def _plain_function(found: re.Match[bytes]) -> bytes:
    macro = b"int".ljust(len(found["macro"]))
    return macro + found["name"] + b"(" + _spaces(found["rest"][1:]) + b")"


def _one_word(found: re.Match[bytes]) -> bytes:
    """`struct lamp *` -> `struct_lamp  `"""
    start, end = (position - found.start() for position in found.span("type"))
    words = re.sub(rb"[ \t](?=[ \t]*\w)", b"_", found["type"]).replace(b"*", b" ")
    return found[0][:start] + words + found[0][end:]


def _loop(found: re.Match[bytes]) -> bytes:
    start = found.start("name") - found.start()
    return found[0][:start] + _LOOP.ljust(len(found["name"]))
