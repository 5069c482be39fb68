"""How far a queue is, in words and as JSON."""

from __future__ import annotations

import json
import time

from lrev.batch.jobs import Job
from lrev.batch.standing import Standing

_MINUTE_SECONDS = 60
_HOUR_SECONDS = 3600


def standing_text(found: Standing, now: float) -> str:
    lines = [f"{found.done} done, {found.waiting} waiting, {found.stale} stale, {len(found.failed)} failed"]
    if found.is_running:
        lines += [f"now: {_job(job)}" for job in found.under_way] or ["now: a run is getting ready"]
    elif found.run is not None:
        ended = f", which ended {_clock(found.run.ended)}: {found.run.ending}" if found.run.ended else " was broken off"
        lines.append(f"last run: number {found.run.number}{ended}")
    if found.tokens_per_second:
        lines.append(f"a patch takes {duration(found.seconds_per_job)}, at {found.tokens_per_second:.0f} tokens/s")
    if (found.waiting or found.stale) and found.left_seconds is not None:
        when = f", at {_clock(now + found.left_seconds)}" if found.is_running else " of running"
        lines.append(f"all done in {duration(found.left_seconds)}{when}")
    lines += [f"failed: {_job(job)}: {job.reason}" for job in found.failed]
    return "\n".join(lines) + "\n"


def standing_json(found: Standing) -> str:
    run = found.run
    document = {
        "running": found.is_running,
        "done": found.done,
        "waiting": found.waiting,
        "stale": found.stale,
        "under_way": [{"job": job.number, "subject": job.subject} for job in found.under_way],
        "failed": [{"job": job.number, "subject": job.subject, "reason": job.reason} for job in found.failed],
        "tokens_per_second": round(found.tokens_per_second, 1),
        "seconds_per_job": round(found.seconds_per_job, 1),
        "left_seconds": None if found.left_seconds is None else round(found.left_seconds),
        "run": None
        if run is None
        else {
            "number": run.number,
            "started": run.started,
            "ended": run.ended or None,
            "deadline": run.deadline,
            "model": run.model,
            "tree": run.tree,
            "ending": run.ending,
        },
    }
    return json.dumps(document, indent=2) + "\n"


def duration(seconds: float) -> str:
    if seconds < _MINUTE_SECONDS:
        return f"{seconds:.0f} s"
    minutes = round(seconds / _MINUTE_SECONDS)
    return f"{minutes} min" if seconds < _HOUR_SECONDS else f"{minutes // 60} h {minutes % 60:02d} min"


def _job(job: Job) -> str:
    return f"{job.number} '{job.subject}'"


def _clock(seconds: float) -> str:
    """The day only where it is another one."""
    moment = time.localtime(seconds)
    form = "%H:%M" if moment[:3] == time.localtime()[:3] else "%Y-%m-%d %H:%M"
    return time.strftime(form, moment)
