"""Closing this process, and all it starts, off from the network (DESIGN: nothing leaves the machine).

A classic BPF filter, installed with seccomp(2) for every thread and inherited by every child, answers EPERM to each
system call that could reach another machine or another process. Source of the layout: linux/filter.h, linux/seccomp.h,
linux/audit.h and the syscall tables of the two architectures.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import stat
import struct
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import SealError

_PR_SET_DUMPABLE = 4
_PR_GET_SECCOMP = 21
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_MODE_FILTER = 2
_SECCOMP_FILTER_FLAG_TSYNC = 1

# struct seccomp_data: int nr; __u32 arch; __u64 instruction_pointer; __u64 args[6]; the low half of args[1] is at 24,
# both machines being little-endian.
_NR_OFFSET, _ARCH_OFFSET, _SECOND_ARGUMENT_OFFSET = 0, 4, 24
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_RECOGNISED = 0x00050000 | errno.EUNATCH  # on descriptor -1, which is EBADF to the kernel
_X32_BIT = 0x40000000
_IO_URING = (425, 426, 427)  # setup, enter, register: the same numbers on every architecture
_PIDFD_GETFD = 438
# Typing into the terminal that started us would have the shell, which is not sealed, run it: TIOCSTI and TIOCLINUX.
_TYPING = (0x5412, 0x541C)


@dataclass(frozen=True, slots=True)
class _Machine:
    """AUDIT_ARCH, the numbers of seccomp(2) and ioctl(2), and those of the calls that are refused."""

    architecture: int
    seccomp: int
    ioctl: int
    refused: tuple[int, ...]


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E,
        317,
        16,
        # socket connect accept sendto sendmsg recvmsg bind listen ptrace accept4 recvmmsg sendmmsg
        # process_vm_readv process_vm_writev
        (41, 42, 43, 44, 46, 47, 49, 50, 101, 288, 299, 307, 310, 311, *_IO_URING, _PIDFD_GETFD),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        277,
        29,
        # ptrace socket bind listen accept connect sendto sendmsg recvmsg accept4 recvmmsg sendmmsg
        # process_vm_readv process_vm_writev
        (117, 198, 200, 201, 202, 203, 206, 211, 212, 242, 243, 269, 270, 271, *_IO_URING, _PIDFD_GETFD),
    ),
}
_HINT = "lrev reads patches only in a process that cannot reach the network; run it on Linux 4.14 or later with seccomp"


class _Program(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def seal(keep: Iterable[int] = ()) -> None:
    """Close inherited descriptors above 2 but `keep`, and give up the network for good. Repeating it does no harm.

    Call it before any heavy library is imported. Raises SealError when the kernel cannot do it, or when a standard
    stream or a descriptor of `keep` is itself a connection.
    """
    kept = frozenset(keep)
    _close_inherited(kept)
    _refuse_connections(kept)
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SealError("cannot make this process unreadable to others", _HINT)
    if not is_sealed():
        _install(library)
    if not is_sealed():
        raise SealError("the kernel took the system call filter and does not apply it", _HINT)


def is_sealed() -> bool:
    """Asked of the kernel itself, with calls that fail whether or not they are refused.

    The filter gives one ioctl, numbered by what it refuses, an answer of its own: a sandbox around lrev that refuses
    fewer calls is not taken for ours, and no call is tried for which a stricter one would kill us.
    """
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) != _SECCOMP_MODE_FILTER:
        return False
    library.ioctl(-1, ctypes.c_ulong(_signature(_machine())), 0)
    if ctypes.get_errno() != errno.EUNATCH:
        return False
    library.connect(-1, None, 0)
    if ctypes.get_errno() != errno.EPERM:
        return False
    return library.socket(-1, -1, -1) == -1 and ctypes.get_errno() == errno.EPERM


def _signature(machine: _Machine) -> int:
    return zlib.crc32(repr((machine, _TYPING)).encode())


def _close_inherited(keep: frozenset[int]) -> None:
    try:
        open_now = [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]
    except OSError as error:
        raise SealError(f"cannot list the descriptors of this process: {error.strerror}", "mount /proc") from error
    for descriptor in open_now:
        if descriptor > 2 and descriptor not in keep and _is_inherited(descriptor):
            os.close(descriptor)


def _is_inherited(descriptor: int) -> bool:
    """Python opens its own close-on-exec; what came through exec is not so, and neither is any socket kept."""
    try:
        return os.get_inheritable(descriptor) or stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False  # the one that listed the directory


def _refuse_connections(kept: frozenset[int]) -> None:
    """What stays open may be files, pipes, terminals or local sockets (a service manager's log), nothing farther."""
    standard = ("standard input", "standard output", "standard error")
    for descriptor, name in [*enumerate(standard), *((number, f"descriptor {number}") for number in sorted(kept))]:
        try:
            is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
        except OSError:
            continue
        if is_socket and not _is_local(descriptor):
            raise SealError(f"{name} is a network connection", "run lrev with a file, a pipe or a terminal there")


def _is_local(descriptor: int) -> bool:
    """getsockname(2) names the family: AF_UNIX is 1."""
    library = ctypes.CDLL(None, use_errno=True)
    address = ctypes.create_string_buffer(128)
    length = ctypes.c_uint(128)
    if library.getsockname(descriptor, address, ctypes.byref(length)) != 0:
        return False
    return bool(struct.unpack_from("=H", address.raw)[0] == 1)


def _install(library: ctypes.CDLL) -> None:
    machine = _machine()
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SealError("cannot give up new privileges", _HINT)
    code = _filter(machine)
    program = _Program(len(code) // 8, code)
    flags = ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC)
    result = library.syscall(machine.seccomp, _SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(program))
    if result != 0:
        # With TSYNC a positive result is the thread that could not be brought under the filter; errno says nothing.
        why = os.strerror(ctypes.get_errno()) if result < 0 else f"thread {result} has another filter"
        raise SealError(f"cannot install a system call filter: {why}", _HINT)


def _machine() -> _Machine:
    """Raises SealError where the numbers of the system calls are not known: a wrong table would refuse other calls."""
    name = platform.machine()
    if name not in _MACHINES or sys.maxsize < 1 << 32:
        raise SealError(f"no system call filter for this Python on '{name}'", "lrev runs on 64-bit x86_64 and aarch64")
    return _MACHINES[name]


def _filter(machine: _Machine) -> bytes:
    """Refuse a foreign ABI, the x32 numbers, each refused call and the ioctls of `_TYPING`; allow the rest."""
    # A jump counts the steps that it leaves out; the last step refuses, the one before it allows.
    numbers = [(_JUMP_AT_LEAST, _X32_BIT), *((_JUMP_EQUAL, number) for number in machine.refused)]
    to_refusal = len(numbers) + len(_TYPING) + 4
    steps = [_step(_LOAD, _ARCH_OFFSET), _step(_JUMP_EQUAL, machine.architecture, 1, 0), _step(_RETURN, _REFUSE)]
    steps.append(_step(_LOAD, _NR_OFFSET))
    steps += [_step(jump, number, to_refusal - place, 0) for place, (jump, number) in enumerate(numbers)]
    steps.append(_step(_JUMP_EQUAL, machine.ioctl, 0, len(_TYPING) + 3))
    steps.append(_step(_LOAD, _SECOND_ARGUMENT_OFFSET))
    steps += [_step(_JUMP_EQUAL, request, len(_TYPING) + 2 - place, 0) for place, request in enumerate(_TYPING)]
    steps += [_step(_JUMP_EQUAL, _signature(machine), 0, 1), _step(_RETURN, _RECOGNISED)]
    return b"".join([*steps, _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter: __u16 code; __u8 jt, jf; __u32 k"""
    return struct.pack("=HBBI", code, if_true, if_false, value)
