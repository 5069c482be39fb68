"""The morning page: a digest as HTML, and as text for mail."""
