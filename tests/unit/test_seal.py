"""Each try runs in a process of its own: a seal cannot be taken off again."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "seal"
SEALED = "from lrev.seal import is_sealed, seal\nseal()\n"


def run(
    program: str, *, arguments: Sequence[str] = (), stdin: int | None = None, keep: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=stdin,
        pass_fds=keep,
        timeout=60,
    )


def said(program: str, **options: object) -> str:
    done = run(program, **options)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_process_is_open_before_and_sealed_after_and_sealing_twice_does_no_harm() -> None:
    program = "from lrev.seal import is_sealed, seal\nprint(is_sealed())\nseal()\nseal()\nprint(is_sealed())"
    assert said(program).split() == ["False", "True"]


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/')",
        "import socket; socket.socketpair()[0].recvmsg(1)",
    ],
)
def test_python_gets_no_farther(attempt: str) -> None:
    done = run(SEALED + attempt)
    assert done.returncode == 1
    assert "Operation not permitted" in done.stderr


def test_a_pipe_a_socketpair_and_a_child_still_work() -> None:
    program = SEALED + (
        "import os, socket, subprocess\nos.pipe()\nsocket.socketpair()\n"
        "print(subprocess.run(['echo', 'here'], capture_output=True, text=True).stdout)"
    )
    assert said(program) == "here"


@pytest.fixture(scope="session")
def reach(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    assert compiler, "the set-up needs a C compiler, and so does this test"
    program = tmp_path_factory.mktemp("seal") / "reach"
    subprocess.run([compiler, "-O1", "-o", program, DATA / "reach.c"], check=True)
    return program


def test_c_in_a_child_gets_no_farther_by_any_call_or_abi(reach: Path) -> None:
    program = SEALED + "import subprocess, sys\nsubprocess.run([sys.argv[1]], check=True)"
    tries = dict(line.rsplit(" ", 1) for line in said(program, arguments=[str(reach)]).splitlines())
    assert tries.pop("socketpair") == "0"
    assert len(tries) >= 8
    # A kernel without the x32 or 32-bit ABI answers ENOSYS, or ends the program at the gate; nobody gets a socket.
    refused = {str(errno.EPERM), str(errno.ENOSYS)}
    assert {name: code for name, code in tries.items() if code not in refused} == {}
    assert tries["socket"] == tries["connect"] == str(errno.EPERM)


def test_the_same_calls_get_through_where_nothing_is_sealed(reach: Path) -> None:
    done = subprocess.run([reach], capture_output=True, text=True, check=True)
    assert "socket 0" in done.stdout.splitlines()


@pytest.mark.loopback
def test_an_inherited_connection_is_closed_before_anything_is_read() -> None:
    with _Listener() as (server, client):
        program = (
            SEALED
            + "import os, sys\ntry:\n    os.write(int(sys.argv[1]), b'out')\nexcept OSError as e:\n    print(e.errno)"
        )
        done = run(program, arguments=[str(client)], keep=(client,))
        os.close(client)
        assert done.stdout.strip() == str(errno.EBADF), done.stderr
        assert server.recv(16) == b""


@pytest.mark.loopback
def test_a_descriptor_that_is_kept_is_left_open_but_no_socket_can_be_passed_through_it() -> None:
    ours, theirs = socket.socketpair()
    with _Listener() as (_, client), ours, theirs:
        socket.send_fds(ours, [b"x"], [client])
        program = (
            "import socket, sys\nfrom lrev.seal import seal\nseal(keep=[int(sys.argv[1])])\n"
            "connection = socket.socket(fileno=int(sys.argv[1]))\n"
            "try:\n    socket.recv_fds(connection, 1, 1)\nexcept OSError as e:\n    print(e.errno)"
        )
        done = run(program, arguments=[str(theirs.fileno())], keep=(theirs.fileno(),))
        os.close(client)
        assert done.stdout.strip() == str(errno.EPERM), done.stderr


@pytest.mark.loopback
def test_a_connection_as_standard_input_is_refused() -> None:
    with _Listener() as (_, client):
        done = run(SEALED, stdin=client)
        os.close(client)
        assert "standard input is a network connection" in done.stderr


def test_nothing_else_can_read_a_sealed_process() -> None:
    program = SEALED + "import ctypes\nprint(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    assert said(program) == "0"


class _Listener:
    """A listener on loopback and one connection to it: the accepted socket, and the descriptor of the other end."""

    def __enter__(self) -> tuple[socket.socket, int]:

        self.listener = socket.create_server(("127.0.0.1", 0))
        client = socket.create_connection(self.listener.getsockname())
        self.server, _ = self.listener.accept()
        self.server.settimeout(10)
        return self.server, client.detach()

    def __exit__(self, *_: object) -> None:
        self.server.close()
        self.listener.close()
