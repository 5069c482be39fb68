"""The rows of a file's relations, and the bits of their flags. Names are as written; lines count from 1."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class CallFlag(IntEnum):
    """The low bits of a call's flags; GFP_SHIFT and above say what it passes as gfp."""

    GUARDED = 1
    MEMBER = 2
    MACRO = 4


class ShapeFlag(IntEnum):
    STATIC = 1
    WHOLE = 2
    STUB = 4
    MACRO = 8
    ATOMIC_TEST = 16


SHAPE_GFP_SHIFT = 5


class PassFlag(IntEnum):
    """GUARDED as for calls, or in a loop; EMBEDDED: `&p->part` is passed and not `p`; FAILURE: not after an earlier
    exit for an error. Positions are above ARGUMENT and PARAMETER."""

    GUARDED = 1
    EMBEDDED = 2
    FAILURE = 4


class ResultFlag(IntEnum):
    """Below RESULT_ARGUMENT_MASK stands the argument + 1 which is returned, 0 for the result.

    NULL_TESTED and ERROR_TESTED: the caller looks for NULL or an ERR_PTR and does something else then; PARTLY: it
    returns other things too.
    """

    NULL_TESTED = 16
    ERROR_TESTED = 32
    PARTLY = 64


RESULT_ARGUMENT_MASK = 15


ARGUMENT_SHIFT, PARAMETER_SHIFT, POSITION_MASK = 4, 8, 15


class Undone(IntEnum):
    """What a release has in common with the call it undoes."""

    RESULT = 0  # its result is released on an error path
    ARGUMENT = 1  # what it was given is released on an error path
    FILE = 2  # another function of the file, which tears down, releases it


class Call(NamedTuple):
    callee: str
    caller: str
    line: int
    flags: int


class Result(NamedTuple):
    """The caller returns what the callee returned, or what it gave the callee; see ResultFlag."""

    callee: str
    caller: str
    line: int
    flags: int = 0


class Entry(NamedTuple):
    """A field of an initialiser that is given a name: in tables of operations, a function."""

    field: str
    function: str
    of: str
    line: int


class Shape(NamedTuple):
    """A function or function-like macro; flags above SHAPE_GFP_SHIFT are its gfp parameter's position + 1."""

    name: str
    line: int
    flags: int


class Pass(NamedTuple):
    """The caller hands its own parameter on."""

    callee: str
    caller: str
    line: int
    flags: int


class Pair(NamedTuple):
    acquire: str
    release: str
    how: int
