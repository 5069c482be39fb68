"""Figures of a queue as SVG inside a page: the same bytes for the same digest, no style of its own.

matplotlib writes a document with inline styles and fixed colours; `_for_a_page` makes of it an element that the page's
style sheet colours, light or dark, and that stands under a policy without inline styles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from lrev.batch.digest import Reviewed
from lrev.batch.morning.spent import SubsystemFindings, stage_names, stage_seconds
from lrev.batch.morning.wording import one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# What a screen reader says in place of a figure; the page has the figures as a table beside it.
SUBSYSTEM_LABEL = "Bars of findings by subsystem, as in the table that follows"
TIME_LABEL = "Time of each job by stage, the slowest first; the slowest are in the table that follows"
# Bars that can be read one below the other; the others are one bar more.
MOST_SUBSYSTEMS = 12
_LABEL_CHARACTERS = 32
_WIDTH_INCHES = 7.0
_BAR_INCHES = 0.26
_AROUND_INCHES = 0.9  # axis, its label and the legend
_TIME_INCHES = 3.0
# About one a pixel and a half at that width; of more jobs the slowest of each few is drawn.
_MOST_STEPS = 300
# Hundredths of a point are below what a screen shows, and half of the bytes.
_SMALLER_DIGITS = re.compile(r"(\.\d\d)\d+")

_MINUTE_SECONDS = 60.0
# Told apart also without colour vision, on white and on near black (after Okabe and Ito, "Color Universal Design").
_PROVEN, _SUSPECTED = "#d55e00", "#e69f00"
_STAGES = ("#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#8a8a8a")
_INK = "#000000"
# Presentation attributes of SVG; `font-family` is the page's.
_KEPT_STYLES = frozenset({"fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"}) | {
    "font-size",
    "text-anchor",
    "opacity",
}


def subsystem_plot(rows: Sequence[SubsystemFindings]) -> str:
    """Findings by subsystem, proven and suspected, the most on top; "" without any."""
    if not rows:
        return ""
    shown = list(rows[:MOST_SUBSYSTEMS])
    rest = rows[MOST_SUBSYSTEMS:]
    if rest:
        name = f"{len(rest)} others"
        shown.append(SubsystemFindings(name, sum(row.proven for row in rest), sum(row.suspected for row in rest)))
    figure, axes = _drawing(_AROUND_INCHES + _BAR_INCHES * len(shown))
    places = list(range(len(shown)))
    proven = [row.proven for row in shown]
    axes.barh(places, proven, color=_PROVEN, label="proven")
    axes.barh(places, [row.suspected for row in shown], left=proven, color=_SUSPECTED, label="suspected")
    axes.set_yticks(places, [_label(row.name) for row in shown], parse_math=False)
    axes.invert_yaxis()
    axes.set_xlabel("findings")
    _whole_numbers(axes)
    axes.grid(axis="x", alpha=0.3)
    return _written(figure, axes, SUBSYSTEM_LABEL)


def time_plot(jobs: Sequence[Reviewed]) -> str:
    """Time per job by stage, one outline a stage; `jobs` come with the slowest first. "" without jobs."""
    if not jobs:
        return ""
    each = -(-len(jobs) // _MOST_STEPS)
    drawn = jobs[::each]
    figure, axes = _drawing(_TIME_INCHES)
    unit, divisor = ("minutes", _MINUTE_SECONDS) if jobs[0].seconds > 2 * _MINUTE_SECONDS else ("seconds", 1.0)
    names = [name for name in stage_names(jobs) if any(stage_seconds(job, name) for job in drawn)]
    edges = [*range(0, len(jobs), each), len(jobs)]
    base = [0.0] * len(edges)
    for place, name in enumerate(names):
        heights = [stage_seconds(job, name) / divisor for job in drawn]
        # A step ends at the edge of the next one, so the last height stands twice.
        top = [below + height for below, height in zip(base, [*heights, heights[-1]], strict=True)]
        axes.fill_between(edges, base, top, step="post", color=_STAGES[place % len(_STAGES)], linewidth=0, label=name)
        base = top
    axes.set_xlim(0, len(jobs))
    axes.set_ylim(bottom=0)
    axes.set_xlabel("jobs, the slowest first" + (f"; a step is the slowest of {each}" if each > 1 else ""))
    axes.set_ylabel(unit)
    _whole_numbers(axes)
    axes.grid(axis="y", alpha=0.3)
    return _written(figure, axes, TIME_LABEL)


def _drawing(height_inches: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH_INCHES, height_inches), layout="constrained", facecolor="none")
    axes = figure.subplots()
    axes.set_facecolor("none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    return figure, axes


def _whole_numbers(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _label(name: str) -> str:
    """In ASCII: widths are measured in a font that lacks most scripts, and matplotlib warns of each such letter."""
    return one_line(name, _LABEL_CHARACTERS).encode("ascii", "backslashreplace").decode("ascii")


def _written(figure: Figure, axes: Axes, label: str) -> str:
    """Ids from a salt of the figure's own, for two of them stand in one page; no date."""
    import matplotlib as mpl

    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best", frameon=False)
    written = StringIO()
    with mpl.rc_context({"svg.hashsalt": f"lrev {label}", "svg.fonttype": "none"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return _for_a_page(written.getvalue(), label)


def _for_a_page(document: str, label: str) -> str:
    """The root element alone: styles as attributes that a style sheet may override, black as the page's ink."""
    root = ElementTree.fromstring(document)  # noqa: S314 - matplotlib wrote it a moment ago
    used = {value.removeprefix("#") for one in root.iter() for name, value in one.items() if name.endswith("href")}
    used |= {value[5:-1] for one in root.iter() for value in one.attrib.values() if value.startswith("url(#")}
    for parent in root.iter():
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("metadata", "style"):
                parent.remove(child)
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]
        one.attrib = dict(_attributes(one, used))
    root.attrib = {"viewBox": root.attrib["viewBox"], "fill": "currentColor", "stroke-linejoin": "round"}
    root.attrib |= {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


def _attributes(one: ElementTree.Element, used: set[str]) -> list[tuple[str, str]]:
    """Ids only where something refers to them: both figures call their parts by the same names."""
    pairs = []
    for name, value in one.items():
        if name == "style":
            styles = (part.split(":", 1) for part in value.split(";") if ":" in part)
            pairs += [(key.strip(), _ink(text.strip())) for key, text in styles if key.strip() in _KEPT_STYLES]
        elif name != "id" or value in used:
            pairs.append((name.rpartition("}")[2], _SMALLER_DIGITS.sub(r"\1", value) if name == "d" else _ink(value)))
    return pairs


def _ink(value: str) -> str:
    return "currentColor" if value == _INK else value
