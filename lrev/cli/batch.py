"""lrev batch: patches into a queue, reviews over night, a page in the morning."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lrev.batch import files, machine, runs
from lrev.batch.deadline import Deadline, parse_until
from lrev.batch.digest import marks_of
from lrev.batch.digesting import digest_of
from lrev.batch.gather import gather
from lrev.batch.jobs import State
from lrev.batch.morning.letter import letter
from lrev.batch.morning.page import page
from lrev.batch.morning.wording import counted
from lrev.batch.opening import open_batch
from lrev.batch.query import is_query_word, parse_query
from lrev.batch.queue import open_queue
from lrev.batch.runner import Runner
from lrev.batch.standing import standing
from lrev.batch.terms import Terms
from lrev.cli.batch_progress import listener
from lrev.cli.batch_status import standing_json, standing_text
from lrev.cli.output import write_out
from lrev.cli.review import ConfigOption, IndexOption, TreeOption
from lrev.errors import Exit, MachineError, UsageError
from lrev.log import talk
from lrev.paths import home
from lrev.seal import seal
from lrev.settings import load_settings
from lrev.source.git import Repository

app = typer.Typer(help="Review many patches unattended, the most promising first.", no_args_is_help=True)
QueueOption = Annotated[
    Path | None, typer.Option("--queue", metavar="DIR", help="The queue; default batch/ of LREV_HOME.")
]


@app.command("add")
def add(
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Patches, mbox, Maildir, public-inbox, a directory, - or A..B; and since: until: list: subject: from: "
            "words that choose among them.",
        ),
    ],
    tree: Annotated[
        Path | None, typer.Option("--tree", metavar="DIR", help="The git repository of a commit or a range.")
    ] = None,
    queue: QueueOption = None,
) -> None:
    """Put patches into the queue; needs neither an index nor a model, and what was added may vanish afterwards.

    What is there already is not added again.
    """
    seal()
    words = [one for one in inputs if is_query_word(one) and not Path(one).exists()]
    sources = [one for one in inputs if one not in words]
    if not sources:
        raise UsageError("no INPUT", "name patches or an archive of mail; a query only chooses among them")
    query = parse_query(words, time.time()) if words else None
    repository = Repository.open(tree) if tree is not None else None
    with open_queue(_directory(queue)) as opened:
        files.require_room(opened.directory)
        for source in sources:
            found = gather(source, query, repository)
            for note in (f"{one.patches[0].subject}: {note}" for one in found for note in one.notes):
                talk(f"lrev: {note}")
            patches = sum(len(one.patches) for one in found)
            new = sum(opened.add(one) for one in found)
            known = f", {patches - new} were there already" if patches > new else ""
            talk(f"lrev: {source}: {new} of {patches} patches added{known}")


@app.command("run")
def run(
    queue: QueueOption = None,
    tree: TreeOption = None,
    index: IndexOption = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="A generator of models.toml; see lrev models list.")
    ] = None,
    no_model: Annotated[bool, typer.Option("--no-model", help="Report only what code can prove.")] = False,
    until: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="Begin no job that would not be done by then.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Models that work side by side and share the cores.")] = 1,
    max_load: Annotated[
        float | None, typer.Option(metavar="LOAD", help="Wait while others load the machine more; default its cores.")
    ] = None,
    on_battery: Annotated[bool, typer.Option("--on-battery", help="Go on while the machine runs on battery.")] = False,
    no_nice: Annotated[bool, typer.Option("--no-nice", help="Keep the priority of processor and disk.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Progress on stderr as one JSON object a line.")] = False,
    config: ConfigOption = None,
) -> None:
    """Review what waits, the most promising first, until the queue is empty or the time is over."""
    seal()
    deadline = Deadline(parse_until(until, time.time()) if until is not None else None, time.time)
    settings = load_settings(config, index=index)
    if not on_battery and machine.is_on_battery():
        raise MachineError("the machine runs on battery", "plug it in, or pass --on-battery")
    if not no_nice:
        machine.step_back()
    directory = _directory(queue)
    with ExitStack() as stack:
        stack.enter_context(files.run_lock(directory))
        opened = stack.enter_context(open_queue(directory))
        files.remove_unfinished(directory)
        stopped = stack.enter_context(_told_to_stop())
        chosen = None if no_model else model or settings.model
        work = open_batch(stack, settings, opened, tree=tree, model=chosen, jobs=jobs)
        for doubt in work.doubts:
            talk(f"lrev: {doubt}")
        limit = max_load if max_load is not None else float(machine.cores())
        terms = Terms(
            deadline,
            settings.subsystem_weights,
            is_stopped=stopped.is_set,
            is_on_battery=lambda: not on_battery and machine.is_on_battery(),
            is_busy=lambda: machine.load_of_others(work.threads) > limit,
        )
        tell = stack.enter_context(listener(as_json=log_json))
        outcome = Runner(opened, work.desk, work.lanes, terms, tell).run()
    if outcome.failed or outcome.unreached:
        raise typer.Exit(Exit.INCOMPLETE)


@app.command("status")
def status(
    queue: QueueOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Print how many jobs wait, are done and have failed, what is under way, and when it will be finished."""
    seal()
    with open_queue(_directory(queue)) as opened:
        found = standing(opened)
    write_out(standing_json(found) if as_json else standing_text(found, time.time()))


