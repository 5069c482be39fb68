"""The set-up says what is wrong in one line, and keeps a compiled wheel only for the machine it was compiled for."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import child
import demo
import llama_wheel
import lock
import machine
import pytest

ROOT = Path(__file__).resolve().parent.parent
LOG = Path("build/setup.log")

TAMPERED = """\
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, \
please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
    lamp==0.1.2 from https://example.org/lamp-0.1.2-py3-none-any.whl (from -r setup/lock.txt (line 692)):
        Expected sha256 0000
             Got        8400
"""
CUT_OFF = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': /simple/lamp/
ERROR: Could not find a version that satisfies the requirement lamp==0.1.2 (from versions: none)
ERROR: No matching distribution found for lamp==0.1.2
"""
CPUINFO = """\
processor	: 0
flags		: fpu smep sse2 avx2 avx512_vnni ssse3 rdrand avx2

processor	: 1
flags		: fpu sse2
"""


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (TAMPERED, "wrong hash: 'lamp'"),
        (CUT_OFF, "cannot reach the package index"),
        ("OSError: [Errno 28] No space left on device", "disk full while installing"),
        ("ERROR: No matching distribution found for lamp==0.1.2\n", "'lamp==0.1.2' is not on offer"),
        ("c++: fatal error: Killed signal terminated program cc1plus", "out of memory"),
        ("something else", "installing failed"),
    ],
)
def test_a_failure_has_one_line_and_a_hint(output: str, words: str) -> None:
    failure = child.reason("installing", output, LOG)
    assert words in failure.message
    assert "\n" not in failure.message + failure.hint
    assert failure.hint


def test_only_a_missing_offer_leads_to_the_other_build_of_torch() -> None:
    """A wrong hash or a dead network must not end in 4 GB of another build."""
    offered = [isinstance(child.reason("", text, LOG), child.NotOffered) for text in (TAMPERED, CUT_OFF)]
    assert offered == [False, False]
    assert isinstance(child.reason("", "No matching distribution found for torch==2.13.0+cpu", LOG), child.NotOffered)


def test_a_failing_child_is_a_failure_and_its_output_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with pytest.raises(machine.Failure, match="a step failed"):
        child.run("a step", [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"], log)
    assert "the reason" in log.read_text()


def test_too_little_space_is_said_with_both_numbers(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    machine.need_space(tmp_path / "not" / "yet" / "there", 1, "a byte")
    with pytest.raises(machine.Failure, match=r"too full for everything: \d+\.\d GB free of \d+\.\d GB"):
        machine.need_space(tmp_path, free * 2 + machine.GB, "everything")


@pytest.mark.parametrize(("variable", "language"), [("CC", "C"), ("CXX", "C++")])
def test_a_missing_compiler_is_named(variable: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", sys.executable)
    monkeypatch.setenv("CXX", sys.executable)
    machine.need_compiler()
    monkeypatch.setenv(variable, "/none/compiler -flag")
    with pytest.raises(machine.Failure) as caught:
        machine.need_compiler()
    assert caught.value.message == f"cannot find a {language} compiler: '/none/compiler'"


def test_only_what_the_compiler_uses_names_a_build() -> None:
    assert llama_wheel.cpu_features(CPUINFO) == ("avx2", "avx512_vnni", "sse2", "ssse3")
    assert llama_wheel.cpu_features("Features : fp asimd asimddp sve i8mm") == ("asimd", "asimddp", "i8mm", "sve")
    assert llama_wheel.cpu_features("") == ()


def test_another_cpu_source_or_option_is_another_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked, info = tmp_path / "lock", tmp_path / "cpuinfo"
    locked.write_text("one")
    info.write_text("flags : avx2 fpu")
    monkeypatch.setattr(llama_wheel, "CPUINFO", info)
    first = llama_wheel.key(locked)
    info.write_text("flags : avx2 fpu erms")
    assert llama_wheel.key(locked) == first
    keys = {first}
    info.write_text("flags : avx2 avx512f")
    keys.add(llama_wheel.key(locked))
    locked.write_text("two")
    keys.add(llama_wheel.key(locked))
    monkeypatch.setenv("CMAKE_ARGS", "-DGGML_CUDA=on")
    keys.add(llama_wheel.key(locked))
    assert len(keys) == 4


def test_amx_is_left_out_where_the_cpu_shows_it_and_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(llama_wheel, "CPUINFO", info)
    info.write_text("flags : avx2 avx512f")
    assert "amx" not in llama_wheel.cmake_arguments()
    info.write_text("flags : avx2 avx512f amx_tile amx_int8")
    monkeypatch.setenv("CMAKE_ARGS", "-DCMAKE_C_FLAGS=-O3")
    flags = shlex.split(llama_wheel.cmake_arguments())
    assert [one for one in flags if one.startswith("-DCMAKE_C_FLAGS=")] == [
        "-DCMAKE_C_FLAGS=-mno-amx-tile -mno-amx-int8 -mno-amx-bf16",
        "-DCMAKE_C_FLAGS=-O3",
    ]


def test_a_damaged_wheel_is_not_used(tmp_path: Path) -> None:
    wheel = tmp_path / "llama_cpp_python-1-py3-none-any.whl"
    wheel.write_bytes(b"whole")
    assert llama_wheel.kept(tmp_path) is None
    (tmp_path / f"{wheel.name}.sha256").write_text(hashlib.sha256(b"whole").hexdigest())
    assert llama_wheel.kept(tmp_path) == wheel
    wheel.write_bytes(b"who")
    assert llama_wheel.kept(tmp_path) is None


def test_a_python_that_is_too_old_is_one_line() -> None:
    environment = {**os.environ, "PYTHON": shutil.which("false") or "false"}
    command = [ROOT / "setup" / "find-python"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("lrev set-up: error: cannot find Python 3.11 or later")
    assert result.stdout == ""


def test_lock_files_are_split_by_how_they_are_installed() -> None:
    text = (
        "lamp==1.0 \\\n    --hash=sha256:aa\n    # via lrev\n"
        "torch==2.0 ; sys_platform == 'linux' \\\n    --hash=sha256:bb\n"
    )
    assert [(name, block.count("\n")) for name, block in lock.blocks(text)] == [("lamp", 3), ("torch", 2)]
    names = ("torch", "nvidia-cudnn-cu13", "triton", "cuda-toolkit", "llama-cpp-python", "tritonclient", "numpy")
    assert [lock.file_of(name).removeprefix("lock") for name in names] == [
        "-torch.txt",
        "-cuda.txt",
        "-cuda.txt",
        "-cuda.txt",
        "-llama.txt",
        ".txt",
        ".txt",
    ]


def test_hashes_of_another_torch_stop_the_lock() -> None:
    with pytest.raises(SystemExit, match=r"torch '9\.9\.9'"):
        lock.cpu_build("torch==9.9.9 \\\n    --hash=sha256:bb\n")


def test_demo_measures_a_step_and_passes_its_exit_code_on() -> None:
    """The allocation shows in the peak of the child, not in ours."""
    program = "x = bytearray(300_000_000); raise SystemExit(3)"
    outcome = demo.run(demo.Step("a step", (sys.executable, "-c", program)))
    assert outcome.exit_code == 3
    assert outcome.peak_bytes > 300 * demo.MB


def test_demo_reviews_every_example() -> None:
    reviewed = {Path(step.command[-1]).name for step in demo.STEPS if "review" in step.command}
    assert reviewed == {path.name for path in (ROOT / "examples" / "series").iterdir() if path.suffix != ".json"}
