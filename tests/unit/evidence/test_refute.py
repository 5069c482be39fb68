from __future__ import annotations

import pytest

from lrev.evidence.refute import refute
from lrev.rules.rule import Refuter
from tests.unit.changes import changed_function, match, rule


def answer(refuter: Refuter, body: str, call: str, line: int, variable: str = "") -> str:
    function = changed_function("static int lamp_probe(struct lamp *lamp)\n{\n" + body + "\n}")
    return refute(function, match(rule(refuter), call, line, variable))


CHECKED = [
    "\tp = kzalloc(8, GFP_KERNEL);\n\tif (!p)\n\t\treturn -ENOMEM;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\tif (p == NULL)\n\t\treturn -ENOMEM;",
    "\tp = kzalloc(8,\n\t\t    GFP_KERNEL);\n\tif (likely(p))\n\t\tuse(p);",
    "\tp = kzalloc(8, GFP_KERNEL);\n\treturn p;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\treturn p ? 0 : -ENOMEM;",
    "\tp = kzalloc(sizeof(*p), GFP_KERNEL);\n\tif (!p || !p->on)\n\t\treturn -ENOMEM;",
]
UNCHECKED = [
    "\tp = kzalloc(8, GFP_KERNEL);\n\tp->state = 1;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\t/* if (!p) cannot happen */\n\tp->state = 1;",
    '\tp = kzalloc(8, GFP_KERNEL);\n\tpr_info("if (!p)");\n\tp->state = 1;',
    "\tp = kzalloc(8, GFP_KERNEL);\n\tif (!p->next)\n\t\treturn 0;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\tif (!lamp->p)\n\t\treturn 0;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\treturn start(p);",
    "\tp = kzalloc(8, GFP_KERNEL);\n\tp->on = 1;\n\treturn p;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\t*p = 1;\n\tif (!p)\n\t\treturn 0;",
    "\tp = kzalloc(8, GFP_KERNEL);\n\tif (start(p))\n\t\treturn 0;",
]


@pytest.mark.parametrize("body", CHECKED)
def test_a_tested_result_is_refuted(body: str) -> None:
    assert "`p`" in answer(Refuter.RESULT_CHECKED, body, "kzalloc", 12, "p")


@pytest.mark.parametrize("body", UNCHECKED)
def test_an_untested_result_is_not(body: str) -> None:
    assert answer(Refuter.RESULT_CHECKED, body, "kzalloc", 12, "p") == ""


@pytest.mark.parametrize(
    ("line", "refuted"),
    [
        ("\tif (clk_enable(c))", True),
        ("\treturn clk_enable(c);", True),
        ("\treturn a && clk_enable(c);", True),
        ("\tclk_enable(c);", False),
        ("\t(void)clk_enable(c);", False),
    ],
)
def test_a_call_inside_a_test_or_return_passes_its_result_on(line: str, refuted: bool) -> None:
    assert bool(answer(Refuter.RESULT_CHECKED, line, "clk_enable", 12)) is refuted


def test_an_error_pointer_tested_against_null_alone_is_not_refuted() -> None:
    null = "\tc = clk_get(d);\n\tif (!c)\n\t\treturn -ENODEV;\n\tclk_use(c);"
    error = "\tc = clk_get(d);\n\tif (IS_ERR(c))\n\t\treturn PTR_ERR(c);"
    assert answer(Refuter.RESULT_CHECKED_WITH_IS_ERR, null, "clk_get", 12, "c") == ""
    assert "line 13" in answer(Refuter.RESULT_CHECKED_WITH_IS_ERR, error, "clk_get", 12, "c")


def test_sleeping_is_refuted_only_where_no_section_began_before() -> None:
    under = "\tspin_lock(&lamp->lock);\n\tmsleep(1);"
    after = "\tmsleep(1);\n\tspin_lock(&lamp->lock);"
    assert answer(Refuter.NO_ATOMIC_SECTION, under, "msleep", 13) == ""
    assert answer(Refuter.NO_ATOMIC_SECTION, after, "msleep", 12)
    assert answer(Refuter.NO_ATOMIC_SECTION, "\t/* spin_lock(x) */\n\tmsleep(1);", "msleep", 13)


def test_an_atomic_allocation_is_refuted() -> None:
    assert answer(Refuter.NO_GFP_KERNEL, "\tp = kmalloc(8,\n\t\tGFP_ATOMIC);", "kmalloc", 12, "p")
    assert answer(Refuter.NO_GFP_KERNEL, "\tp = kmalloc(8,\n\t\tGFP_KERNEL);", "kmalloc", 12, "p") == ""


@pytest.mark.parametrize(
    ("body", "line", "refuted"),
    [
        ("\tif (n > sizeof(b))\n\t\treturn 0;\n\tcopy_from_user(b, u, n);", 14, True),
        ("\tn = min(n, sizeof(b));\n\tcopy_from_user(b, u, n);", 13, True),
        ("\tcopy_from_user(&b, u, sizeof(b));", 12, True),
        ("\tcopy_from_user(b, u, n);", 12, False),
    ],
)
def test_a_compared_length_is_refuted(body: str, line: int, refuted: bool) -> None:
    assert bool(answer(Refuter.LENGTH_COMPARED, body, "copy_from_user", line)) is refuted


def test_a_buffer_left_alone_after_the_call_is_refuted() -> None:
    assert answer(Refuter.NOT_USED_AFTER, "\tnetif_rx(skb);\n\treturn 0;", "netif_rx", 12)
    assert answer(Refuter.NOT_USED_AFTER, "\tnetif_rx(skb);\n\tn += skb->len;", "netif_rx", 12) == ""


def test_the_walk_and_the_put() -> None:
    walk = "\tlist_for_each_entry(e, h, n)\n\t\tuse(e);"
    removing = "\tlist_for_each_entry(e, h, n)\n\t\tlist_del(&e->n);"
    assert answer(Refuter.NO_LIST_REMOVAL, walk, "list_for_each_entry", 12)
    assert answer(Refuter.NO_LIST_REMOVAL, removing, "list_for_each_entry", 12) == ""
    assert answer(Refuter.PUT_PRESENT, "\tn = of_get_parent(x);\n\tof_node_put(n);", "of_get_parent", 12, "n")
    assert answer(Refuter.PUT_PRESENT, "\tn = of_get_parent(x);\n\tuse(n);", "of_get_parent", 12, "n") == ""
