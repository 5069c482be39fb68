"""Jobs for a night, and the page that tells of them in the morning."""
