"""lrev: offline review of Linux kernel patches with a local model."""

from __future__ import annotations

__version__ = "0.1.0"
