"""Measured quality: what checks and models find of bugs that are known, and what they say of code that is sound."""
