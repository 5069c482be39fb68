"""Fits the weights of lrev/retrieve/needed.py on patches that people reviewed.

    python -m bench.needed --index INDEX --mail ARCHIVE [--mail ARCHIVE]... [--since YYYY-MM-DD] [--limit N]

Each name that is looked up for a patch is a row: how near it was found by origin, and what it says; the label is
whether a reviewer used it. Logistic regression with a small ridge, by Newton's method. Prints the weights, and for
each of five folds by patch what the weights of the other four make of it: the share of needed names among the best.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy

from lrev.cli.days import seconds_of
from lrev.evaluate.known_names import KnownNames
from lrev.evaluate.mailbox import ArchivedMail, Period
from lrev.evaluate.naming import NameKind
from lrev.evaluate.retrieval import Material
from lrev.evaluate.reviewed_patches import ReviewedPatch, Selection
from lrev.manifest import load_manifest
from lrev.retrieve.candidate import Origin
from lrev.retrieve.needed import FEATURES, Change, features, sightings
from lrev.retrieve.pack import mailed, new_lines
from lrev.settings import Settings
from lrev.wiring.contexts import open_laid_over

_FOLDS = 5
_BEST = 100
_RIDGE = 3.0
_STEPS = 25
_ORIGINS = tuple(Origin)
_COLUMNS = (*_ORIGINS, *FEATURES, "constant")


@dataclass(frozen=True, slots=True)
class Rows:
    """Of one patch: float64, shape (names, columns), and which of them were needed."""

    values: numpy.ndarray
    needed: numpy.ndarray


def rows_of(material: Material, one: ReviewedPatch) -> Rows | None:
    """None where nothing that was needed was found."""
    candidates = material.candidates(one)
    change = Change(mailed(one.patch), new_lines(one.patch))
    wanted = {name.text for name in one.names if name.kind in (NameKind.SYMBOL, NameKind.CALLED, NameKind.CONFIG)}
    found = sightings(candidates, change)
    needed = numpy.array([name in wanted for name in found], dtype=bool)
    if not needed.any():
        return None
    values = [
        (*(seen.near.get(origin, 0.0) for origin in _ORIGINS), *features(name, seen, change), 1.0)
        for name, seen in found.items()
    ]
    return Rows(numpy.array(values), needed)


def fitted(rows: Sequence[Rows]) -> numpy.ndarray:
    """float64, shape (columns,)"""
    values = numpy.concatenate([one.values for one in rows])
    needed = numpy.concatenate([one.needed for one in rows]).astype(float)
    ridge = numpy.full(values.shape[1], _RIDGE)
    ridge[-1] = 0
    weights = numpy.zeros(values.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + numpy.exp(-values @ weights))
        slope = values.T @ (likely - needed) + ridge * weights
        curve = (values * (likely * (1 - likely))[:, None]).T @ values + numpy.diag(ridge + 1e-9)
        weights = weights - numpy.linalg.solve(curve, slope)
    return weights


def share_of_best(rows: Sequence[Rows], weights: numpy.ndarray) -> float:
    """The mean over patches of the share of needed names among the best."""
    shares = []
    for one in rows:
        best = numpy.argsort(-(one.values @ weights), kind="stable")[:_BEST]
        shares.append(one.needed[best].sum() / one.needed.sum())
    return float(numpy.mean(shares))


def measured(arguments: argparse.Namespace) -> Iterator[Rows]:
    with ExitStack() as stack:
        opened = open_laid_over(stack, Settings(index=arguments.index), load_manifest(), None)
        index, base = opened.index, opened.base
        mailbox = ArchivedMail.of(arguments.mail)
        period = Period(seconds_of(arguments.since), 2**62)
        selection = Selection(mailbox, base.tree, KnownNames(index, base.names[0]), period, arguments.limit)
        material = Material(index, opened.embedder, base.tree, mailbox, len)
        for one in selection.taken():
            rows = rows_of(material, one)
            if rows is not None:
                yield rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--mail", type=Path, action="append", required=True)
    parser.add_argument("--since", default="2022-12-11")
    parser.add_argument("--limit", type=int, default=0)
    rows = list(measured(parser.parse_args()))
    print(f"{len(rows)} patches, {sum(len(one.needed) for one in rows)} names found")
    weights = fitted(rows)
    for name, weight in zip(_COLUMNS, weights, strict=True):
        print(f"{name:<12}{weight:>8.2f}")
    for fold in range(_FOLDS):
        others = [one for at, one in enumerate(rows) if at % _FOLDS != fold]
        own = [one for at, one in enumerate(rows) if at % _FOLDS == fold]
        print(f"fold {fold}: {share_of_best(own, fitted(others)):.3f} of the needed among the best {_BEST}")


if __name__ == "__main__":
    main()
