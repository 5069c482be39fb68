"""ChangedFunction -> Context: what a reviewer would have looked up, inside an exact token budget."""
