"""What goes wrong over one patch costs that patch, not the night."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from lrev.batch.jobs import Job
from lrev.errors import LrevError, MachineError
from lrev.log import defect_report
from lrev.paths import log_directory

Value = TypeVar("Value")
# What is wrong with the machine is wrong for every job.
_OF_THE_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENOMEM)


@dataclass(frozen=True, slots=True)
class Attempt:
    """`failed` is told of the job and the reason."""

    failed: Callable[[Job, str], None]

    def __call__(self, job: Job, step: Callable[[], Value]) -> Value | None:
        """What the step gives, None where it failed. Raises MachineError, and OSError of the machine."""
        try:
            return step()
        except MachineError:
            raise
        except LrevError as error:
            self.failed(job, error.message)
        except OSError as error:
            if error.errno in _OF_THE_MACHINE:
                raise
            self.failed(job, f"{error.strerror}: '{error.filename}'")
        except Exception as error:
            report = defect_report(error, log_directory())
            self.failed(job, f"a defect of lrev, {type(error).__name__}: {error}; the report is '{report}'")
        return None
