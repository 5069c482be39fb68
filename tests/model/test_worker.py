"""The generator in a child process: the same answers, and a death that is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lrev.errors import ContextOverflow, MachineError, ModelMissing
from lrev.model.generator import EngineSpec, LocalGenerator, open_generator
from lrev.model.watching import Watch
from lrev.model.worker import WorkerGenerator, open_worker
from lrev.paths import PROJECT_ROOT
from lrev.types import Generator, Prompt, Sampling
from tests.model.plans import PLAN, SYSTEM, short

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def worker(spec: EngineSpec) -> Iterator[Generator]:
    with open_worker(spec) as opened:
        yield opened


def process(worker: Generator) -> subprocess.Popen[bytes]:
    assert isinstance(worker, WorkerGenerator)
    assert worker._process is not None
    return worker._process


def test_it_answers_as_the_generator_does(spec: EngineSpec) -> None:
    with open_worker(spec) as worker, open_generator(spec) as generator:
        agree(worker, generator)


def agree(worker: WorkerGenerator, generator: LocalGenerator) -> None:
    assert (worker.name, worker.sha256, worker.context_tokens) == ("smollm2-135m", "0" * 64, 1024)
    answers = worker.answer(PLAN)
    assert answers == generator.answer(PLAN)
    assert all(answer.seconds > 0 for answer in answers)
    sampling = Sampling(temperature=1.5, seed=7)
    assert worker.answer(PLAN, sampling) == generator.answer(PLAN, sampling)
    for text in ("", "int a;\n", "\0\udc80\U0001f980"):
        assert worker.count(text) == generator.count(text)
    assert [worker.overhead(prompt) for prompt in PLAN] == [generator.overhead(prompt) for prompt in PLAN]


def test_errors_arrive_as_they_were_raised(worker: Generator, spec: EngineSpec, tmp_path: Path) -> None:
    with pytest.raises(ContextOverflow, match="and the context of 'smollm2-135m' holds 1024") as raised:
        worker.answer([Prompt((SYSTEM, "int a;\n" * 500), short("Which line?"))])
    assert raised.value.hint
    assert worker.count("it lives on") > 0
    with (
        pytest.raises(ModelMissing, match=r"cannot open '.*absent'"),
        open_worker(replace(spec, path=tmp_path / "absent")),
    ):
        pass


def test_the_child_is_sealed(worker: Generator) -> None:
    status = Path(f"/proc/{process(worker).pid}/status").read_text()
    assert "Seccomp:\t2\n" in status
    assert "NoNewPrivs:\t1\n" in status


@pytest.mark.parametrize("how", [signal.SIGABRT, signal.SIGKILL])
def test_a_dead_child_is_an_error_and_stays_one(spec: EngineSpec, how: signal.Signals) -> None:
    with open_worker(spec) as worker:
        worker.answer(PLAN[:1])
        process(worker).send_signal(how)
        for _ in range(2):
            with pytest.raises(MachineError, match=f"^the model process died with signal {how.value}$"):
                worker.answer(PLAN[:1])
        with pytest.raises(MachineError, match="died with signal"):
            worker.forget()
        assert worker.count("what it costs is counted without it") > 0
        worker.restart()
        assert worker.answer(PLAN[:1])


def test_a_child_that_hangs_is_given_up(spec: EngineSpec) -> None:
    with open_worker(spec, Watch(grace_seconds=1)) as worker:
        process(worker).send_signal(signal.SIGSTOP)
        with pytest.raises(MachineError, match="stood still for 1 s"):
            worker.answer(PLAN[:1])
        worker.restart()
        assert worker.count("it is back") > 0


def test_a_child_that_works_too_long_is_given_up(spec: EngineSpec) -> None:
    with open_worker(spec, Watch(tokens_per_second=1e9)) as worker:
        worker._watch = Watch(grace_seconds=0.01, tokens_per_second=1e9)
        with pytest.raises(MachineError, match=r"(worked 0 s and gave no answer|stood still for 0 s)$"):
            worker.answer([replace(prompt, segments=(SYSTEM * 20,)) for prompt in PLAN])


def test_a_child_that_holds_too_much_memory_is_given_up(spec: EngineSpec) -> None:
    with open_worker(spec) as worker:
        worker._watch = Watch(memory_megabytes=1)
        with pytest.raises(MachineError, match="held more than 1 MB"):
            worker.answer(PLAN)


def test_what_is_forgotten_is_read_again_and_answered_alike(spec: EngineSpec) -> None:
    with open_worker(spec) as worker:
        first = worker.answer(PLAN)
        worker.forget()
        again = worker.answer(PLAN)
        reused = worker.answer(PLAN)
    assert first == again
    assert reused[0].tokens_read < first[0].tokens_read
    assert [one.probabilities for one in reused] == [one.probabilities for one in first]


def test_the_child_is_gone_afterwards(spec: EngineSpec) -> None:
    with open_worker(spec) as worker:
        child = process(worker)
    assert child.returncode is not None
    with pytest.raises(MachineError, match="is closed"):
        worker.answer(PLAN[:1])


def test_an_interrupt_is_left_to_the_parent(worker: Generator) -> None:
    process(worker).send_signal(signal.SIGINT)
    assert worker.answer(PLAN[:1])


def test_what_native_code_prints_does_not_reach_the_protocol() -> None:
    program = (
        "import os\n"
        "from lrev.model.worker import _standard_streams\n"
        "with _standard_streams() as (requests, replies):\n"
        "    os.write(1, b'noise')\n"
        "    assert os.read(0, 9) == b''\n"
        "    replies.write(requests.read())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=b"asked", cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"asked", b"noise")


def test_a_sealed_parent_can_start_it_from_a_hostile_directory(spec: EngineSpec, tmp_path: Path) -> None:
    """A tree under review may hold files named like our modules, and the parent has given up the network."""
    for name in ("json.py", "llama_cpp.py", "lrev.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the tree under review')\n")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from lrev.seal import seal\n"
        "from lrev.model.generator import EngineSpec\n"
        "from lrev.model.worker import open_worker\n"
        "seal()\n"
        f"spec = EngineSpec('smollm2', '{spec.sha256}', Path(sys.argv[1]), 256, 'chatml', threads=1)\n"
        "with open_worker(spec) as worker:\n"
        "    print(worker.count('one two'))\n"
    )
    command = [sys.executable, "-P", "-c", program, str(spec.path)]
    environment = {"PYTHONPATH": str(PROJECT_ROOT), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "2\n", "")
