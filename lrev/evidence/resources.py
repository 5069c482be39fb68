"""What the kernel hands out and wants back: who allocates, who frees, and who only looks at what it is given."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lrev.evidence.knowledge import Knowledge
from lrev.source.flow_values import NEGATIVE, ZERO, Signs
from lrev.types import Fact, FactKind


@dataclass(frozen=True, slots=True)
class Allocator:
    """`failure` is what the result is when there is nothing to free.

    The resource is the result, or the argument at position `argument`, which is there when the result is zero.
    """

    free: str
    failure: Signs = ZERO
    argument: int = -1


def _all(names: str, allocator: Allocator) -> dict[str, Allocator]:
    return dict.fromkeys(names.split(), allocator)


ALLOCATORS: dict[str, Allocator] = {
    **_all(
        "kmalloc kzalloc kcalloc kmalloc_array kmalloc_node kzalloc_node kstrdup kstrndup kmemdup", Allocator("kfree")
    ),
    **_all("kmemdup_nul kasprintf kvasprintf krealloc kmalloc_track_caller", Allocator("kfree")),
    **_all("memdup_user memdup_user_nul strndup_user", Allocator("kfree", NEGATIVE)),
    **_all("kvmalloc kvzalloc kvcalloc kvmalloc_array kvmalloc_node kvzalloc_node", Allocator("kvfree")),
    **_all("vmalloc vzalloc vmalloc_user vmalloc_node vzalloc_node vmalloc_32", Allocator("vfree")),
    **_all("kmem_cache_alloc kmem_cache_zalloc kmem_cache_alloc_node", Allocator("kmem_cache_free")),
    **_all("__get_free_page get_zeroed_page", Allocator("free_page")),
    **_all("__get_free_pages", Allocator("free_pages")),
    **_all("alloc_page alloc_pages", Allocator("__free_pages")),
    **_all("alloc_percpu __alloc_percpu", Allocator("free_percpu")),
    **_all("mempool_alloc", Allocator("mempool_free")),
    **_all("dma_alloc_coherent", Allocator("dma_free_coherent")),
    **_all("dma_pool_alloc dma_pool_zalloc", Allocator("dma_pool_free")),
    **_all("alloc_skb dev_alloc_skb netdev_alloc_skb __netdev_alloc_skb alloc_skb_fclone", Allocator("kfree_skb")),
    **_all("sock_alloc_send_skb", Allocator("kfree_skb")),
    **_all("skb_clone skb_copy pskb_copy bt_skb_alloc", Allocator("kfree_skb")),
    **_all("nlmsg_new genlmsg_new", Allocator("nlmsg_free")),
    **_all("alloc_etherdev alloc_etherdev_mq alloc_netdev", Allocator("free_netdev")),
    **_all("usb_alloc_urb", Allocator("usb_free_urb")),
    **_all("usb_alloc_coherent", Allocator("usb_free_coherent")),
    **_all("alloc_ep_req", Allocator("free_ep_req")),
    **_all("usb_ep_alloc_request", Allocator("usb_ep_free_request")),
    **_all("alloc_workqueue alloc_ordered_workqueue", Allocator("destroy_workqueue")),
    **_all("create_workqueue create_singlethread_workqueue", Allocator("destroy_workqueue")),
    **_all("ioremap ioremap_wc ioremap_uc of_iomap", Allocator("iounmap")),
    **_all("input_allocate_device", Allocator("input_free_device")),
    **_all("platform_device_alloc", Allocator("platform_device_put")),
    **_all(
        "of_find_node_by_name of_find_node_by_path of_find_compatible_node of_find_node_by_phandle",
        Allocator("of_node_put"),
    ),
    **_all("of_find_matching_node of_find_node_by_type of_get_parent of_get_child_by_name", Allocator("of_node_put")),
    **_all("of_get_compatible_child of_get_cpu_node of_get_next_parent of_parse_phandle", Allocator("of_node_put")),
    **_all("of_graph_get_remote_node of_graph_get_port_by_id of_graph_get_remote_port", Allocator("of_node_put")),
    **_all("of_find_device_by_node bus_find_device class_find_device", Allocator("put_device")),
    **_all(
        "pci_get_device pci_get_subsys pci_get_class pci_get_slot pci_get_domain_bus_and_slot", Allocator("pci_dev_put")
    ),
    **_all("dev_get_by_name dev_get_by_index", Allocator("dev_put")),
    **_all("clk_get of_clk_get of_clk_get_by_name", Allocator("clk_put", NEGATIVE)),
    **_all("filp_open", Allocator("filp_close", NEGATIVE)),
    **_all("crypto_alloc_shash", Allocator("crypto_free_shash", NEGATIVE)),
    **_all("crypto_alloc_ahash", Allocator("crypto_free_ahash", NEGATIVE)),
    **_all("crypto_alloc_skcipher", Allocator("crypto_free_skcipher", NEGATIVE)),
    **_all("crypto_alloc_aead", Allocator("crypto_free_aead", NEGATIVE)),
    **_all(
        "request_firmware request_firmware_direct firmware_request_nowarn", Allocator("release_firmware", argument=0)
    ),
    **_all("clk_prepare_enable", Allocator("clk_disable_unprepare", argument=0)),
    **_all("clk_prepare", Allocator("clk_unprepare", argument=0)),
}

_CHILD_WALKS = "for_each_child_of_node for_each_available_child_of_node for_each_endpoint_of_node"
_NODE_WALKS = """
for_each_compatible_node for_each_node_by_name for_each_node_by_type for_each_matching_node
for_each_matching_node_and_match for_each_of_cpu_node for_each_node_with_property
"""
_FWNODE_WALKS = """
device_for_each_child_node fwnode_for_each_child_node fwnode_for_each_available_child_node
fwnode_graph_for_each_endpoint
"""
# Loops that hold a reference of the entry they stand on, and drop it when they go on: the argument with the entry.
WALKS: dict[str, tuple[int, Allocator]] = {
    **dict.fromkeys(_CHILD_WALKS.split(), (1, Allocator("of_node_put"))),
    **dict.fromkeys(_NODE_WALKS.split(), (0, Allocator("of_node_put"))),
    **dict.fromkeys(_FWNODE_WALKS.split(), (1, Allocator("fwnode_handle_put"))),
    "for_each_pci_dev": (0, Allocator("pci_dev_put")),
}

# What a function returns that has nothing to give.
_FAILURES = {FactKind.RETURNS_NULL: ZERO, FactKind.RETURNS_ERR_PTR: NEGATIVE}
# Whoever calls these has something that is theirs from then on; what `next`, `set` or `start` gives is not.
_BEGINS = re.compile(
    r"(?:^|_)(?:k?get|alloc\w*|new|create|open|find|lookup|dup|clone|request|claim|acquire|grab|prepare|override|route_output\w*|bread|getblk)(?:_|$)|"
    r"[a-z](?:get|alloc|dup)$"
)
# Taken away with what they stand in, or by nobody.
_LEFT = re.compile(r"^(?:debugfs|tracefs|proc|sysfs)_")
# What is the caller's own, whether or not it can fail.
_GIVEN = {FactKind.RETURNS_REFERENCE, FactKind.RETURNS_ALLOCATION}
_MANAGING = ("devm_", "pcim_", "drmm_")

# Freed with their device, so no resource of the function's own; they fail all the same.
MANAGED = frozenset({"devm_kzalloc", "devm_kmalloc", "devm_kcalloc", "devm_kmalloc_array", "devm_kmemdup"})

# Callees that neither keep nor free what they are given.
_BORROWING_NAMES = """
memcpy memset memmove memcmp memchr memzero_explicit memcpy_fromio memcpy_toio strcpy strncpy strscpy strlcpy strcat
strlcat strlen strnlen strcmp strncmp strcasecmp strncasecmp strstr strim skip_spaces sprintf snprintf scnprintf
vsnprintf sscanf copy_from_user copy_to_user get_user put_user clear_user simple_strtoul simple_strtol
simple_write_to_buffer simple_read_from_buffer printk print_hex_dump print_hex_dump_debug WARN WARN_ONCE WARN_ON
WARN_ON_ONCE BUG_ON IS_ERR IS_ERR_OR_NULL PTR_ERR ERR_CAST likely unlikely mutex_init spin_lock_init rwlock_init
raw_spin_lock_init init_completion init_waitqueue_head INIT_LIST_HEAD INIT_HLIST_HEAD INIT_HLIST_NODE INIT_WORK
INIT_DELAYED_WORK atomic_set refcount_set mutex_lock mutex_unlock spin_lock spin_unlock skb_put skb_put_data
skb_put_zero skb_put_u8 skb_reserve skb_push skb_pull skb_headroom skb_tailroom skb_reset_mac_header
skb_reset_network_header skb_set_network_header usb_control_msg usb_bulk_msg usb_interrupt_msg usb_control_msg_recv
usb_control_msg_send i2c_master_send i2c_master_recv i2c_smbus_read_i2c_block_data i2c_smbus_write_i2c_block_data
spi_write spi_read spi_write_then_read regmap_bulk_read regmap_bulk_write regmap_raw_read regmap_raw_write
of_node_name_eq of_node_is_type of_device_is_compatible of_device_is_available of_address_to_resource
of_get_child_count of_get_property of_irq_get of_irq_count irq_of_parse_and_map of_get_address
of_machine_is_compatible of_match_node ether_addr_copy eth_zero_addr is_valid_ether_addr get_random_bytes bitmap_zero
bitmap_fill set_bit clear_bit __set_bit __clear_bit test_bit crc32 crc16 crc32_le min max min_t max_t clamp sizeof
ARRAY_SIZE READ_ONCE be16_to_cpu be32_to_cpu be64_to_cpu le16_to_cpu le32_to_cpu le64_to_cpu cpu_to_be16 cpu_to_be32
cpu_to_le16 cpu_to_le32 be16_to_cpup be32_to_cpup le16_to_cpup le32_to_cpup get_unaligned_le16 get_unaligned_le32
get_unaligned_be16 get_unaligned_be32 put_unaligned_le16 put_unaligned_le32 put_unaligned_be16 put_unaligned_be32
copy_from_iter copy_from_iter_full copy_to_iter copy_struct_from_user check_zeroed_user
clk_get_rate clk_set_rate readl readb readw writel writeb writew ioread32 iowrite32
"""
_BORROWING = frozenset(_BORROWING_NAMES.split())
_BORROWING_FAMILY = re.compile(
    r"(?:dev|pr|netdev|netif|wiphy|pci|ibdev)_(?:err|warn|info|dbg|notice|alert|crit|emerg|debug)(?:_ratelimited|_once)?|of_property_\w+|kstrto\w+|str\w*cmp|crypto_shash_digestsize"
)
# Callees that may undo what was enabled, through an object that they are given.
UNDOING = re.compile(
    r"disable|unprepare|deinit|remove|cleanup|clean_up|exit|stop|_off\b|off$|release|free|fini|uninit|shutdown|suspend|"
    r"destroy|unregister|put|teardown|undo|devm_add_action|detach|close|down$"
)


def allocator_of(name: str, knowledge: Knowledge, path: str) -> Allocator | None:
    """By the table, else by what the tree does with the pointers that a function returns; `path` calls it."""
    if name in ALLOCATORS:
        return ALLOCATORS[name]
    if name.endswith("override_creds"):
        return Allocator("revert_creds")
    # Anything that is written in capitals or ends in such a verb gives nothing.
    if name.isupper() or borrows(name) or UNDOING.search(name) or not _BEGINS.search(name):
        return None
    return _mined(name, knowledge, path)


def _mined(name: str, knowledge: Knowledge, path: str) -> Allocator | None:
    facts = knowledge.facts(name, path)
    kinds = {fact.kind for fact in facts} & _FAILURES.keys()
    if len(kinds) > 1 or name.startswith(_MANAGING) or _LEFT.search(name):
        return None
    if not kinds and not any(fact.kind in _GIVEN and not fact.condition for fact in facts):
        return None
    release = knowledge.released_by(name) or next(filter(None, map(_put_with, facts)), "")
    return Allocator(release, _FAILURES[kinds.pop()] if kinds else ZERO) if release else None


def _put_with(fact: Fact) -> str:
    """What puts the reference that a function returns, by its documentation or by who gave it."""
    if fact.kind is not FactKind.RETURNS_REFERENCE or fact.condition:
        return ""
    told = _PUT_WITH.search(fact.detail)
    if told is not None:
        return told[1]
    giver = ALLOCATORS.get(fact.detail.removeprefix("by "))
    return giver.free if giver is not None and giver.argument < 0 else _GETS.get(fact.detail.removeprefix("by "), "")


# What frees at once, whatever else has a hand in it, and the argument that is freed.
_FREES_FIRST = """
kfree kvfree vfree kfree_sensitive kvfree_sensitive kfree_const free_percpu free_netdev mempool_free
kfree_skb dev_kfree_skb dev_kfree_skb_any dev_kfree_skb_irq consume_skb nlmsg_free
usb_free_urb destroy_workqueue input_free_device bio_put release_firmware
"""
FREES = {**dict.fromkeys(_FREES_FIRST.split(), 0), "kmem_cache_free": 1, "devm_kfree": 1}
_PUT_WITH = re.compile(r"\bput with (\w+)")
_GETS = {"of_node_get": "of_node_put", "get_device": "put_device", "pci_dev_get": "pci_dev_put"}
_ARGUMENT = re.compile(r"(\d+)")
# Freed when the last reader is done with it, or when the last reference is gone.
_LATER = re.compile(r"rcu|call_|_put$|_put_|^put_|unref|deref|release_sock|queue")


def freed_argument(name: str, facts: Callable[[str], tuple[Fact, ...]]) -> int:
    """The position of the argument that a call frees whatever happens; -1 where that is not known of any."""
    if name in FREES:
        return FREES[name]
    if not name or name.isupper() or _LATER.search(name):
        return -1
    told = [fact for fact in facts(name) if fact.kind is FactKind.FREES_ARGUMENT and not fact.condition]
    found = _ARGUMENT.match(told[0].detail) if len(told) == 1 and not _LATER.search(told[0].detail) else None
    return int(found[1]) - 1 if found is not None else -1


def borrows(name: str) -> bool:
    """Whether a callee gives back what it was given."""
    return name in _BORROWING or _BORROWING_FAMILY.fullmatch(name) is not None
