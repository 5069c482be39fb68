"""Everything lrev raises on purpose, and the exit code that each kind ends with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; docs/cli.md says what each means to a caller."""

    DONE = 0
    FOUND = 1
    USAGE = 2
    DEFECT = 3
    INCOMPLETE = 4
    MACHINE = 5
    INTERRUPTED = 130


class LrevError(Exception):
    """An error a person can act on: `message` in one line, without capital or full stop, and a `hint`."""

    exit_code = Exit.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LrevError):
    """The user's mistake: options, configuration, a missing model, unreadable input."""


class ManifestError(UsageError):
    """models.toml or lrev.toml does not say what it should."""


class ModelMissing(UsageError):
    """A model is not on this machine, or is not the file that models.toml names."""


class IndexMissing(UsageError):
    """There is no index, or it is of another schema, chunker or embedder."""


class InputError(UsageError):
    """A mail, diff or file that cannot be read; the message names the message-id or the line."""


class GitError(UsageError):
    """git refused: no repository, no such commit."""


class ContextOverflow(UsageError):
    """A prompt is longer than the model's context."""


class MachineError(LrevError):
    """The machine cannot do it: no seccomp, full disk, dead model process."""

    exit_code = Exit.MACHINE


class LockHeld(MachineError):
    """Another process is writing what this one wants to write."""


class SealError(MachineError):
    """The process cannot be closed off from the network."""


class DownloadError(MachineError):
    """A model could not be fetched."""
