"""The guard of tests/conftest.py holds, or every other test could reach a network unseen."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.conftest import NetworkUsed

DISCARD = 9  # a port of the loopback on which nobody listens


@pytest.mark.parametrize("address", [("127.0.0.1", DISCARD), ("192.0.2.1", DISCARD)])
def test_connect_is_refused(address: tuple[str, int]) -> None:
    with socket.socket() as stream, pytest.raises(NetworkUsed):
        stream.connect(address)


def test_every_way_out_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        for send in (
            lambda: datagram.sendto(b"", ("192.0.2.1", DISCARD)),
            lambda: datagram.connect_ex(("192.0.2.1", DISCARD)),
            lambda: datagram.bind(("127.0.0.1", 0)),
            lambda: socket.create_connection(("example.org", DISCARD)),
        ):
            with pytest.raises(NetworkUsed):
                send()


@pytest.mark.loopback
def test_loopback_reaches_this_machine_alone() -> None:
    with socket.socket() as listener, socket.socket() as stream:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        stream.connect(listener.getsockname())
    with socket.socket() as stream, pytest.raises(NetworkUsed):
        stream.connect(("192.0.2.1", DISCARD))


def test_a_local_socket_is_allowed(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as stream:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        stream.connect(str(tmp_path / "s"))


def test_home_is_the_tests_own(tmp_path: Path) -> None:
    assert Path(os.environ["LREV_HOME"]).parent == tmp_path
