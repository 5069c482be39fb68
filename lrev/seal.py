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
from collections.abc import Iterable
from pathlib import Path

from lrev.errors import SealError

_PR_SET_DUMPABLE = 4
_PR_GET_SECCOMP = 21
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_MODE_FILTER = 2
_SECCOMP_FILTER_FLAG_TSYNC = 1

# struct seccomp_data: int nr; __u32 arch; ...
_NR_OFFSET, _ARCH_OFFSET = 0, 4
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EPERM
_X32_BIT = 0x40000000
_IO_URING = (425, 426, 427)  # setup, enter, register: the same numbers on every architecture
_PIDFD_GETFD = 438

_SYSCALLS = {
    # machine: (AUDIT_ARCH, seccomp(2), refused calls)
    "x86_64": (
        0xC000003E,
        317,
        # socket connect accept sendto sendmsg recvmsg bind listen ptrace accept4 recvmmsg sendmmsg
        # process_vm_readv process_vm_writev
        (41, 42, 43, 44, 46, 47, 49, 50, 101, 288, 299, 307, 310, 311, *_IO_URING, _PIDFD_GETFD),
    ),
    "aarch64": (
        0xC00000B7,
        277,
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
    stream is itself a connection.
    """
    _close_inherited(frozenset(keep))
    _refuse_connections()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        raise SealError("cannot make this process unreadable to others", _HINT)
    if not is_sealed():
        _install(library)
    if not is_sealed():
        raise SealError("the kernel took the system call filter and does not apply it", _HINT)


def is_sealed() -> bool:
    """Asked of the kernel with calls that fail either way: connect on no descriptor is EBADF when not refused."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) != _SECCOMP_MODE_FILTER:
        return False
    library.connect(-1, None, 0)
    if ctypes.get_errno() != errno.EPERM:
        return False
    descriptor = library.socket(1, 1, 0)
    if descriptor >= 0:
        os.close(descriptor)
        return False
    return ctypes.get_errno() == errno.EPERM


def _close_inherited(keep: frozenset[int]) -> None:
    for entry in list(Path("/proc/self/fd").iterdir()):
        descriptor = int(entry.name)
        if descriptor > 2 and descriptor not in keep and _is_inherited(descriptor):
            os.close(descriptor)


def _is_inherited(descriptor: int) -> bool:
    """Python opens its own close-on-exec; what came through exec is not so, and neither is any socket kept."""
    try:
        return os.get_inheritable(descriptor) or stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False  # the one that listed the directory


def _refuse_connections() -> None:
    """Standard streams may be files, pipes, terminals or local sockets (a service manager's log), nothing farther."""
    for descriptor, name in enumerate(("standard input", "standard output", "standard error")):
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
    machine = platform.machine()
    if machine not in _SYSCALLS:
        raise SealError(f"no system call filter for '{machine}'", "lrev runs on x86_64 and aarch64")
    architecture, seccomp, refused = _SYSCALLS[machine]
    if library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise SealError("cannot give up new privileges", _HINT)
    code = _filter(architecture, refused)
    program = _Program(len(code) // 8, code)
    flags = ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC)
    if library.syscall(seccomp, _SECCOMP_SET_MODE_FILTER, flags, ctypes.byref(program)) != 0:
        raise SealError(f"cannot install a system call filter: {os.strerror(ctypes.get_errno())}", _HINT)


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Refuse a foreign ABI, the x32 numbers and every number of `refused`; allow the rest."""
    steps = [_step(_LOAD, _ARCH_OFFSET), _step(_JUMP_EQUAL, architecture, 1, 0), _step(_RETURN, _REFUSE)]
    steps += [_step(_LOAD, _NR_OFFSET), _step(_JUMP_AT_LEAST, _X32_BIT, len(refused) + 1, 0)]
    for place, number in enumerate(refused):
        steps.append(_step(_JUMP_EQUAL, number, len(refused) - place, 0))
    return b"".join([*steps, _step(_RETURN, _ALLOW), _step(_RETURN, _REFUSE)])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """struct sock_filter: __u16 code; __u8 jt, jf; __u32 k"""
    return struct.pack("=HBBI", code, if_true, if_false, value)
