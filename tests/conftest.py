"""What every test gets: no network, an LREV_HOME of its own, no git configuration of the user's, a fixed seed."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    from lrev.model.fake import FakeEmbedder, FakeGenerator

LOOPBACK = "127.0.0.1"
SEED = 20240304

# No deadline: a timing is never asserted. The same examples each time: a failure is found by whoever runs it.
hypothesis.settings.register_profile(
    "lrev",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("lrev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write the files of tests/golden anew")


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Whether a golden test writes what it got instead of comparing it (`make golden`)."""
    return bool(request.config.getoption("--rewrite-golden"))


class NetworkUsed(Exception):
    """A test tried to reach a network; mark it `loopback` if it is about 127.0.0.1."""


def _guarded(name: str, loopback: bool) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def guard(self: socket.socket, *arguments: Any) -> Any:
        """The address is the last argument of every guarded method."""
        address = arguments[-1]
        local = self.family == socket.AF_INET and isinstance(address, tuple) and address[0] == LOOPBACK
        if self.family != socket.AF_UNIX and not (loopback and local):
            raise NetworkUsed(f"socket.{name}({address!r})")
        return original(self, *arguments)

    return guard


def _refused(*arguments: object, **_: object) -> None:
    raise NetworkUsed(f"look-up of {arguments!r}")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets other than local ones raise; those of a test marked `loopback` may use 127.0.0.1."""
    loopback = request.node.get_closest_marker("loopback") is not None
    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, _guarded(name, loopback))
    if not loopback:
        monkeypatch.setattr(socket, "getaddrinfo", _refused)


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the user's is read or written, and two runs see the same."""
    for name in [name for name in os.environ if name.startswith(("LREV_", "GIT_")) and name != "LREV_TEST_MODELS"]:
        monkeypatch.delenv(name)
    for name, folder in (("LREV_HOME", "lrev-home"), ("XDG_CONFIG_HOME", "config"), ("XDG_CACHE_HOME", "cache")):
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    random.seed(SEED)


@pytest.fixture(scope="session")
def real_models() -> Path:
    """The folder with the small real models. `make test` fetches them; without it these tests are skipped."""
    folder = os.environ.get("LREV_TEST_MODELS")
    if not folder:
        pytest.skip("LREV_TEST_MODELS is not set: run `make test`")
    return Path(folder)


@pytest.fixture
def fake_generator() -> FakeGenerator:
    from lrev.model.fake import FakeGenerator

    return FakeGenerator()


@pytest.fixture
def fake_embedder() -> FakeEmbedder:
    from lrev.model.fake import FakeEmbedder

    return FakeEmbedder()
