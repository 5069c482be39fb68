"""A qualification as a table, with what its figures mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrev.evaluate.intervals import Interval, share
from lrev.evaluate.qualify.facts import CHANCE
from lrev.evaluate.qualify.pairs import apart
from lrev.evaluate.qualify.qualify import Speed
from lrev.evaluate.qualify.speed import SIDE_BY_SIDE
from lrev.manifest import Tier
from lrev.qualification import Qualification, Share

_MEANING = {
    Tier.TEST: "its answers count for nothing",
    Tier.SMALL: "narrow questions only",
    Tier.MEDIUM: "narrow questions, and open ones",
    Tier.LARGE: "narrow questions, and open ones",
}


def table(found: Qualification, speed: Speed) -> list[str]:
    """Lines for a terminal, at most 100 columns wide where no template differs."""
    return [
        f"{found.model}: tier {found.tier.value}, {_MEANING[found.tier]}",
        f"qualification {found.id}, sha256 {found.measured_with.model_sha256[:12]}, {found.measured_with.engine}",
        "",
        *_context(found),
        *_spoken(found),
        "",
        *_facts(found),
        "",
        *_forms(found),
        "",
        *_twins(found),
        "",
        *_speed(speed),
    ]


def _context(found: Qualification) -> Iterator[str]:
    trained = str(found.trained_tokens) if found.trained_tokens else "not stated"
    planned = found.measured_with.planned_tokens
    stated = f"trained {trained}, models.toml {found.stated_tokens}"
    yield f"context         {stated}, planned {planned}, usable {found.usable_tokens}"


def _spoken(found: Qualification) -> Iterator[str]:
    spoken = found.spoken
    ends = f"a finished answer ends with p = {spoken.ends:.2f}"
    yield f"prompt format   {spoken.prompt_format}, {spoken.template}; {ends}"
    yield from (f"                {problem}" for problem in spoken.problems)


def _facts(found: Qualification) -> Iterator[str]:
    depths = sorted({one.depth_percent for one in found.facts})
    yield f"facts found at depth (chance {CHANCE:.2f})" + "".join(f"{depth:>7}%" for depth in depths) + "     all"
    for tokens in sorted({one.tokens for one in found.facts}):
        at = {one.depth_percent: one.share for one in found.facts if one.tokens == tokens}
        right, asked = sum(one.right for one in at.values()), sum(one.asked for one in at.values())
        cells = "".join(f"{at[depth].right:>5}/{at[depth].asked:<2}" for depth in depths)
        yield f"  {tokens:>6} tokens                    {cells}   {right:>3}/{asked}"


def _forms(found: Qualification) -> Iterator[str]:
    yield f"answers under a schema, whole and valid    {_with_interval(found.forms_kept)}"
    short = [f"{one.form} {one.share}" for one in found.forms if one.share.right < one.share.asked]
    if short:
        yield f"  short: {', '.join(short)}"


def _twins(found: Qualification) -> Iterator[str]:
    measured = apart(found.twins)
    families = list(dict.fromkeys(one.family for one in found.twins))
    yield f"twins told apart, two statements           {_with_interval(found.in_order)}"
    yield f"  gap {_interval(measured.gap)} nats, area under the curve {measured.area:.2f}"
    yield "  " + ", ".join(f"{family} {_of_family(found, family)}" for family in families)
    yield f"twins answered openly, both right          {_with_interval(found.answered_openly)}"
    named, cleared = (sum(one.named for one in found.twins), sum(one.cleared for one in found.twins))
    yield f"  line of the faulty one named {named}, sound one cleared {cleared}, of {len(found.twins)}"


def _of_family(found: Qualification, family: str) -> Share:
    own: Sequence[bool] = [one.faulty > one.sound for one in found.twins if one.family == family]
    return Share(sum(own), len(own))


def _speed(speed: Speed) -> Iterator[str]:
    read = ", ".join(f"{rate:.0f} in a context of {tokens}" for tokens, rate in speed.read)
    yield f"tokens per second here: read {read};"
    yield f"  written {speed.written.alone:.1f} alone, {speed.written.together:.1f} with {SIDE_BY_SIDE} side by side"


def _with_interval(one: Share) -> str:
    found = share(one.right, one.asked)
    return f"{one}  {found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"


def _interval(one: Interval) -> str:
    return f"{one.mean:.2f} ({one.low:.2f} to {one.high:.2f})"
