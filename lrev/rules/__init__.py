"""prompts/rules -> the rules a changed function triggers."""
