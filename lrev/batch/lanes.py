"""Model processes at work: each answers in a thread of its own, and nothing else is done there.

What is asked begins with a model that has forgotten what came before, so that neither answers nor the account of tokens
depend on which lane a job got, or on what that lane did before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Generic, Protocol, TypeVar

from lrev.errors import MachineError
from lrev.types import Answer, Generator, Prompt

Value = TypeVar("Value")


class LaneModel(Generator, Protocol):
    """What lrev.model.worker offers beside answering."""

    def forget(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Timed(Generic[Value]):
    value: Value
    seconds: float


class LostModel(Exception):
    """The model died, hung or grew under a question; it is in no lane until it is revived."""

    def __init__(self, model: LaneModel, error: MachineError) -> None:
        super().__init__(error.message)
        self.model = model
        self.reason = error.message


class Lanes:
    """As many as there are models. revive() and close() are for the thread that opened the models."""

    def __init__(self, models: Sequence[LaneModel]) -> None:
        self._models = tuple(models)
        self._free: SimpleQueue[LaneModel | None] = SimpleQueue()
        for model in models:
            self._free.put(model)
        self._pool = ThreadPoolExecutor(len(self._models), thread_name_prefix="lane")

    @property
    def count(self) -> int:
        return len(self._models)

    def submit(self, work: Callable[[Generator], Value]) -> Future[Timed[Value]]:
        """In the order they are submitted. The future raises LostModel when the model did not survive the work."""
        return self._pool.submit(self._work, work)

    def revive(self, lost: LostModel) -> None:
        """Raises MachineError when there is no new one to be had."""
        lost.model.restart()
        self._free.put(lost.model)

    def close(self) -> None:
        """What is being answered is broken off."""
        for model in self._models:
            model.kill()
        for _ in self._models:
            self._free.put(None)
        self._pool.shutdown(cancel_futures=True)

    def _work(self, work: Callable[[Generator], Value]) -> Timed[Value]:
        model = self._free.get()
        if model is None:
            raise MachineError("the run is over")
        started = time.monotonic()
        try:
            model.forget()
            value = work(model)
        except MachineError as error:
            raise LostModel(model, error) from error
        except BaseException:
            self._free.put(model)
            raise
        self._free.put(model)
        return Timed(value, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Counting:
    """A model for planning, which runs beside the lanes: it counts and answers nothing."""

    model: Generator

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def sha256(self) -> str:
        return self.model.sha256

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    def count(self, text: str) -> int:
        return self.model.count(text)

    def overhead(self, prompt: Prompt) -> int:
        return self.model.overhead(prompt)

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        raise AssertionError(f"asked while planning: {prompts[0].question.id}")
