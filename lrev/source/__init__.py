"""The outside world as typed data: git, trees, C, documents, mail and patches. Knows no model and no index."""
