"""The same Generator in a sealed process of its own: an abort in native code costs one answer, not the run.

Both directions carry JSON objects behind their length in four bytes. The first request is the spec; every request has
one reply, `value` or the name, message and hint of an error. The child ends when its standard input or its parent does.
What prompts cost is counted in the parent, which so never waits for a child that is busy.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from lrev.errors import ContextOverflow, LrevError, MachineError, ManifestError, ModelMissing, SealError
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.model.prompt_tokens import PromptTokens, open_prompt_tokens
from lrev.model.watching import WATCH, Watch, wait_for
from lrev.paths import PROJECT_ROOT
from lrev.seal import seal
from lrev.types import LIKELIEST, Answer, Prompt, Question, QuestionKind, Sampling

_LENGTH = struct.Struct(">I")
_CLOSE_SECONDS = 5  # to free a model takes well under one; a child that is still reading a prompt is killed
_PR_SET_PDEATHSIG = 1
# No text has more tokens; code has half as many.
_CHARACTERS_PER_TOKEN = 2
_ERRORS = {kind.__name__: kind for kind in (ContextOverflow, MachineError, ManifestError, ModelMissing, SealError)}


@contextmanager
def open_worker(spec: EngineSpec, watch: Watch = WATCH) -> Iterator[WorkerGenerator]:
    """A child with the model loaded. Raises what open_generator raises, and MachineError when the child dies.

    The thread that calls this has to outlive the child.
    """
    with open_prompt_tokens(spec.path, spec.prompt_format, spec.thinking_tokens) as tokens:
        worker = WorkerGenerator(spec, tokens, watch)
        try:
            worker.start()
            yield worker
        finally:
            worker.close()


class WorkerGenerator:
    """The parent's end; what asks the child raises MachineError once it is dead, hangs or holds too much memory."""

    def __init__(self, spec: EngineSpec, tokens: PromptTokens, watch: Watch) -> None:
        self.name = spec.name
        self.sha256 = spec.sha256
        self.context_tokens = spec.context_tokens
        self._spec = spec
        self._tokens = tokens
        self._watch = watch
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # -P: the working directory, which may be any tree, is no place to import from.
        command = [sys.executable, "-P", "-m", "lrev.model.worker"]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        prefixes = str(self._spec.prefixes) if self._spec.prefixes else None
        request = {**asdict(self._spec), "path": str(self._spec.path), "prefixes": prefixes}
        self._ask(request)

    def close(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin and process.stdout
        try:
            process.stdin.close()
            process.wait(_CLOSE_SECONDS)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        finally:
            process.stdout.close()

    def kill(self) -> None:
        """At once, also while another thread waits for an answer, which then raises MachineError there."""
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """A new child with nothing asked yet, whatever became of the old one."""
        self.kill()
        self.close()
        self.start()

    def count(self, text: str) -> int:
        return self._tokens.count(text)

    def overhead(self, prompt: Prompt) -> int:
        return self._tokens.overhead(prompt)

    def forget(self) -> None:
        """As if nothing had been asked; the account of what comes next is its own."""
        self._ask({"call": "forget"})

    def answer(self, prompts: Sequence[Prompt], sampling: Sampling = LIKELIEST) -> list[Answer]:
        fields = [_prompt_fields(prompt) for prompt in prompts]
        thought = sum(map(self._tokens.thoughts.room, prompts))
        request = {"call": "answer", "prompts": fields, "sampling": asdict(sampling)}
        reply = self._ask(request, _most_tokens(prompts) + thought)
        return [Answer(**{**fields, "probabilities": tuple(fields["probabilities"])}) for fields in reply["value"]]

    def _ask(self, request: dict[str, Any], tokens: int = 0) -> dict[str, Any]:
        process = self._process
        if process is None:
            raise MachineError("the model process is closed")
        assert process.stdin and process.stdout
        try:
            _send(process.stdin, request)
            wait_for(process.stdout, process.pid, tokens, self._watch)
            reply = _receive(process.stdout)
        except BrokenPipeError:
            reply = None
        except MachineError:
            process.kill()
            raise
        if reply is None:
            raise MachineError(f"the model process {_end(process.wait())}", "what it said last is on standard error")
        if "error" in reply:
            raise _ERRORS.get(reply["error"], MachineError)(reply["message"], reply["hint"])
        return reply


def _most_tokens(prompts: Sequence[Prompt]) -> int:
    """More than are read and written, what prompts share counted once."""
    segments = {segment for prompt in prompts for segment in prompt.segments}
    read = sum(map(len, segments)) + sum(len(prompt.question.text) for prompt in prompts)
    return read // _CHARACTERS_PER_TOKEN + sum(prompt.question.max_tokens for prompt in prompts)


def main() -> None:
    """The child. An interrupt from the terminal is the parent's business, which then closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # A pipe that broke is a parent that died: nobody is left to be told.
    with suppress(BrokenPipeError), _standard_streams() as (requests, replies):
        try:
            seal()
            _serve(requests, replies)
        except LrevError as error:
            _send(replies, _failure(error))


def _serve(requests: IO[bytes], replies: IO[bytes]) -> None:
    first = _receive(requests)
    if first is None:
        return
    with open_generator(_spec(first)) as generator:
        _send(replies, {"value": None})
        while (request := _receive(requests)) is not None:
            _send(replies, _reply(generator, request))


def _spec(fields: dict[str, Any]) -> EngineSpec:
    prefixes = Path(fields["prefixes"]) if fields["prefixes"] else None
    return EngineSpec(**{**fields, "path": Path(fields["path"]), "prefixes": prefixes})


def _reply(generator: LocalGenerator, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if request["call"] == "forget":
            generator.forget()
            return {"value": None}
        prompts = [_prompt(fields) for fields in request["prompts"]]
        answers = generator.answer(prompts, Sampling(**request["sampling"]))
        return {"value": [asdict(answer) for answer in answers]}
    except LrevError as error:
        return _failure(error)


@contextmanager
def _standard_streams() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Requests and replies on descriptors of their own: what native code prints to 1 goes to standard error."""
    with os.fdopen(os.dup(0), "rb") as requests, os.fdopen(os.dup(1), "wb") as replies:
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(2, 1)
        yield requests, replies


def _send(stream: IO[bytes], message: dict[str, Any]) -> None:
    data = json.dumps(message).encode()
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """None at the end of the stream, also in the middle of a message."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    data = stream.read(length)
    if len(data) < length:
        return None
    message: dict[str, Any] = json.loads(data)
    return message


def _failure(error: LrevError) -> dict[str, Any]:
    return {"error": type(error).__name__, "message": error.message, "hint": error.hint}


def _end(code: int) -> str:
    return f"died with signal {-code}" if code < 0 else f"ended with exit code {code}"


def _prompt_fields(prompt: Prompt) -> dict[str, Any]:
    fields = asdict(prompt)
    fields["question"]["kind"] = prompt.question.kind.value
    return fields


def _prompt(fields: dict[str, Any]) -> Prompt:
    question = fields["question"]
    choices = tuple(question["choices"])
    asked = Question(**{**question, "kind": QuestionKind(question["kind"]), "choices": choices})
    return Prompt(tuple(fields["segments"]), asked)


if __name__ == "__main__":
    main()
