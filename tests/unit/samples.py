"""The files under tests/data, written for the tests."""

from __future__ import annotations

from pathlib import Path

_DATA = Path(__file__).resolve().parent.parent / "data"


def read_sample(name: str) -> bytes:
    return (_DATA / name).read_bytes()
