"""What the driver core releases with its device, released by hand as well: it is released twice.

Documentation/driver-api/driver-model/devres.rst lists the managed interfaces and what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lrev.evidence.defect import Defect, FunctionImage
from lrev.evidence.plain import defect
from lrev.source.c_nodes import arguments, bare, callee, target, walk

NAME = "managed-release"
MECHANISM = "managed resource released by hand"

_ALLOCATES = "kzalloc kmalloc kcalloc kmalloc_array kmemdup kstrdup kasprintf"
_MAPS = "ioremap ioremap_wc ioremap_uc ioremap_resource platform_ioremap_resource of_iomap"
# What a managed interface gives, by what releases the same when nobody manages it; the managed form has devm_ in front.
_GIVEN: dict[str, frozenset[str]] = {
    **dict.fromkeys(_ALLOCATES.split(), frozenset({"kfree", "kvfree", "kfree_sensitive"})),
    **dict.fromkeys(_MAPS.split(), frozenset({"iounmap", "pci_iounmap"})),
    **dict.fromkeys(("clk_get", "clk_get_optional", "clk_get_enabled"), frozenset({"clk_put"})),
    **dict.fromkeys(("regulator_get", "regulator_get_optional"), frozenset({"regulator_put"})),
    **dict.fromkeys(("gpiod_get", "gpiod_get_optional", "gpiod_get_index"), frozenset({"gpiod_put"})),
    **dict.fromkeys(("reset_control_get", "reset_control_get_exclusive"), frozenset({"reset_control_put"})),
    **dict.fromkeys(("phy_get", "of_phy_get"), frozenset({"phy_put", "of_phy_put"})),
    **dict.fromkeys(("iio_device_alloc",), frozenset({"iio_device_free"})),
    **dict.fromkeys(("input_allocate_device",), frozenset({"input_free_device"})),
    **dict.fromkeys(("rtc_allocate_device",), frozenset({"rtc_device_unregister"})),
    **dict.fromkeys(("pwm_get",), frozenset({"pwm_put"})),
    **dict.fromkeys(("spi_alloc_master", "spi_alloc_host"), frozenset({"spi_controller_put", "spi_master_put"})),
}
_FREES = {name.encode() for names in _GIVEN.values() for name in names}
_MEMBER = re.compile(r"\w+->(\w+)")


def check(image: FunctionImage) -> Iterator[Defect]:
    """One for each release of a variable, or of a member that no function of the file fills in another way."""
    if not any(name in image.data for name in _FREES) or b"devm_" not in image.file:
        return
    managed = dict(_managed(image))
    for call in walk(image.node):
        name = callee(call, image.data) if call.type == "call_expression" else ""
        passed = arguments(call)
        if not passed or not any(name in names for names in _GIVEN.values()):
            continue
        released = image.written(bare(passed[0]))
        giver = managed[released][0] if released in managed else _of_member(image, released)
        if name in _GIVEN.get(giver.removeprefix("devm_"), ()):
            places = (managed[released][1], call) if released in managed else (call,)
            message = (
                f"`{released}` comes from {giver}(), which releases it with the device: {name}() releases it a "
                "first time, and the device a second."
            )
            yield defect(NAME, MECHANISM, released, places, f"{giver}() into `{released}`", "released here", message)


def _managed(image: FunctionImage) -> Iterator[tuple[str, tuple[str, Node]]]:
    """What takes a managed resource in this function and nothing else."""
    takers: dict[str, list[tuple[str, Node]]] = {}
    for call in walk(image.node):
        taker = target(call) if call.type == "call_expression" else None
        if taker is not None:
            takers.setdefault(image.written(taker), []).append((callee(call, image.data), call))
    for variable, givers in takers.items():
        if len({name for name, _ in givers}) == 1 and givers[0][0].startswith("devm_"):
            yield variable, givers[0]


def _of_member(image: FunctionImage, released: str) -> str:
    """The managed interface that fills a member wherever this file does so; "" when there is none, or others do too."""
    member = _MEMBER.fullmatch(released)
    if member is None:
        return ""
    setting = re.compile(rb"(?:->|\.)\s*%s\s*=(?!=)\s*(?:\([^()]*\)\s*)?(\w*)" % member[1].encode())
    givers = {found.decode() for found in setting.findall(image.file)} - {"NULL"}
    giver = givers.pop() if len(givers) == 1 else ""
    return giver if giver.startswith("devm_") else ""
