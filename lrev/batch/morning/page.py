"""The morning page: a digest as one HTML file that loads nothing, runs nothing and depends on the digest alone.

Every expression of the templates is escaped, control characters and bidirectional overrides included (lrev.log.escape),
but the three that the templates call safe: the style sheet, and figures in which matplotlib has escaped the labels.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

from lrev.batch.digest import Digest
from lrev.batch.morning import plots, sentences, spent
from lrev.batch.morning.contents import MOST_PROVEN, Morning, morning_of, provenances
from lrev.batch.morning.excerpt import excerpt
from lrev.batch.morning.extent import base_in_words, begun, extent_of, totals
from lrev.batch.morning.wording import clipped, counted, duration, one_line, when
from lrev.log import escape

if TYPE_CHECKING:
    from jinja2 import Environment

# What a page of hundreds of jobs may hold and still open at once; what is beyond is counted and stands in the files
# beside it.
LIMITS = {
    "most_proven": MOST_PROVEN,
    "most_failed": 5,  # above the findings, on the first screen
    "most_rows": 1000,  # of a table, one job each
    "most_folded": 200,  # patches or findings below a fold, with code
    "most_remarks": 20,  # of one patch
    "most_steps": 20,  # of one trace
    "most_slow": 20,
}
_LINE_CHARACTERS = 200
_REASON_CHARACTERS = 400
_PARAGRAPH_CHARACTERS = 2000
_CODE_CHARACTERS = 300


def page(digest: Digest) -> str:
    """UTF-8 can hold all of it. Links are those of the digest, relative to where the page is written."""
    environment = _environment()
    style = environment.get_template("morning.css").render()
    return environment.get_template("morning.html.jinja").render(_shown(digest, morning_of(digest), style)) + "\n"


def _shown(digest: Digest, morning: Morning, style: str) -> dict[str, object]:
    extents = [(job, extent_of(job.review)) for job in morning.reviewed]
    counts = totals(extent for _, extent in extents)
    slowest, subsystems = spent.slowest(morning.reviewed), spent.findings_by_subsystem(morning)
    return {
        "run": digest.run,
        "ran": sentences.ran(digest.run),
        "tokens": digest.tokens,
        "morning": morning,
        "unreadable": sum(not begun(extent.counts) for _, extent in extents),
        "suspected_count": sum(len(one.remarks) for one in morning.suspected),
        "noted_count": sum(len(one.remarks) for one in morning.noted),
        "nothing_proven": sentences.nothing("proven", morning, counts),
        "nothing_suspected": sentences.nothing("suspected", morning, counts),
        "changed": sentences.changed(morning),
        "changes": (("Reviewed in this run", morning.fresh), ("Reviewed before", morning.older)),
        "drafts": sentences.DRAFTS,
        "extents": extents,
        "totals": counts,
        "stages": spent.stage_times(morning.reviewed) if morning.reviewed else (),
        "subsystems": subsystems,
        "slowest": slowest,
        "provenances": provenances(morning.reviewed),
        "style": style,
        "style_hash": _hash_source(style),
        "subsystem_plot": plots.subsystem_plot(subsystems),
        "time_plot": plots.time_plot(slowest),
    }


def _hash_source(style: str) -> str:
    """The one style sheet that the page's policy allows, by its hash (Content Security Policy Level 3, 2.3.1)."""
    return "sha256-" + b64encode(hashlib.sha256(style.encode()).digest()).decode()


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("lrev.batch.morning"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {**LIMITS, "beyond": _beyond}
    environment.filters |= {
        "line": lambda text: one_line(text, _LINE_CHARACTERS),
        "reason": lambda text: one_line(text, _REASON_CHARACTERS),
        "paragraph": lambda text: one_line(text, _PARAGRAPH_CHARACTERS),
        "code_line": lambda text: clipped(escape(text).replace("\n", "\\x0a"), _CODE_CHARACTERS),
        "href": _href,
        "when": when,
        "duration": duration,
        "counted": counted,
        "worth": lambda worth: f"{worth:.3g}",
        "excerpt": excerpt,
        "said": sentences.said_of,
        "base": base_in_words,
    }
    return environment


def _visible(value: object) -> object:
    """What a template prints, made safe to look at; jinja escapes it for HTML afterwards."""
    return escape(value) if type(value) is str else value


def _href(path: str) -> str:
    """A file beside the page: no scheme, no other host, no odd character is left to a browser to judge."""
    return "./" + quote(path.lstrip("/"), safe="/", errors="backslashreplace")


def _beyond(count: int) -> str:
    most = LIMITS["most_rows"]
    return f"{count - most:,} more, of less worth, are not on this page." if count > most else ""
