"""Measuring lrev on real trees; not installed with it (bench/README.md)."""
