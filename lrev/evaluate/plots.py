"""Measurements as pictures: SVG, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from lrev.evaluate.recall import Recall
from lrev.evaluate.retrieval import OURS

_INCHES = (7.0, 4.5)


def recall_plot(recalls: Sequence[Recall]) -> str:
    """Recall against budget, a line a method with its 95% interval, lrev's the thickest."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # Ids from a fixed salt and no date: the picture is compared and committed.
    mpl.rcParams.update({"svg.hashsalt": "lrev", "svg.fonttype": "none"})
    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.subplots()
    for method in dict.fromkeys(one.method for one in recalls):
        row = [one for one in recalls if one.method == method]
        tokens = [one.budget_tokens for one in row]
        (line,) = axes.plot(
            tokens, [one.mean.mean for one in row], marker="o", linewidth=2.5 if method == OURS else 1.2
        )
        line.set_label(method)
        lows, highs = [one.mean.low for one in row], [one.mean.high for one in row]
        axes.fill_between(tokens, lows, highs, alpha=0.12, color=line.get_color())
    axes.set_xscale("log", base=2)
    axes.set_xticks(tokens, [f"{one:,}" for one in tokens])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.set_xlabel("tokens of context")
    axes.set_ylabel("share of the names that reviewers used")
    axes.grid(alpha=0.3)
    axes.legend()
    written = StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return written.getvalue()
