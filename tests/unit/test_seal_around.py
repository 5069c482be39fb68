"""What surrounds a sealed process: sandboxes, terminals, other users, descriptors that are kept.

Each try runs in a process of its own: a seal cannot be taken off again.
"""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SEALED = "from lrev.seal import is_sealed, seal\nseal()\n"
# A filter that refuses less than ours, put on before lrev starts, as a sandbox would.
SANDBOX = """
import ctypes, dataclasses
from lrev import seal as inner
real = inner._machine
inner._machine = lambda: dataclasses.replace(real(), refused=real().refused[:2])
inner._install(ctypes.CDLL(None, use_errno=True))
inner._machine = real
"""


def run(program: str, keep: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, keep)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=keep,
        timeout=60,
    )


def said(program: str, keep: tuple[int, ...] = ()) -> str:
    done = run(program, keep)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_sandbox_that_refuses_less_is_not_taken_for_the_seal() -> None:
    io_uring = "library = ctypes.CDLL(None, use_errno=True)\nprint(library.syscall(425, 1, b' ' * 256))\n"
    assert said(SANDBOX + "print(inner.is_sealed())") == "False"
    assert said(SANDBOX + "inner.seal()\nprint(inner.is_sealed())\n" + io_uring).split() == ["True", "-1"]


def test_a_child_is_recognised_as_sealed_and_makes_itself_unreadable_again() -> None:
    """Exec makes a process readable to others again; the filter stays."""
    child = (
        "import ctypes\nfrom lrev.seal import is_sealed, seal\nget = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)\n"
        "print(is_sealed(), get())\nseal()\nprint(is_sealed(), get())"
    )
    program = SEALED + f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert said(program).split() == ["True", "1", "True", "0"]


def test_threads_that_run_already_are_sealed_too() -> None:
    program = (
        "import socket, threading\nfrom lrev.seal import seal\nsealed = threading.Event()\n"
        "def attempt():\n    sealed.wait()\n    try:\n        socket.socket()\n        print('open')\n"
        "    except PermissionError:\n        print('refused')\n"
        "thread = threading.Thread(target=attempt)\nthread.start()\nseal()\nsealed.set()\nthread.join()"
    )
    assert said(program) == "refused"


def test_nothing_can_be_typed_into_the_terminal_and_other_requests_still_work() -> None:
    program = (
        "import fcntl, os, termios\nread, _ = os.pipe()\n"
        "def attempt(request):\n    try:\n        fcntl.ioctl(read, request, b'x' * 64)\n    except OSError as error:\n"
        "        print(error.strerror)\n"
        "attempt(termios.TIOCSTI)\nfrom lrev.seal import seal\nseal()\nattempt(termios.TIOCSTI)\nattempt(0x541C)\n"
        "attempt(termios.TCGETS)\nprint(int.from_bytes(fcntl.ioctl(read, termios.FIONREAD, bytes(4)), 'little'))"
    )
    not_a_terminal, refused = "Inappropriate ioctl for device", "Operation not permitted"
    assert said(program).splitlines() == [not_a_terminal, refused, refused, not_a_terminal, "0"]


def test_files_that_are_open_here_stay_open_and_those_that_came_from_outside_do_not(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("still readable")
    with (tmp_path / "outside").open("wb") as outside:
        program = (
            f"import os, sys\nfrom lrev.seal import seal\nstream = open({str(tmp_path / 'here')!r})\nseal()\n"
            "print(stream.read())\ntry:\n    os.write(int(sys.argv[1]), b'x')\nexcept OSError as error:\n"
            "    print(error.strerror)"
        )
        assert said(program, (outside.fileno(),)).splitlines() == ["still readable", "Bad file descriptor"]
    assert (tmp_path / "outside").read_bytes() == b""


def test_a_socket_that_was_opened_before_is_closed() -> None:
    program = (
        "import os, socket\nfrom lrev.seal import seal\none, other = socket.socketpair()\nseal()\n"
        "try:\n    os.fstat(one.detach())\nexcept OSError as error:\n    print(error.strerror)\nother.detach()"
    )
    assert said(program) == "Bad file descriptor"


@pytest.mark.loopback
def test_a_connection_cannot_be_kept() -> None:
    program = "import sys\nfrom lrev.seal import seal\nseal(keep=[int(sys.argv[1])])"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as client,
    ):
        done = run(program, (client.fileno(),))
        assert f"SealError: descriptor {client.fileno()} is a network connection" in done.stderr


def test_a_datagram_socket_as_standard_output_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        done = subprocess.run(
            [sys.executable, "-c", SEALED],
            cwd=ROOT,
            stdout=outward.fileno(),
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert "standard output is a network connection" in done.stderr


def test_a_local_socket_as_standard_error_is_what_service_managers_give() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run([sys.executable, "-c", SEALED], cwd=ROOT, stderr=theirs.fileno(), check=False)
    assert done.returncode == 0


def test_a_closed_standard_stream_is_no_reason_to_fail() -> None:
    shell = shutil.which("sh")
    assert shell
    command = [shell, "-c", 'exec "$0" -c "$1" <&-', sys.executable, SEALED + "print(is_sealed())"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True"


@pytest.mark.parametrize(("machine", "bits"), [("riscv64", 63), ("x86_64", 31)])
def test_a_machine_whose_call_numbers_are_not_known_is_refused(machine: str, bits: int) -> None:
    program = (
        f"import platform, sys\nplatform.machine = lambda: {machine!r}\nsys.maxsize = (1 << {bits}) - 1\n"
        "from lrev.errors import Exit\nfrom lrev.seal import SealError, seal\n"
        "try:\n    seal()\nexcept SealError as error:\n    print(int(error.exit_code), error.message)"
    )
    assert said(program) == f"5 no system call filter for this Python on '{machine}'"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_decides_as_its_table_says(machine: str) -> None:
    """The program is read step by step as the kernel would, for the machine that the tests do not run on too."""
    from lrev import seal

    table = seal._MACHINES[machine]
    code = seal._filter(table)

    def verdict(number: int, request: int = 0, architecture: int = table.architecture) -> int:
        return _interpreted(code, {0: number, 4: architecture, 24: request})

    refuse, allow = seal._REFUSE, seal._ALLOW
    assert {number for number in range(600) if verdict(number) == refuse} == set(table.refused)
    assert verdict(0, architecture=0x40000003) == verdict(63, architecture=0x40000028) == refuse
    assert verdict(0x40000000) == verdict(0x40000000 + 41) == verdict(0xFFFFFFFF) == refuse
    assert verdict(table.ioctl, 0x5412) == verdict(table.ioctl, 0x541C) == refuse
    assert verdict(table.ioctl, 0x5401) == verdict(table.ioctl + 1, 0x5412) == allow
    assert verdict(table.ioctl, seal._signature(table)) == seal._RECOGNISED


def _interpreted(code: bytes, data: dict[int, int]) -> int:
    at, accumulator = 0, 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if operation == 0x06:
            return int(value)
        if operation == 0x20:
            accumulator = data[value]
        else:
            holds = accumulator == value if operation == 0x15 else accumulator >= value
            at += if_true if holds else if_false
