"""By their names alone: whether a function can undo something, and whether two are a beginning and its end."""

from __future__ import annotations

import re
from functools import lru_cache

_REVERSED = (
    r"un(?!known|signed|til|der|it|ion|used|iq|ix|aligned|safe|likely|even)[a-z]{2,}|"
    r"de(?:init|activate|tach|register|queue|configure|alloc\w*|assert|ref|map|populate)|"
    r"dis(?:able|connect|card|associate|arm|allow|pose|band)"
)
# Verbs that end something. Without one, what follows a call on the way out of an error is a message or a register.
_ENDING = re.compile(
    rf"(?:^|_)(?:{_REVERSED})|(?:^|_)(?!in)[a-z]{{0,2}}(?:put|free|relse|rele|drop)(?:$|_|name|v|pages?|user)|free|release|"
    r"destroy|unlock|remove|exit|close|cleanup|stop|fini|shutdown|teardown|del(?:ete)?(?:$|_)|cancel|kill|abort|"
    r"(?:^|_)(?:end|finish|done|clear|dec|up|off|leave|restore|resume|reset|rollback|revert|undo|commit|forget|giveback|"
    r"clean|pop|evict)(?:$|_)"
)
_GIVE_BACK = frozenset({"put", "release", "drop", "free", "unref", "close"})
_TAKE_DOWN = _GIVE_BACK.union(
    ("destroy", "exit", "cleanup", "clean", "fini", "del", "delete", "remove"),
    ("teardown", "shutdown", "stop", "cancel", "kill", "forget"),
)
# What may end what begins with the word.
_ENDS = {
    **dict.fromkeys(
        ("get", "hold", "grab", "take", "claim", "acquire", "dup", "ref", "open", "find", "lookup"), _GIVE_BACK
    ),
    **dict.fromkeys(
        ("alloc", "allocate", "preallocate", "new", "create", "init", "initialize", "initialise"), _TAKE_DOWN
    ),
    **dict.fromkeys(("setup", "register", "add", "request", "reserve", "insert", "attach", "probe"), _TAKE_DOWN),
    **dict.fromkeys(
        ("queue", "schedule", "submit", "enqueue"), frozenset({"cancel", "dequeue", "kill", "free", "put"})
    ),
    **dict.fromkeys(("start", "begin", "enable", "power", "on"), frozenset({"stop", "end", "off", "finish", "abort"})),
    **dict.fromkeys(("lock", "trylock"), frozenset({"unlock"})),
    "down": frozenset({"up"}),
    "set": frozenset({"clear", "reset"}),
    "inc": frozenset({"dec"}),
    "push": frozenset({"pop"}),
    "save": frozenset({"restore"}),
    "suspend": frozenset({"resume"}),
    "join": _TAKE_DOWN | {"leave"},
}
_VERBS = frozenset().union(_ENDS, *_ENDS.values())
_REVERSE = re.compile(_REVERSED)
# Words that say how, and not of what.
# fmt: off
_MANNERS = frozenset(
    {"sync", "noidle", "noresume", "autosuspend", "irq", "irqsave", "irqrestore", "bh", "nested", "interruptible",
    "killable", "timeout", "all", "locked", "atomic", "sleep", "rcu", "nowait", "unless", "zero", "async", "and",
    "by", "of", "to", "from", "for", "with", "no", "raw", "do", "managed", "devm", "full"}
)
# fmt: on
# `dget`, `iput`, `kfree`: a letter or two for the thing.
_SHORT = re.compile(r"^([a-z]{1,2})(get|put|grab|free|alloc|hold|dup)$")
_CACHED_NAMES = 20_000


@lru_cache(_CACHED_NAMES)
def may_undo(name: str) -> bool:
    """Whether the name has a verb that ends something."""
    return _ENDING.search(name) is not None


def are_counterparts(acquire: str, release: str) -> bool:
    """`clk_prepare_enable` and `clk_disable_unprepare`: a beginning and an end of the same thing."""
    of_acquire, of_release = _words(acquire), _words(release)
    reversed_ones = {word for word in of_release if _REVERSE.fullmatch(word)}
    stems = {re.sub("^(?:un|de|dis)", "", word) for word in reversed_ones}
    # Of `enable` and `disable` the stem is `able`.
    begun = {word for word in of_acquire if word.removeprefix("en") in stems}
    if not begun and not any(of_release & _ENDS.get(word, frozenset()) for word in of_acquire):
        return False
    things = of_release - _VERBS - reversed_ones
    # In `free_irq` it is the thing.
    things = things - _MANNERS or things
    of_what = of_acquire - _VERBS - begun
    # What is given back is the whole thing, but `of_clk_del_provider` ends `of_clk_add_hw_provider`.
    more = of_what - things - _MANNERS
    return bool(things) and things <= of_what and not (more and of_release & _GIVE_BACK)


@lru_cache(_CACHED_NAMES)
def _words(name: str) -> frozenset[str]:
    words: list[str] = []
    for word in name.strip("_").split("_"):
        short = _SHORT.match(word)
        words += short.groups() if short else (word,)
    return frozenset(words)
