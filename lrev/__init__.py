"""lrev: offline review of Linux kernel patches with a local model."""

__version__ = "0.1.0"
