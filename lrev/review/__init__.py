"""Patch -> Review: the whole flow, readable in pipeline.py."""
