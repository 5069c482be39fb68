"""The command line: one thin file a command, one error boundary in app.py."""