@app.command("stop")
def stop(queue: QueueOption = None) -> None:
    """Ask the run that is on to finish what it has begun and to end."""
    seal()
    directory = _directory(queue)
    if not files.is_running(directory):
        talk(f"lrev: no run is on in queue '{directory}'")
        return
    with open_queue(directory) as opened:
        runs.ask_to_stop(opened)
    talk("lrev: it ends once the patch that the model reads is done")


@app.command("retry")
def retry(
    jobs: Annotated[list[int] | None, typer.Argument(metavar="[JOB]...", help="Default all that failed.")] = None,
    queue: QueueOption = None,
) -> None:
    """Let failed jobs wait for the next run."""
    seal()
    with open_queue(_directory(queue)) as opened:
        waiting = opened.retry(jobs or [])
    talk(f"lrev: {counted(waiting, 'job waits', 'jobs wait')} again")


@app.command("clear")
def clear(
    queue: QueueOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that wait or have failed.")] = False,
) -> None:
    """Forget finished jobs and remove their files, so that the same patches can be added and read again."""
    seal()
    directory = _directory(queue)
    with files.run_lock(directory), open_queue(directory) as opened:
        names = {one.job: one.name for one in opened.finished()}
        gone = [job for job in opened.jobs() if everything or job.state is State.DONE]
        opened.remove([job.number for job in gone])
        for job in gone:
            files.remove_both(directory, names.get(job.number, job.name))
    talk(f"lrev: {counted(len(gone), 'job')} forgotten")


@app.command("report")
def report(
    queue: QueueOption = None,
    text: Annotated[bool, typer.Option("--text", help="Print it as text for mail instead of writing a page.")] = False,
) -> None:
    """Write the page of the last run into the queue's directory, and print its path.

    Every drafted reply and every review is a file beside it. What the page of an earlier run had is not new in it.
    """
    seal()
    with open_queue(_directory(queue)) as opened:
        digest = digest_of(opened)
        if digest is None:
            raise UsageError("no run has been made yet", "lrev batch run makes one")
        if text:
            write_out(letter(digest))
            return
        path = files.page_path(opened.directory, digest.run.number)
        files.write(path, page(digest))
        runs.remember_told(opened, marks_of(digest), digest.run.number)
    write_out(f"{path}\n")


def _directory(given: Path | None) -> Path:
    return given if given is not None else home() / "batch"


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Set by SIGTERM, which is how systemd ends a service: what was begun is finished."""
    stopped = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGTERM, before)
