"""Chunks, symbols, facts and mail -> one generation on disk, and reading it."""
