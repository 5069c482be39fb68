"""Small digests, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace

from lrev.batch.digest import Digest, Reviewed, Run, Stage, Unread
from lrev.types import (
    Address,
    Base,
    BaseHow,
    Certainty,
    Coverage,
    Finding,
    Provenance,
    ReadState,
    Review,
    Tokens,
    TraceStep,
    Verdict,
)
from tests.unit.changes import file_diff, patch

OLD = "static int lamp_probe(void)\n{"
NEW = OLD + "\n\tp = kzalloc(8, GFP_KERNEL);\n\tp->on = true;\n\treturn 0;\n}"
PROVEN = Finding(
    path="drivers/example/lamp.c",
    function="lamp_probe",
    line=13,
    quote="\tp->on = true;",
    mechanism="unchecked allocation",
    comment="`p` is used here without a check; kzalloc() can return NULL.",
    certainty=Certainty.PROVEN,
    origin="check:example",
    trace=(TraceStep(12, "\tp = kzalloc(8, GFP_KERNEL);", "allocated here"),),
    rests_on=("kzalloc() may return NULL, mm/slab.h:7",),
)
SUSPECTED = replace(PROVEN, certainty=Certainty.SUSPECTED, origin="rule:example", trace=(), lean=0.75)
NOTED = replace(PROVEN, path="", function="", line=1, quote="Light the lamp.", certainty=Certainty.NOTED)
READ = Coverage("hunk", "drivers/example/lamp.c:@@ -10 +10 @@", ReadState.READ, "code")
UNREAD = Coverage("hunk", "lamp.dts:@@ -1 +1 @@", ReadState.NOT_READ, "code", "no check reads device tree source yet")
PROVENANCE = Provenance("0.1.0", "example-1b", "feed" * 16, "generation 1", "static", "ab" * 32, 0, 3000)
STARTED, ENDED, DEADLINE = 1709600000, 1709618400, 1709618400
RUN = Run(7, STARTED, ENDED, DEADLINE, "example-1b", "linux", "the deadline came")


def review(*findings: Finding, subject: str = "lamp: light it", coverage: tuple[Coverage, ...] = (READ,)) -> Review:
    of = replace(patch(file_diff(OLD, NEW)), subject=subject, author=Address("Ann Author", "ann@example.org"))
    base = Base(BaseHow.BLOBS, "linux", "", 1, 1, True)
    return Review(
        of, base, tuple(Verdict(one, True, "proven") for one in findings), coverage, (), PROVENANCE, Tokens(10, 5, 1)
    )


def reviewed(job: int, of: Review, *, worth: float = 1.0, fresh: bool = True, subsystem: str = "LAMPS") -> Reviewed:
    stages = (Stage("code", 2.0), Stage("model", 30.0))
    return Reviewed(job, worth, of, f"replies/{job}.txt", f"reviews/{job}.json", 40.0, stages, subsystem, fresh)


def unread(job: int, reason: str = "", subject: str = "[PATCH] lamp: dim it", worth: float = 1.0) -> Unread:
    return Unread(job, subject, "Bob Builder", f"20240305.{job}@example.org", worth, reason)


def digest(
    *jobs: Reviewed,
    failed: tuple[Unread, ...] = (),
    unreached: tuple[Unread, ...] = (),
    told_before: frozenset[str] = frozenset(),
    run: Run = RUN,
) -> Digest:
    return Digest(run, jobs, failed, unreached, Tokens(1200, 300, 40), told_before)
